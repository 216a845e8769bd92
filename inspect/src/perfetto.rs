//! `inspect perfetto`: a recording in Chrome's trace format, for ui.perfetto.dev: a track a worker with its polls and
//! sleeps, arrows from waker to woken and from victim to thief.

use std::collections::BTreeMap;

use mini_tokio::recording::{Event, Recorded, Recording};
use serde_json::{Value, json};

use crate::row::{Row, number};

/// The trace as JSON.
pub fn trace(recording: &Recording) -> Value {
    let outside = recording.header.workers;
    let mut events: Vec<Value> = (0..outside).map(|worker| track(worker, &format!("worker {worker}"))).collect();
    events.push(track(outside, "outside the workers"));
    let mut writer = Writer { outside, names: BTreeMap::new(), wakes: BTreeMap::new(), open: vec![0; outside], events };
    recording.events.iter().for_each(|recorded| writer.event(recorded));
    json!({ "displayTimeUnit": "ns", "traceEvents": writer.events })
}

fn track(thread: usize, name: &str) -> Value {
    json!({ "ph": "M", "name": "thread_name", "pid": 1, "tid": thread, "args": { "name": name } })
}

struct Writer {
    /// The track of what happens on no worker.
    outside: usize,
    /// Where tasks were spawned, or what they are called.
    names: BTreeMap<u64, String>,
    /// Wakes that no poll has followed: the event's number is the arrow's.
    wakes: BTreeMap<u64, u64>,
    /// How many slices of each worker have begun and not ended.
    open: Vec<usize>,
    events: Vec<Value>,
}

impl Writer {
    fn push(&mut self, ph: &str, recorded: &Recorded, thread: usize, name: &str, more: &[(&str, Value)]) {
        let mut event = json!({
            "ph": ph, "name": name, "cat": "mini_tokio", "pid": 1, "tid": thread,
            "ts": recorded.at.as_nanos() as f64 / 1000.0,
        });
        more.iter().for_each(|(key, value)| event[*key] = value.clone());
        self.events.push(event);
    }

    fn begin(&mut self, recorded: &Recorded, worker: usize, name: &str) {
        self.open[worker] += 1;
        let args = json!({ "event": recorded.sequence, "unsure_ns": recorded.unsure.as_nanos() as u64 });
        self.push("B", recorded, worker, name, &[("args", args)]);
    }

    fn end(&mut self, recorded: &Recorded, worker: usize) {
        if self.open[worker] > 0 {
            self.open[worker] -= 1;
            self.push("E", recorded, worker, "", &[]);
        }
    }

    fn event(&mut self, recorded: &Recorded) {
        let thread = recorded.worker.unwrap_or(self.outside);
        match &recorded.event {
            Event::Spawned { task, at, .. } => {
                drop(self.names.insert(number(*task), format!("t{task} {}:{}", at.file, at.line)))
            }
            Event::Named { task, name } => drop(self.names.insert(number(*task), format!("t{task} {name}"))),
            Event::PollStart { worker, task, .. } => {
                let name = self.names.get(&number(*task)).cloned().unwrap_or_else(|| format!("t{task}"));
                self.begin(recorded, *worker, &name);
                if let Some(arrow) = self.wakes.remove(&number(*task)) {
                    self.push("f", recorded, *worker, "wake", &[("id", json!(arrow)), ("bp", json!("e"))]);
                }
            }
            Event::PollEnd { worker, .. } | Event::Unparked { worker } => self.end(recorded, *worker),
            Event::Parked { worker } => self.begin(recorded, *worker, "asleep"),
            Event::Woken { task, .. } => {
                self.wakes.insert(number(*task), recorded.sequence);
                // Outside the workers no slice is open that the arrow could start from.
                self.push("X", recorded, thread, &format!("wakes t{task}"), &[("dur", json!(0))]);
                self.push("s", recorded, thread, "wake", &[("id", json!(recorded.sequence))]);
            }
            Event::Stole { thief, victim, count } => {
                for (ph, worker) in [("s", *victim), ("f", *thief)] {
                    self.push(
                        "X",
                        recorded,
                        worker,
                        &format!("w{thief} steals {count} from w{victim}"),
                        &[("dur", json!(0))],
                    );
                    let ends = [("id", json!(recorded.sequence)), ("bp", json!("e"))];
                    self.push(ph, recorded, worker, "steal", &ends);
                }
            }
            Event::Pushed { .. } | Event::Moved { .. } => {}
            _ => {
                let text = Row::new(recorded).text;
                self.push("i", recorded, thread, &text, &[("s", json!("t"))]);
            }
        }
    }
}
