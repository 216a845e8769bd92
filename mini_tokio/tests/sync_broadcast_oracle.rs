//! The same long random sequences of calls on our `broadcast` and on tokio's: every answer and every wake-up is the same.

use std::{
    cell::Cell,
    future::Future,
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

/// A value that is counted while it lives, clones included.
#[derive(Debug)]
struct Counted {
    name: usize,
    alive: Arc<AtomicUsize>,
}

impl Counted {
    fn new(name: usize, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Self { name, alive: alive.clone() }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.name, &self.alive)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A receiver that waits, with the wake-ups it got; in the end it is a receiver again, and an answer.
struct Sleeper<R> {
    future: Pin<Box<dyn Future<Output = (R, String)>>>,
    wakes: Arc<Wakes>,
}

/// Plays `calls` calls, chosen by `seed`, on the `broadcast` of one crate, and writes down what they answer.
macro_rules! player {
    ($name:ident, $library:ident) => {
        fn $name(seed: u64, calls: usize) -> Vec<String> {
            use $library::sync::broadcast;
            let dice = Dice(Cell::new(seed));
            let alive = Arc::new(AtomicUsize::new(0));
            let (sender, receiver) = broadcast::channel(1 + dice.roll(6));
            let (mut senders, mut receivers, mut weak) = (vec![sender], vec![receiver], Vec::new());
            let mut sleepers: Vec<Sleeper<broadcast::Receiver<Counted>>> = Vec::new();
            let mut log = Vec::new();
            for call in 0..calls {
                let kind = dice.roll(22);
                let note = match (kind, senders.len(), receivers.len()) {
                    (0..=8, 0, _) | (13..=21, _, 0) => String::new(),
                    (0..=3, n, _) => {
                        let outcome = senders[dice.roll(n)].send(Counted::new(call, &alive));
                        format!("send {:?}", outcome.map_err(|error| error.0.name))
                    }
                    (4, n, _) => {
                        let clone = senders[dice.roll(n)].clone();
                        senders.push(clone);
                        format!("clone {}", senders[0].strong_count())
                    }
                    // Rarely the last one, which closes the channel.
                    (5, n, _) if n > 1 || dice.roll(15) == 0 => {
                        drop(senders.swap_remove(dice.roll(n)));
                        format!("drop sender {:?}", receivers.first().map(|receiver| receiver.sender_strong_count()))
                    }
                    (6, n, _) => {
                        receivers.push(senders[dice.roll(n)].subscribe());
                        format!("subscribe {}", senders[0].receiver_count())
                    }
                    (7, n, _) => {
                        weak.push(senders[dice.roll(n)].downgrade());
                        format!("downgrade {:?} {:?} {}", senders[0], weak[0], senders[0].weak_count())
                    }
                    (8, n, _) => format!("closed {:?}", poll_once(senders[dice.roll(n)].closed())),
                    (9, ..) if !weak.is_empty() => match weak.swap_remove(dice.roll(weak.len())).upgrade() {
                        None => "too late".into(),
                        Some(sender) => {
                            senders.push(sender);
                            format!("upgrade {} {}", senders[0].strong_count(), senders[0].weak_count())
                        }
                    },
                    (10, ..) if !weak.is_empty() => {
                        let clone = weak[dice.roll(weak.len())].clone();
                        weak.push(clone);
                        format!("weak {} {}", weak[0].strong_count(), weak[0].weak_count())
                    }
                    // Every sleeper is polled, woken or not; or one of them gives up.
                    (11, ..) => {
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
                    (12, ..) if !sleepers.is_empty() => {
                        drop(sleepers.swap_remove(dice.roll(sleepers.len())));
                        String::new()
                    }
                    (13..=15, _, n) => {
                        let answer = receivers[dice.roll(n)].try_recv();
                        format!("try {:?}", answer.map(|value| value.name))
                    }
                    (16, _, n) => {
                        let answer = poll_once(receivers[dice.roll(n)].recv());
                        format!("recv {:?}", answer.map(|answer| answer.map(|value| value.name)))
                    }
                    (17, _, n) => {
                        let receiver = receivers[dice.roll(n)].resubscribe();
                        receivers.push(receiver);
                        format!("resubscribe {:?}", receivers[0])
                    }
                    (18, _, n) => {
                        drop(receivers.swap_remove(dice.roll(n)));
                        format!("drop receiver {:?}", senders.first().map(|sender| sender.receiver_count()))
                    }
                    (19 | 20, _, n) => {
                        let mut receiver = receivers.swap_remove(dice.roll(n));
                        let future = Box::pin(async move {
                            let answer = receiver.recv().await.map(|value| value.name);
                            (receiver, format!("{answer:?}"))
                        });
                        sleepers.push(Sleeper { future, wakes: Arc::new(Wakes(AtomicUsize::new(0))) });
                        String::new()
                    }
                    (21, _, n) => {
                        let receiver = &receivers[dice.roll(n)];
                        format!("{} {} {}", receiver.len(), receiver.is_closed(), receiver.sender_weak_count())
                    }
                    _ => String::new(),
                };
                let wakes: usize = sleepers.iter().map(|sleeper| sleeper.wakes.0.load(Ordering::Relaxed)).sum();
                let (len, alive) = (senders.first().map(|sender| sender.len()), alive.load(Ordering::Relaxed));
                log.push(format!("{call}/{kind}: {note}; {wakes} wakes, {len:?} retained, {alive} alive"));
            }
            drop((senders, receivers, weak, sleepers));
            log.push(format!("{} left", alive.load(Ordering::Relaxed)));
            log
        }
    };
}

player!(play_ours, mini_tokio);
player!(play_theirs, tokio);

#[test]
fn random_calls_are_answered_as_by_tokio() {
    for seed in 1..=500 {
        let (ours, theirs) = (play_ours(seed, 300), play_theirs(seed, 300));
        let differs = std::iter::zip(&ours, &theirs).position(|(ours, theirs)| ours != theirs);
        if let Some(at) = differs {
            panic!("seed {seed}: {:#?}\ntokio: {}", &ours[at.saturating_sub(20)..=at], theirs[at]);
        }
        assert_eq!(ours.last().unwrap(), "0 left");
    }
}
