//! Notes C, sections 12, 17 and 18: streams, and crates that know of no runtime.

use super::delays::latest::Delay;
use super::{current_thread, multi_thread};
use crate::rt::{self, task};
use futures::{Stream, StreamExt, future, pin_mut, stream};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(1);

/// C12.1: a stream is iterated with `next`, and adapted with `filter`, `map` and `take`, in this order or another
#[test]
fn streams_are_iterated_and_adapted() {
    current_thread().block_on(async {
        let mut stream = stream::iter(&[1, 2, 3]);
        let mut got = Vec::new();
        while let Some(value) = stream.next().await {
            got.push(format!("GOT = {value}"));
        }
        assert_eq!(got, ["GOT = 1", "GOT = 2", "GOT = 3"]);

        let numbers = || stream::iter(["1", "two", "3", "four", "five", "6"]);
        let is_digit = |text: &&str| future::ready(text.len() == 1);
        let three: Vec<_> = numbers().take(3).collect().await;
        assert_eq!(three, ["1", "two", "3"]);
        let filtered: Vec<_> =
            numbers().filter(is_digit).take(3).map(|text| text.parse::<i32>().unwrap()).collect().await;
        assert_eq!(filtered, [1, 3, 6]);
        let first_three: Vec<_> = numbers().take(3).filter(is_digit).collect().await;
        assert_eq!(first_three, ["1", "3"]);
    });
}

/// C12.1: a stream that is no `Unpin` is pinned before it is iterated; this one is fed by another task
#[test]
fn a_subscription_is_a_pinned_stream() {
    multi_thread(2).block_on(async {
        let (sender, receiver) = rt::sync::mpsc::channel(2);
        let publisher = task::spawn(async move {
            for text in ["1", "two", "3", "four", "five", "6"] {
                sender.send(text).await.unwrap();
            }
        });
        let messages = stream::unfold(receiver, |mut receiver| async {
            let message = receiver.recv().await?;
            Some((message, receiver))
        });
        rt::pin!(messages);
        let mut got = Vec::new();
        while let Some(message) = messages.next().await {
            got.push(message);
        }
        publisher.await.unwrap();
        assert_eq!(got, ["1", "two", "3", "four", "five", "6"]);
    });
}

// ANCHOR: notes-interval
/// Three ticks, one step apart: a stream by hand, over a delay by hand.
struct Interval {
    remaining: usize,
    when: Instant,
    delay: Delay,
}

impl Interval {
    fn new() -> Self {
        let when = Instant::now();
        Self { remaining: 3, when, delay: Delay::until(when) }
    }
}

impl Stream for Interval {
    type Item = Instant;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        if self.remaining == 0 {
            return Poll::Ready(None);
        }
        if Pin::new(&mut self.delay).poll(cx).is_pending() {
            return Poll::Pending;
        }
        let due = self.when;
        self.remaining -= 1;
        self.when += STEP;
        self.delay = Delay::until(self.when);
        Poll::Ready(Some(due))
    }
}

/// C12.2: a hand-written interval ticks three times, never early, and ends; `stream!` writes the same
#[test]
fn an_interval_by_hand_and_by_macro() {
    async fn ticks(stream: impl Stream<Item = Instant>) -> Vec<Duration> {
        pin_mut!(stream);
        let mut ticks: Vec<Instant> = Vec::new();
        while let Some(due) = stream.next().await {
            assert!(Instant::now() >= due);
            ticks.push(due);
        }
        ticks.iter().map(|tick| *tick - ticks[0]).collect()
    }

    current_thread().block_on(async {
        assert_eq!(ticks(Interval::new()).await, [Duration::ZERO, STEP, 2 * STEP]);
        let by_macro = async_stream::stream! {
            let mut when = Instant::now();
            for _ in 0..3 {
                Delay::until(when).await;
                yield when;
                when += STEP;
            }
        };
        assert_eq!(ticks(by_macro).await, [Duration::ZERO, STEP, 2 * STEP]);
    });
}

/// C17.1: a channel with many consumers, from a crate that knows no runtime: each message reaches one of them
#[test]
fn async_channel_runs_on_the_runtime() {
    multi_thread(2).block_on(async {
        let (sender, receiver) = async_channel::bounded(4);
        let consumers = [(); 3].map(|()| {
            let receiver = receiver.clone();
            task::spawn(async move {
                let mut got = Vec::new();
                while let Ok(message) = receiver.recv().await {
                    got.push(message);
                }
                got
            })
        });
        for message in 0..100 {
            sender.send(message).await.unwrap();
        }
        sender.close();
        let mut all = Vec::new();
        for consumer in consumers {
            all.extend(consumer.await.unwrap());
        }
        assert_eq!(all.len(), 100);
        assert!(all.into_iter().collect::<BTreeSet<_>>().into_iter().eq(0..100));
    });
}

/// C18.1: `stream!` yields what it is told, `try_stream!` ends with its first error
#[test]
fn async_stream_runs_on_the_runtime() {
    current_thread().block_on(async {
        let numbers = async_stream::stream! {
            for i in 0..3 {
                task::yield_now().await;
                yield i;
            }
        };
        pin_mut!(numbers);
        let mut got = Vec::new();
        while let Some(value) = numbers.next().await {
            got.push(format!("got {value}"));
        }
        assert_eq!(got, ["got 0", "got 1", "got 2"]);

        let failing = async_stream::try_stream! {
            for text in ["1", "x", "3"] {
                yield text.parse::<i32>().map_err(|error| error.to_string())?;
            }
        };
        let results: Vec<Result<i32, String>> = failing.collect().await;
        assert_eq!(results, [Ok(1), Err("invalid digit found in string".to_owned())]);
    });
}
