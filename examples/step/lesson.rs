//! The programs: each is one lesson of the book, small enough to be seen whole.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use mini_tokio::stepper::Stepper;
use mini_tokio::sync::Notify;
use mini_tokio::task::{self, JoinHandle};
use mini_tokio::time::{Duration, sleep};

pub struct Lesson {
    pub name: &'static str,
    pub shows: &'static str,
    /// What to try.
    pub hint: &'static str,
    /// How many workers it is made for.
    pub workers: usize,
    spawn: fn(&Stepper),
}

impl Lesson {
    /// A stepper with the lesson's tasks, before its first move.
    pub fn start(&self, workers: usize, seed: u64) -> Stepper {
        let stepper = Stepper::builder().workers(workers).seed(seed).build();
        (self.spawn)(&stepper);
        stepper
    }
}

// ANCHOR: step-lessons
pub const LESSONS: &[Lesson] = &[
    Lesson {
        name: "steal",
        shows: "an idle worker takes half of another's queue",
        hint: "Let w0 move once, so that it has nine tasks; then w1 moves.",
        workers: 2,
        spawn: steal,
    },
    Lesson {
        name: "overflow",
        shows: "a full queue moves its older half to the global queue",
        hint: "One move of w0 spawns 258 tasks. The ring has room for 256.",
        workers: 2,
        spawn: overflow,
    },
    Lesson {
        name: "lifo",
        shows: "who was woken last runs next, but not for ever",
        hint: "Ping and pong wake each other; t4 is a bystander in the queue behind them. `until task 4`: how many polls come before?",
        workers: 1,
        spawn: lifo,
    },
    Lesson {
        name: "budget",
        shows: "a task that never has to wait is made to yield",
        hint: "The eater finds 300 permits. `until task 2` lets the bystander be polled: how many polls did the eater have before?",
        workers: 1,
        spawn: budget,
    },
    Lesson {
        name: "starvation",
        shows: "the same without a budget: nobody else runs",
        hint: "As `budget`, but the eater is unconstrained: its first poll is its last.",
        workers: 1,
        spawn: starvation,
    },
    Lesson {
        name: "lost-wakeup",
        shows: "who looks first and enrols later can sleep for ever",
        hint: "The sleeper looks at a flag, pauses, then leaves its waker. After `w 0` and `w 1` it has looked, and the ringer is \
               about to ring. If now w1 goes first, its ring is lost; if w0 does, all is well. Try one, go `back`, try the other.",
        workers: 2,
        spawn: lost_wakeup,
    },
    Lesson {
        name: "timer",
        shows: "time moves when nothing else can",
        hint: "Three naps. No worker can move while all sleep, so the clock jumps to the next deadline.",
        workers: 2,
        spawn: timer,
    },
    Lesson {
        name: "shutdown",
        shows: "what waits and what is queued is dropped, in order",
        hint: "A few moves, then `shutdown`, at different moments.",
        workers: 2,
        spawn: shutdown,
    },
];

fn named<F: Future<Output = ()> + Send + 'static>(stepper: &Stepper, name: &str, future: F) -> JoinHandle<()> {
    task::Builder::new().name(name).spawn_on(future, stepper.handle()).expect("the stepper runs")
}

/// A task that ends at its first poll.
async fn leaf() {}

fn steal(stepper: &Stepper) {
    named(stepper, "spawner", async {
        for _ in 0..9 {
            task::spawn(leaf());
        }
    });
}

fn overflow(stepper: &Stepper) {
    named(stepper, "spawner", async {
        for _ in 0..258 {
            task::spawn(leaf());
        }
    });
}

fn lifo(stepper: &Stepper) {
    let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let player = |mine: Arc<Notify>, other: Arc<Notify>| async move {
        for _ in 0..6 {
            mine.notified().await;
            other.notify_one();
        }
    };
    named(stepper, "ping", player(ping.clone(), pong.clone()));
    named(stepper, "pong", player(pong, ping.clone()));
    named(stepper, "starter", async move {
        task::Builder::new().name("bystander").spawn(leaf()).expect("the runtime runs");
        ping.notify_one();
    });
}

/// Three hundred times something that is there already.
async fn eat() {
    for _ in 0..300 {
        task::consume_budget().await;
    }
}

fn budget(stepper: &Stepper) {
    named(stepper, "eater", eat());
    named(stepper, "bystander", leaf());
}

fn starvation(stepper: &Stepper) {
    named(stepper, "eater", task::unconstrained(eat()));
    named(stepper, "bystander", leaf());
}

/// A flag and the waker of the one who waits for it, used in the wrong order.
#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    sleeper: Mutex<Option<Waker>>,
}

impl Bell {
    fn ring(&self) {
        self.rung.store(true, SeqCst);
        if let Some(sleeper) = self.sleeper.lock().unwrap().take() {
            sleeper.wake();
        }
    }

    // ANCHOR: step-lost-wakeup
    /// The mistake: between the look and the waker's deposit somebody may ring, and finds nobody to wake. Right would be to
    /// leave the waker first and look afterwards.
    async fn wait(&self) {
        if self.rung.load(SeqCst) {
            return;
        }
        task::yield_now().await;
        let mut enrolled = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut enrolled, true) {
                return Poll::Ready(());
            }
            *self.sleeper.lock().unwrap() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

fn lost_wakeup(stepper: &Stepper) {
    let bell = Arc::new(Bell::default());
    let rings = bell.clone();
    named(stepper, "sleeper", async move { bell.wait().await });
    named(stepper, "ringer", async move {
        task::yield_now().await;
        rings.ring();
    });
}

fn timer(stepper: &Stepper) {
    for (name, nap) in [("long nap", 50), ("short nap", 20), ("same nap", 20)] {
        named(stepper, name, async move { sleep(Duration::from_millis(nap)).await });
    }
}

fn shutdown(stepper: &Stepper) {
    named(stepper, "parent", async {
        task::Builder::new().name("patient").spawn(std::future::pending::<()>()).expect("the runtime runs");
        task::spawn(leaf());
        sleep(Duration::from_secs(1)).await;
    });
    named(stepper, "sibling", leaf());
}
