// The state after an event: the same rules as inspect/src/state.rs, and a test holds the two against each other.
//
// Going on applies events. Going back takes the last kept state before the goal and goes on from there. A state is kept
// whenever as many events have passed as it has parts, so that all of them together are no larger than the recording.
"use strict";

const AWAKE = 0, ASLEEP = 1, CALLED_MOOD = 2, RETIRED_MOOD = 3;
const MOODS = ["awake", "asleep", "called", "retired"];
const PHASES = ["new", "waiting", "woken", "queued", "running", "completed", "panicked", "cancelled"];
const NEW = 0, WAITING = 1, WOKEN_PHASE = 2, QUEUED = 3, RUNNING = 4, COMPLETED = 5, PANICKED = 6, DROPPED = 7;

/// A queue of tasks, mostly taken from its front.
class Queue {
  constructor(tasks = []) { this.tasks = tasks; this.head = 0; }
  get length() { return this.tasks.length - this.head; }
  push(task) { this.tasks.push(task); }
  remove(task) {
    if (this.tasks[this.head] === task) {
      if (++this.head > 1024 && this.head * 2 > this.tasks.length) { this.tasks = this.list(); this.head = 0; }
      return;
    }
    const at = this.tasks.indexOf(task, this.head);
    if (at >= 0) this.tasks.splice(at, 1);
  }
  list(most = Infinity) { return this.tasks.slice(this.head, Math.min(this.tasks.length, this.head + most)); }
  clone() { return new Queue(this.list()); }
}

class State {
  constructor(workers) {
    this.events = 0; this.clock = 0; this.ending = false;
    this.global = new Queue();
    this.workers = Array.from({ length: workers }, () =>
      ({ lifo: 0, local: new Queue(), hand: [], deferred: [], running: 0, tick: 0, mood: AWAKE, polls: 0 }));
    this.timers = new Map();
    this.alive = new Map();
  }

  clone() {
    const copy = new State(0);
    [copy.events, copy.clock, copy.ending, copy.global] = [this.events, this.clock, this.ending, this.global.clone()];
    copy.workers = this.workers.map((worker) =>
      ({ ...worker, local: worker.local.clone(), hand: worker.hand.slice(), deferred: worker.deferred.slice() }));
    copy.timers = new Map(this.timers);
    for (const [task, seen] of this.alive) copy.alive.set(task, { ...seen });
    return copy;
  }

  /// How many parts a copy of it has.
  get size() {
    const local = this.workers.reduce((sum, worker) => sum + worker.local.length, 0);
    return this.global.length + local + this.timers.size + 2 * this.alive.size;
  }
}

/// Goes through a recording in both directions.
class Player {
  constructor(recording) {
    this.r = recording;
    this.state = new State(recording.workers);
    this.ended = new Array(recording.tasks.ids.length); // what tasks were at when they ended
    this.endedAt = new Uint32Array(recording.tasks.ids.length).fill(recording.n);
    this.kept = [this.state.clone()];
    this.applied = 0; // how many events were applied in all: what a jump costs
  }

  /// Makes `state` the one after the first `events` events.
  goto(events) {
    const goal = Math.max(0, Math.min(this.r.n, events));
    const near = this.kept[lowerBound(this.kept.map((state) => state.events), goal + 1) - 1];
    if (goal < this.state.events || near.events > this.state.events) this.state = near.clone();
    while (this.state.events < goal) {
      this.apply(this.state.events);
      const last = this.kept[this.kept.length - 1];
      const passed = this.state.events - last.events;
      if (passed >= 2048 && passed >= this.state.size) this.kept.push(this.state.clone());
    }
  }

  /// What a task was at in the present state; undefined if it was not spawned yet.
  task(t) {
    const ended = this.endedAt[t] < this.state.events ? this.ended[t] : undefined;
    return this.state.alive.get(t) || ended;
  }

  apply(i) {
    const { r, state } = this, task = r.task[i], x = r.x[i], y = r.y[i];
    const worker = state.workers[x];
    this.applied++;
    state.events = i + 1;
    switch (r.kind[i]) {
      case SPAWNED: this.enter(i, task, false); break;
      case BLOCKING_JOB: this.enter(i, task, true); break;
      case WOKEN: this.woken(i, task, x); break;
      case PUSHED: this.push(i, task, x); break;
      case MOVED: this.take(task, x); this.put(i, task, y); break;
      case POLL_START:
        this.take(task, source(y, x));
        this.start(i, task);
        worker.running = task; worker.tick = r.z[i]; worker.polls++;
        break;
      case POLL_END: this.pollEnd(i, worker, task, y); break;
      case DEFERRED: this.put(i, task, deferredOf(x)); break;
      case PARKED: worker.mood = ASLEEP; break;
      case CALLED: if (worker.mood === ASLEEP) worker.mood = CALLED_MOOD; break;
      case UNPARKED: worker.mood = AWAKE; break;
      case RETIRED: worker.mood = RETIRED_MOOD; break;
      case TIMER_ARMED: state.timers.set(x, { task, deadline: r.at[i] + state.clock + r.z[i], armed: i }); break;
      case TIMER_FIRED: case TIMER_DROPPED: state.timers.delete(x); break;
      case CLOCK_ADVANCED: state.clock += r.z[i]; break;
      case CANCELLED: this.cancel(i, task); break;
      case BLOCKING_START: this.start(i, task); break;
      case BLOCKING_END: this.end(i, task, y); break;
      case SHUTDOWN_BEGAN: state.ending = true; break;
    }
  }

  enter(i, task, blocking) {
    const phase = blocking ? QUEUED : NEW;
    this.state.alive.set(task, { phase, place: -1, polls: 0, wakes: 0, since: i, wokenBy: -1, blocking });
  }

  phase(i, task, phase) {
    const seen = this.state.alive.get(task);
    if (!seen) return;
    seen.phase = phase; seen.since = i;
    if (phase >= COMPLETED) {
      this.ended[task] = seen;
      this.endedAt[task] = i;
      this.state.alive.delete(task);
    }
  }

  woken(i, task, by) {
    this.phase(i, task, WOKEN_PHASE);
    const seen = this.state.alive.get(task);
    if (seen) { seen.wakes++; seen.wokenBy = by; }
  }

  push(i, task, queue) {
    const seen = this.state.alive.get(task);
    if (seen && (isLifo(seen.place) || isDeferred(seen.place))) this.take(task, seen.place);
    else for (const worker of this.state.workers) drop(worker.hand, task);
    this.put(i, task, queue);
  }

  /// `place`: 0 is the global queue, 1 + 2w the LIFO slot of worker w, 2 + 2w its local queue, as in the file; -2 - w its
  /// deferred list; -1 is nowhere.
  put(i, task, place) {
    const { state } = this;
    if (place === 0) state.global.push(task);
    else if (isDeferred(place)) state.workers[-2 - place].deferred.push(task);
    else {
      const worker = state.workers[(place - 1) >> 1];
      if (isLifo(place)) {
        if (worker.lifo) {
          worker.hand.push(worker.lifo);
          const displaced = state.alive.get(worker.lifo);
          if (displaced) displaced.place = -1;
        }
        worker.lifo = task;
      } else worker.local.push(task);
    }
    const seen = state.alive.get(task);
    if (!seen) return;
    seen.place = place;
    if (seen.phase !== RUNNING && seen.phase !== QUEUED) { seen.phase = QUEUED; seen.since = i; }
  }

  take(task, place) {
    const { state } = this;
    if (place === 0) state.global.remove(task);
    else if (isDeferred(place)) drop(state.workers[-2 - place].deferred, task);
    else {
      const worker = state.workers[(place - 1) >> 1];
      if (!isLifo(place)) worker.local.remove(task);
      else if (worker.lifo === task) worker.lifo = 0;
    }
    const seen = state.alive.get(task);
    if (seen) seen.place = -1;
  }

  start(i, task) {
    this.phase(i, task, RUNNING);
    const seen = this.state.alive.get(task);
    if (seen) seen.polls++;
  }

  pollEnd(i, worker, task, outcome) {
    if (worker.running === task) worker.running = 0;
    const elsewhere = this.state.workers.some((worker) => worker.running === task);
    const seen = this.state.alive.get(task);
    const isLast = outcome > 1; // neither pending nor requeued
    if (isLast || (!elsewhere && seen && seen.phase === RUNNING)) this.end(i, task, outcome);
  }

  end(i, task, outcome) {
    const seen = this.state.alive.get(task), queued = seen && seen.place !== -1;
    this.phase(i, task, [queued ? QUEUED : WAITING, queued ? QUEUED : WOKEN_PHASE, COMPLETED, PANICKED, DROPPED][outcome]);
  }

  cancel(i, task) {
    const seen = this.state.alive.get(task);
    if (seen && seen.place !== -1) this.take(task, seen.place);
    this.phase(i, task, DROPPED);
  }
}

function isLifo(place) { return place > 0 && place % 2 === 1; }

function isDeferred(place) { return place < -1; }

function deferredOf(worker) { return -2 - worker; }

/// The place that a worker found a task in.
function source(code, worker) {
  return [1 + 2 * worker, 2 + 2 * worker, 0][code] ?? 2 + 2 * (code - 3);
}

function drop(list, task) {
  const at = list.indexOf(task);
  if (at >= 0) list.splice(at, 1);
}
