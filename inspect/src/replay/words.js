// Plain words for events, places and what tasks wait for. Those for events are the words of `inspect text` (row.rs); a test
// holds the two against each other.
"use strict";

const OUTCOMES = ["waits", "will run again", "is complete", "panicked", "is dropped unfinished"];

class Words {
  constructor(recording) { this.r = recording; }

  task(t) { return t ? `t${this.r.tasks.ids[t]}` : "a root future"; }
  named(t) { const name = this.r.tasks.names[t]; return name ? `${this.task(t)} “${name}”` : this.task(t); }
  by(t) { return t ? ` by ${this.task(t)}` : ""; }
  site(t) { const site = this.r.tasks.sites[t]; return site < 0 ? "not in this recording" : this.r.sites[site]; }

  place(place) {
    if (place === 0) return "the global queue";
    if (isDeferred(place)) return `the deferred list of w${-2 - place}`;
    return `the ${isLifo(place) ? "LIFO slot" : "local queue"} of w${(place - 1) >> 1}`;
  }

  event(i) {
    const { r } = this, x = r.x[i], y = r.y[i], z = r.z[i], t = this.task(r.task[i]);
    switch (r.kind[i]) {
      case SPAWNED: return `${t} is spawned${this.by(x)} at ${r.sites[y]}`;
      case NAMED: return `${t} is called ${r.tasks.names[r.task[i]]}`;
      case WOKEN: return `${t} is woken${this.by(x)}`;
      case PUSHED: return `${t} goes to ${this.place(x)}`;
      case MOVED: return `${t} moves from ${this.place(x)} to ${this.place(y)}`;
      case OVERFLOWED: return `the local queue of w${x} is full: ${y} tasks move to the global queue`;
      case TOOK_SHARE: return `w${x} takes ${y} tasks from the global queue`;
      case STOLE: return `w${x} steals ${z} tasks from w${y}`;
      case POLL_START: return `w${x} runs ${t} from ${this.place(source(y, x))} (tick ${z})`;
      case POLL_END: return `${t} ${OUTCOMES[y]}`;
      case DEFERRED: return `${t} yields on w${x}`;
      case POLLED_DRIVERS: return `w${x} polls the drivers`;
      case PARKED: return `w${x} falls asleep`;
      case CALLED: return `w${x} is called`;
      case UNPARKED: return `w${x} wakes up`;
      case TIMER_ARMED: return `${t} arms timer ${x}: ${duration(z)} from now`;
      case TIMER_FIRED: return `timer ${x} fires, ${duration(z)} after its deadline`;
      case TIMER_DROPPED: return `timer ${x} is dropped unfired`;
      case IO_READY: return `w${x} delivered ${y} I/O events`;
      case CLOCK_ADVANCED: return `the clock moves on by ${duration(z)}: ${y} timers fire`;
      case ABORTED: return `${t} is aborted${this.by(x)}`;
      case CANCELLED: return `${t} is cancelled by the shutdown`;
      case BLOCKING_JOB: return `${t} goes to the blocking pool${this.by(x)} at ${r.sites[y]}`;
      case BLOCKING_START: return `${t} starts on the blocking pool`;
      case BLOCKING_END: return `${t} ${OUTCOMES[y]} on the blocking pool`;
      case RETIRED: return `w${x} retires`;
      case SHUTDOWN_BEGAN: return `shutdown begins: ${y} tasks alive`;
    }
    return "unknown";
  }

  /// What a task is at, and what it waits for, as far as events tell. `timers`: the armed timers of each task.
  waits(t, seen, state, timers) {
    if (!seen) return "is not spawned yet";
    switch (seen.phase) {
      case NEW: return "is new, on its way to a queue";
      case WOKEN_PHASE: return "was woken, on its way to a queue";
      case QUEUED: {
        if (isDeferred(seen.place)) return `yielded: goes on when w${-2 - seen.place} has polled the drivers`;
        if (seen.place < 0) return "waits for a thread of the blocking pool";
        if (isLifo(seen.place)) return `waits in ${this.place(seen.place)}: it is next there`;
        const queue = seen.place ? state.workers[(seen.place - 1) >> 1].local : state.global;
        return `waits for a worker: ${this.nth(queue, t)} in ${this.place(seen.place)}`;
      }
      case RUNNING: {
        const worker = state.workers.findIndex((worker) => worker.running === t);
        return (worker < 0 ? "runs on a thread of the blocking pool" : `runs on w${worker}`)
          + (seen.place !== -1 ? `, was woken and stands in ${this.place(seen.place)} again` : "");
      }
      case WAITING: {
        const armed = (timers.get(t) || []).map(([timer, { deadline }]) => `timer ${timer}, due at ${short(deadline)}`);
        return armed.length ? `waits for ${armed.join("; ")}, or another wake` : "waits for a wake";
      }
      case COMPLETED: return "is complete";
      case PANICKED: return "panicked";
    }
    return "was dropped unfinished";
  }

  nth(queue, t) {
    const at = queue.tasks.indexOf(t, queue.head) - queue.head + 1;
    return at === 1 ? "first" : `number ${at}`;
  }
}

/// A duration as Rust prints it.
function duration(ns) {
  const [unit, name, digits] = ns >= 1e9 ? [1e9, "s", 9] : ns >= 1e6 ? [1e6, "ms", 6] : ns >= 1e3 ? [1e3, "µs", 3] : [1, "ns", 0];
  const fraction = digits ? String(ns % unit).padStart(digits, "0").replace(/0+$/, "") : "";
  return `${Math.floor(ns / unit)}${fraction ? "." + fraction : ""}${name}`;
}

/// The same for the eye: three digits.
function short(ns) {
  if (ns === 0) return "0";
  const [unit, name] = ns >= 1e9 ? [1e9, "s"] : ns >= 1e6 ? [1e6, "ms"] : ns >= 1e3 ? [1e3, "µs"] : [1, "ns"];
  return `${(ns / unit).toPrecision(ns / unit >= 100 ? Math.ceil(Math.log10(ns / unit + 1)) : 3)} ${name}`;
}

/// Of an event's time: by how much it may be wrong, if the recorder did not look at the clock.
function unsure(r, i) {
  return r.unsure[i] ? ` (give or take ${short(r.unsure[i])})` : "";
}
