//! Looking inside a runtime of mini_tokio: recordings, read and replayed.
//!
//! ```no_run
//! let recording = inspect::open("rec".as_ref()).unwrap();
//! let mut state = inspect::State::new(recording.header.workers);
//! for recorded in &recording.events {
//!     state.apply(recorded);
//! }
//! println!("{}", serde_json::to_string(&state).unwrap());
//! ```
//!
//! The format is defined in `mini_tokio::recording` alone; this crate reads with its reader. A stepper's
//! events (`Stepper::events`, or `Stepper::recording` as bytes) are the same events.
//!
//! # JSON
//!
//! Two types are made for a page. A task, worker or timer is a number everywhere; what is absent is `null`.
//!
//! [`Row`]: one event.
//!
//! ```json
//! { "n": 17, "at": 1200345, "unsure": 0, "worker": 0, "kind": "pushed", "task": 4, "by": null,
//!   "from": null, "to": {"queue": "lifo", "worker": 0}, "count": null, "text": "t4 goes to the LIFO slot of w0" }
//! ```
//!
//! `at`: nanoseconds since the runtime was built, wrong by `unsure` at most. `worker`: on whose thread it happened. `kind`: the
//! event's name in snake case. `task`: whom it is about; `by`: the task that caused it (`woken`, `spawned`, `aborted`, `blocking_job`). `from`,
//! `to`: places (`queue` is `lifo`, `local`, `deferred` or `global`; `worker` is null for the global queue). `count`: how many tasks,
//! timers or I/O events. `text`: plain words.
//!
//! [`State`]: all that is known after an event.
//!
//! ```json
//! { "events": 18, "at": 1200345, "clock": 0, "global": [7, 8],
//!   "workers": [ { "lifo": 4, "local": [2, 3], "hand": [], "deferred": [], "running": 1, "tick": 1, "mood": "awake",
//!                  "polls": 1 } ],
//!   "timers": { "1": { "task": 5, "deadline": 20000000, "armed_at": 1100000 } },
//!   "tasks": { "1": { "name": null, "site": "src/main.rs:3:5", "spawned_by": null, "blocking": false, "phase": "running",
//!                     "place": null, "polls": 1, "wakes": 0, "since": 1100000, "woken_by": null } },
//!   "ending": false, "contradictions": [] }
//! ```
//!
//! `mood`: `awake`, `asleep`, `called` (was called and has not woken), `retired`. `hand`: tasks that a worker has taken out
//! of one place and not yet put into another. `phase`: `new`, `waiting`, `woken` (not yet in a queue), `queued`, `running`,
//! `completed`, `panicked`, `cancelled`. `clock`: how far a paused clock was moved. A timer's `deadline` counts nanoseconds as `at` does,
//! plus `clock`.
#![warn(missing_docs)]

pub mod perfetto;
pub mod replay;
mod row;
mod state;
pub mod summary;

use std::fmt;
use std::path::Path;

pub use mini_tokio::recording::{End, Event, Header, Recorded, Recording};

pub use self::row::{Place, Row};
pub use self::state::{Mood, Phase, State, Task, Timer, Worker};

/// Why there is nothing to show.
#[derive(Debug)]
pub enum Error {
    /// The file could not be read.
    Io(std::io::Error),
    /// It is no recording.
    NotARecording(mini_tokio::recording::NotARecording),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NotARecording(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// Reads the recording in a file. Look at its `end`: it may be cut short, or damaged.
///
/// # Errors
///
/// If the file cannot be read, or does not begin as a recording.
pub fn open(path: &Path) -> Result<Recording, Error> {
    mini_tokio::recording::read_file(path).map_err(Error::Io)?.map_err(Error::NotARecording)
}

/// What to tell the user of a recording's end, if it is not whole.
pub fn warning(end: &End) -> Option<String> {
    match end {
        End::Whole => None,
        End::Abrupt => Some(
            "the program was killed, or ended without dropping its runtime; these are its events up to the last"
                .to_owned(),
        ),
        End::Cut { offset } => {
            Some(format!("the recording was cut short; it is read up to its last whole event (offset {offset})"))
        }
        End::Damaged { offset, what } => Some(format!("the recording is damaged at offset {offset}: {what}")),
    }
}
