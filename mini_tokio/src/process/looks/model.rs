//! A process that ends while it is being adopted: it is reaped, once, and never by two at a time.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use loom::thread;

use super::{Begin, End, Looks};

struct Orphan {
    looks: Looks,
    ended: AtomicBool,
    looking: AtomicUsize,
    reaped: AtomicUsize,
}

impl Orphan {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            looks: Looks::new(),
            ended: AtomicBool::new(false),
            looking: AtomicUsize::new(0),
            reaped: AtomicUsize::new(0),
        })
    }

    /// As `orphan::Orphan::look`.
    fn look(&self) {
        if self.looks.begin() == Begin::Leave {
            return;
        }
        loop {
            assert_eq!(self.looking.fetch_add(1, Relaxed), 0, "LOOKS-1");
            let ended = self.ended.load(Relaxed);
            if ended {
                assert_eq!(self.reaped.fetch_add(1, Relaxed), 0, "LOOKS-3");
            }
            self.looking.fetch_sub(1, Relaxed);
            if ended {
                return self.looks.over();
            }
            if self.looks.end() == End::Leave {
                return;
            }
        }
    }
}

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// Fails with `bug_orphan_silent_second`.
#[test]
fn an_end_during_the_look_of_another_is_seen() {
    explore(|| {
        let orphan = Orphan::new();
        let handler = {
            let orphan = orphan.clone();
            thread::spawn(move || {
                orphan.ended.store(true, Relaxed);
                orphan.look();
            })
        };
        orphan.look(); // the adopter's
        handler.join().unwrap();
        assert_eq!(orphan.reaped.load(Relaxed), 1, "a zombie");
    });
}

#[test]
fn news_of_others_reap_nothing_twice() {
    explore(|| {
        let orphan = Orphan::new();
        let handlers: Vec<_> = (0..2)
            .map(|i| {
                let orphan = orphan.clone();
                thread::spawn(move || {
                    if i == 0 {
                        orphan.ended.store(true, Relaxed);
                    }
                    orphan.look();
                })
            })
            .collect();
        orphan.look();
        handlers.into_iter().for_each(|handler| handler.join().unwrap());
        assert_eq!(orphan.reaped.load(Relaxed), 1, "a zombie");
    });
}
