// The bytes of a recording to columns: an event is a row of plain numbers, so a million of them stay small and quick.
// The format is told in mini_tokio/src/recording/mod.rs; the page is given whole and checked recordings only.
"use strict";

const SPAWNED = 1, NAMED = 2, WOKEN = 3, PUSHED = 4, MOVED = 5, OVERFLOWED = 6, TOOK_SHARE = 7, STOLE = 8,
  POLL_START = 9, POLL_END = 10, DEFERRED = 11, POLLED_DRIVERS = 12, PARKED = 13, CALLED = 14, UNPARKED = 15,
  TIMER_ARMED = 16, TIMER_FIRED = 17, TIMER_DROPPED = 18, IO_READY = 19, CLOCK_ADVANCED = 20, ABORTED = 21,
  CANCELLED = 22, BLOCKING_JOB = 23, BLOCKING_START = 24, BLOCKING_END = 25, RETIRED = 26, SHUTDOWN_BEGAN = 27;

/// Which columns the numbers of a kind go to, in the order of the file: t task, as `heard` tells; n new task, as the way from
/// the next one; p task whose poll begins; e task whose poll ends; c task that caused it (x), C the task of a timer; k tick, as the
/// way from the next (z), four times, and where the task was found (y), of which 3 is a theft, whose victim follows; s eight times the place (y), and one more if no task caused it (a push that is told along is, in order, a record of its own); o worker, 0 for the lane's own (x); x y z numbers,
/// of which those of PUSHED and MOVED are queues, and that of MOVED where from twice, and one more if it is to the global one.
const FIELDS = {
  [SPAWNED]: "nsc", [NAMED]: "t", [WOKEN]: "tc", [PUSHED]: "tx", [MOVED]: "txy", [OVERFLOWED]: "yo", [TOOK_SHARE]: "yo",
  [STOLE]: "zyo", [POLL_START]: "pkyo", [POLL_END]: "yeo", [DEFERRED]: "to", [POLLED_DRIVERS]: "o", [PARKED]: "o",
  [CALLED]: "o", [UNPARKED]: "o", [TIMER_ARMED]: "xzC", [TIMER_FIRED]: "xz", [TIMER_DROPPED]: "x", [IO_READY]: "yo",
  [CLOCK_ADVANCED]: "yz", [ABORTED]: "tc", [CANCELLED]: "tx", [BLOCKING_JOB]: "nsc", [BLOCKING_START]: "t",
  [BLOCKING_END]: "ty", [RETIRED]: "o", [SHUTDOWN_BEGAN]: "y",
};
/// Where a task was found: LIFO slot 0, local queue 1 in the columns, the other way round in the file, where it is mostly 0.
const SOURCE = [1, 0];
const TEXT_RECORD = 28, SITE_RECORD = 29, UNSURE_RECORD = 31, LONG_TIME = 65535;

class Bytes {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  u8() { return this.bytes[this.at++]; }
  u16() { return this.u8() + this.u8() * 256; }
  u32() { return this.u16() + this.u16() * 65536; }
  number() {
    let value = 0, scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }
  text() {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

/// A task by its index: ids may be large and sparse. Index 0 is nobody.
class Tasks {
  constructor() { this.index = new Map(); this.ids = [0]; this.names = [null]; this.first = [-1]; this.sites = [-1]; this.by = [0]; }
  of(id) {
    if (id === 0) return 0;
    let index = this.index.get(id);
    if (index === undefined) {
      index = this.ids.length;
      this.index.set(id, index);
      this.ids.push(id); this.names.push(null); this.first.push(-1); this.sites.push(-1); this.by.push(0);
    }
    return index;
  }
}

function decode(bytes, count) {
  const from = new Bytes(bytes);
  from.at = 16;
  const process = from.number(), workers = from.number(), started = from.number(), name = from.text();
  const column = (type) => new type(count);
  const r = {
    n: 0, end: 0, workers, name, process, started, sites: [], tasks: new Tasks(), timerTask: new Map(),
    kind: column(Uint8Array), lane: column(Int16Array), at: column(Float64Array), unsure: column(Float64Array), task: column(Uint32Array),
    x: column(Uint32Array), y: column(Uint32Array), z: column(Float64Array),
  };
  const lanes = Array.from({ length: workers + 1 }, () => (
    { time: 0, unsure: 0, sites: [], text: [], running: 0, mentioned: 0, before: 0, newest: 0, tick: 0 }
  ));
  const reader = { lane: 0, lanes };
  while (from.at < bytes.length) {
    from.at += 4;
    const end = from.u32() + from.at + 12;
    from.at += 12;
    if (from.number() + from.number() !== 0) throw new Error("the page is given events in order");
    while (from.at < end) {
      reader.lane = from.number();
      const stop = from.number() + from.at;
      while (from.at < stop) record(r, from, reader);
    }
  }
  return r;
}

/// Where a way leads: 0, 1, 2, 3, ... are 0, -1, 1, -2, ...
function go(from, way) { return from + (way % 2 ? -(way + 1) / 2 : way / 2); }

/// The task that `number` refers to: 0 is the one mentioned last, an odd number a way from the one before it, an even one from the
/// last.
function heard(told, number) {
  if (number === 0) return told.mentioned;
  return number % 2 ? go(told.before, (number - 1) / 2) : go(told.mentioned, number / 2 - 1);
}

/// From here on `task` is the one mentioned last.
function mention(told, task) {
  if (task !== told.mentioned) [told.before, told.mentioned] = [told.mentioned, task];
  return task;
}

/// A queue as the columns hold it: 0 is the global one, then come LIFO slot and local queue of each worker in turn.
function queue(told, lane) {
  if (told === 2) return 0;
  if (told < 2) return 2 * lane - told; // of the lane's own worker, which is lane - 1
  return told % 2 ? told - 1 : told - 3;
}

function record(r, from, reader) {
  const head = from.u8(), kind = head & 31, told = reader.lanes[reader.lane];
  if (head & 32) {
    const time = from.u16();
    told.time += time === LONG_TIME ? from.number() : time;
  }
  const numbers = [], count = head >> 6 === 3 ? 4 : head >> 6;
  for (let n = 0; n < count; n++) numbers.push(from.number());
  if (kind === TEXT_RECORD) {
    told.text.push(...from.bytes.subarray(from.at, from.at + numbers[0]));
    from.at += numbers[0];
    return;
  }
  const text = () => new TextDecoder().decode(new Uint8Array(told.text.splice(0)));
  if (kind === SITE_RECORD) {
    told.sites.push(r.sites.length);
    r.sites.push(`${text()}:${numbers[0]}:${numbers[1] || 0}`);
    return;
  }
  if (kind === UNSURE_RECORD) {
    told.unsure = numbers[0] || 0;
    return;
  }
  const i = r.n++, tasks = r.tasks;
  r.kind[i] = kind;
  r.lane[i] = reader.lane - 1;
  r.at[i] = told.time;
  r.unsure[i] = told.unsure;
  r.end = Math.max(r.end, told.time);
  [...FIELDS[kind]].forEach((field, n) => {
    const number = numbers[n] || 0;
    if (field === "t" || field === "p") r.task[i] = tasks.of(mention(told, heard(told, number)));
    if (field === "n") r.task[i] = tasks.of(mention(told, told.newest = go(told.newest + 1, number)));
    if (field === "p") told.running = told.mentioned;
    if (field === "e") r.task[i] = tasks.of(mention(told, go(told.running, number)));
    else if (field === "c" && kind !== WOKEN && kind !== ABORTED && numbers[n - 1] % 2) r.x[i] = 0;
    else if (field === "c" || field === "C") {
      const cause = number === 0 ? told.running : number === 1 ? 0 : go(told.running, number - 1);
      r[field === "c" ? "x" : "task"][i] = tasks.of(cause);
    } else if (field === "k") r.z[i] = told.tick = go((told.tick + 1) % 4294967296, Math.floor(number / 4));
    else if (field === "s") r.y[i] = told.sites[Math.floor(number / 8)];
    else if (field === "o") r.x[i] = number ? number - 1 : r.lane[i];
    else if (kind === PUSHED && field === "x") r.x[i] = queue(number, reader.lane);
    else if (kind === MOVED && field === "x") r.x[i] = queue(Math.floor(number / 2), reader.lane);
    else if (kind === MOVED && field === "y") r.y[i] = queue(numbers[1] % 2 ? 2 : number, reader.lane);
    else if (field === "x" || field === "y" || field === "z") r[field][i] = number;
  });
  if (kind === POLL_START) r.y[i] = SOURCE[(numbers[1] || 0) % 4] ?? numbers[1] % 4 + r.y[i];
  if (kind === NAMED) tasks.names[r.task[i]] = text();
  if (kind === SPAWNED || kind === BLOCKING_JOB) {
    const task = r.task[i];
    tasks.first[task] = i; tasks.sites[task] = r.y[i]; tasks.by[task] = r.x[i];
  }
  if (kind === TIMER_ARMED) r.timerTask.set(r.x[i], r.task[i]);
  if (kind === TIMER_FIRED || kind === TIMER_DROPPED) r.task[i] = r.timerTask.get(r.x[i]) || 0;
}

/// What belongs together: a poll's start and its end, a wake (or spawn) and the poll that follows, a park and the unpark;
/// and the events of each task and each lane.
function index(r) {
  const { n, kind, lane, task, x, tasks, workers } = r, none = n;
  r.link = new Uint32Array(n).fill(none);
  const open = new Map(), asleep = new Array(workers).fill(-1), woken = new Uint32Array(tasks.ids.length);
  r.polls = Array.from({ length: workers + 1 }, () => []);
  r.sleeps = Array.from({ length: workers }, () => []);
  r.steals = []; r.wakes = [];
  r.onLane = Array.from({ length: workers + 1 }, () => []);
  const counts = new Uint32Array(tasks.ids.length + 1);
  for (let i = 0; i < n; i++) {
    const t = task[i], key = t * 65536 + (kind[i] === POLL_START || kind[i] === POLL_END ? x[i] : 65535);
    counts[t + 1]++;
    r.onLane[lane[i] < 0 ? workers : lane[i]].push(i);
    switch (kind[i]) {
      case SPAWNED: case WOKEN: woken[t] = i + 1; r.wakes.push(i); break;
      case POLL_START: case BLOCKING_START:
        open.set(key, i);
        r.polls[kind[i] === POLL_START ? x[i] : workers].push(i);
        if (woken[t]) { r.link[woken[t] - 1] = i; woken[t] = 0; }
        break;
      case POLL_END: case BLOCKING_END:
        if (open.has(key)) { r.link[open.get(key)] = i; r.link[i] = open.get(key); open.delete(key); }
        break;
      case PARKED: asleep[x[i]] = i; r.sleeps[x[i]].push(i); break;
      case UNPARKED: case RETIRED: if (asleep[x[i]] >= 0) { r.link[asleep[x[i]]] = i; asleep[x[i]] = -1; } break;
      case STOLE: r.steals.push(i); break;
    }
  }
  // The events of task t are life[lifeOf[t] .. lifeOf[t + 1]].
  for (let t = 1; t < counts.length; t++) counts[t] += counts[t - 1];
  r.lifeOf = counts.slice();
  r.life = new Uint32Array(n);
  for (let i = 0; i < n; i++) r.life[counts[task[i]]++] = i;
}

/// The position of the first of `sorted[from..to]` that is at least `value`.
function lowerBound(sorted, value, from = 0, to = sorted.length) {
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] < value) from = middle + 1; else to = middle;
  }
  return from;
}
