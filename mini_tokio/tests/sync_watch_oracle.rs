//! The same long random sequences of calls on our `watch` and on tokio's: every answer and every wake-up is the same.

use std::{
    cell::Cell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A small generator of random numbers (xorshift), so that a failing seed can be run again.
struct Dice(Cell<u64>);

impl Dice {
    fn roll(&self, sides: usize) -> usize {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        (x >> 11) as usize % sides
    }
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A receiver that waits, with the wake-ups it got; in the end it is a receiver again, and an answer.
struct Sleeper<R> {
    future: Pin<Box<dyn Future<Output = (R, String)>>>,
    wakes: Arc<Wakes>,
}

/// Plays `calls` calls, chosen by `seed`, on the `watch` of one crate, and writes down what they answer.
macro_rules! player {
    ($name:ident, $library:ident) => {
        fn $name(seed: u64, calls: usize) -> Vec<String> {
            use $library::sync::watch;
            let dice = Dice(Cell::new(seed));
            let (sender, receiver) = watch::channel(0);
            let (mut senders, mut receivers) = (vec![sender], vec![receiver]);
            let mut sleepers: Vec<Sleeper<watch::Receiver<usize>>> = Vec::new();
            let mut log = Vec::new();
            for call in 0..calls {
                let kind = dice.roll(24);
                let note = match (kind, senders.len(), receivers.len()) {
                    (0..=9, 0, _) | (12..=23, _, 0) => String::new(),
                    (0, n, _) => format!("send {:?}", senders[dice.roll(n)].send(call)),
                    (1, n, _) => format!("replace {:?}", senders[dice.roll(n)].send_replace(call)),
                    (2, n, _) => {
                        let told = dice.roll(2) == 0;
                        let modify = |value: &mut usize| {
                            *value = call;
                            told
                        };
                        format!("if modified {:?}", senders[dice.roll(n)].send_if_modified(modify))
                    }
                    (3, n, _) => {
                        let sender = &senders[dice.roll(n)];
                        let panicking = |value: &mut usize| {
                            *value = call;
                            panic_any(call)
                        };
                        let outcome = catch_unwind(AssertUnwindSafe(|| sender.send_modify(panicking)));
                        format!("panic {:?}", outcome.unwrap_err().downcast::<usize>().unwrap())
                    }
                    (4, n, _) => {
                        let clone = senders[dice.roll(n)].clone();
                        senders.push(clone);
                        format!("clone {}", senders[0].sender_count())
                    }
                    // Rarely the last one, which ends the game.
                    (5, n, _) if n > 1 || dice.roll(20) == 0 => {
                        drop(senders.swap_remove(dice.roll(n)));
                        format!("drop sender {:?}", senders.first().map(|sender| sender.sender_count()))
                    }
                    (6, n, _) => {
                        receivers.push(senders[dice.roll(n)].subscribe());
                        format!("subscribe {}", senders[0].receiver_count())
                    }
                    (7, n, _) => {
                        let sender = &senders[dice.roll(n)];
                        let value = sender.borrow();
                        format!("look {} {} {}", *value, value.has_changed(), sender.is_closed())
                    }
                    (8, n, _) => format!("closed {:?}", poll_once(senders[dice.roll(n)].closed())),
                    (12, _, n) => {
                        let value = receivers[dice.roll(n)].borrow();
                        format!("borrow {} {}", *value, value.has_changed())
                    }
                    (13, _, n) => {
                        let value = receivers[dice.roll(n)].borrow_and_update();
                        format!("update {} {}", *value, value.has_changed())
                    }
                    (14, _, n) => {
                        let receiver = &receivers[dice.roll(n)];
                        format!("changed? {:?} {}", receiver.has_changed(), receiver.is_closed())
                    }
                    (15, _, n) => {
                        receivers[dice.roll(n)].mark_changed();
                        String::new()
                    }
                    (16, _, n) => {
                        receivers[dice.roll(n)].mark_unchanged();
                        String::new()
                    }
                    (17, _, n) => format!("changed {:?}", poll_once(receivers[dice.roll(n)].changed())),
                    (18, _, n) => {
                        let answer = poll_once(receivers[dice.roll(n)].wait_for(|value| value % 3 == 0));
                        format!("wait {:?}", answer.map_ok(|value| (*value, value.has_changed())))
                    }
                    (19, _, n) => {
                        let receiver = &mut receivers[dice.roll(n)];
                        let wait = || poll_once(receiver.wait_for(|value| panic_any(*value))).is_ready();
                        let outcome = catch_unwind(AssertUnwindSafe(wait));
                        format!("wait panics {:?}", outcome.unwrap_err().downcast::<usize>().unwrap())
                    }
                    (20, _, n) => {
                        let clone = receivers[dice.roll(n)].clone();
                        receivers.push(clone);
                        String::new()
                    }
                    (21, _, n) => {
                        drop(receivers.swap_remove(dice.roll(n)));
                        format!("drop receiver {:?}", senders.first().map(|sender| sender.receiver_count()))
                    }
                    (22, _, n) => {
                        let mut receiver = receivers.swap_remove(dice.roll(n));
                        let future = Box::pin(async move {
                            let answer = format!("{:?}", receiver.changed().await);
                            (receiver, answer)
                        });
                        sleepers.push(Sleeper { future, wakes: Arc::new(Wakes(AtomicUsize::new(0))) });
                        String::new()
                    }
                    (23, _, n) => {
                        let mut receiver = receivers.swap_remove(dice.roll(n));
                        let future = Box::pin(async move {
                            let answer = receiver.wait_for(|value| value % 5 == 0).await;
                            let answer = format!("{:?}", answer.map(|value| (*value, value.has_changed())));
                            (receiver, answer)
                        });
                        sleepers.push(Sleeper { future, wakes: Arc::new(Wakes(AtomicUsize::new(0))) });
                        String::new()
                    }
                    // Every sleeper is polled, woken or not; or one of them gives up.
                    (10, ..) => {
                        let mut note = String::from("sleepers");
                        for mut sleeper in std::mem::take(&mut sleepers) {
                            note += &format!(" {}", sleeper.wakes.0.load(Ordering::Relaxed));
                            let waker = Waker::from(sleeper.wakes.clone());
                            match sleeper.future.as_mut().poll(&mut Context::from_waker(&waker)) {
                                Poll::Pending => sleepers.push(sleeper),
                                Poll::Ready((receiver, answer)) => {
                                    note += &answer;
                                    receivers.push(receiver);
                                }
                            }
                        }
                        note
                    }
                    (11, ..) if !sleepers.is_empty() => {
                        drop(sleepers.swap_remove(dice.roll(sleepers.len())));
                        String::new()
                    }
                    _ => String::new(),
                };
                let wakes: usize = sleepers.iter().map(|sleeper| sleeper.wakes.0.load(Ordering::Relaxed)).sum();
                log.push(format!("{call}/{kind}: {note}; {wakes} wakes"));
            }
            log
        }
    };
}

player!(play_ours, mini_tokio);
player!(play_theirs, tokio);

#[test]
fn random_calls_are_answered_as_by_tokio() {
    // The closures panic on purpose, many hundred times: not worth a report each.
    std::panic::set_hook(Box::new(|info| {
        if !info.payload().is::<usize>() {
            eprintln!("{info}");
        }
    }));
    for seed in 1..=300 {
        let (ours, theirs) = (play_ours(seed, 300), play_theirs(seed, 300));
        let differs = std::iter::zip(&ours, &theirs).position(|(ours, theirs)| ours != theirs);
        if let Some(at) = differs {
            panic!("seed {seed}: {:#?}\ntokio: {}", &ours[at.saturating_sub(20)..=at], theirs[at]);
        }
    }
}
