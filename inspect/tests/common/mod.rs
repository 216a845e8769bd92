//! A program that does a bit of everything, the same on every machine.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use mini_tokio::sync::Notify;
use mini_tokio::{task, time};

/// A small generator of random numbers.
pub struct Random(pub u64);

impl Random {
    /// A number from 0 to `bound`, without it.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A task that does a bit of everything.
pub fn busy(seed: u64, depth: u32, bell: Arc<Notify>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let mut random = Random(seed | 1);
        for _ in 0..random.below(6) {
            match random.below(9) {
                0 | 1 if depth > 0 => {
                    for _ in 0..random.below(5) {
                        task::spawn(busy(random.below(u64::MAX), depth - 1, bell.clone()));
                    }
                }
                // Enough to overflow a queue of 256.
                2 if depth > 1 => {
                    for _ in 0..random.below(300) {
                        task::spawn(async {});
                    }
                }
                3 => task::yield_now().await,
                4 => time::sleep(Duration::from_millis(random.below(50))).await,
                5 => drop(time::timeout(Duration::from_millis(random.below(5)), bell.notified()).await),
                6 => bell.notify_one(),
                7 => bell.notify_waiters(),
                _ => {
                    let child = task::spawn(std::future::pending::<()>());
                    child.abort();
                    let _ = child.await;
                }
            }
        }
    })
}
