//! Receivers and intervals as streams.

use std::time::Duration;

use futures::{FutureExt, StreamExt, executor::block_on};
use mini_tokio::{
    sync::{broadcast, watch},
    time,
    util::wrappers::{BroadcastStream, BroadcastStreamRecvError, IntervalStream, WatchStream},
};

#[test]
fn a_watch_stream_begins_with_the_present_value_and_skips_what_nobody_saw() {
    let (sender, receiver) = watch::channel(1);
    let mut values = WatchStream::new(receiver);
    sender.send(2).unwrap();
    assert_eq!(block_on(values.next()), Some(2));
    assert_eq!(values.next().now_or_never(), None);
    sender.send(3).unwrap();
    sender.send(4).unwrap();
    drop(sender);
    assert_eq!(block_on(values.by_ref().collect::<Vec<_>>()), [4]);
    assert_eq!(block_on(values.next()), None, "ended for good");
}

#[test]
fn a_watch_stream_of_changes_waits_for_the_first() {
    let (sender, receiver) = watch::channel(1);
    let mut values = WatchStream::from_changes(receiver.clone());
    assert_eq!(values.next().now_or_never(), None);
    sender.send(2).unwrap();
    assert_eq!(block_on(values.next()), Some(2));
    drop(sender);
    assert_eq!(block_on(values.next()), None);
    assert_eq!(block_on(WatchStream::from(receiver).collect::<Vec<_>>()), [2], "the first item comes even if closed");
}

#[test]
fn a_broadcast_stream_shows_gaps_and_ends_with_the_last_sender() {
    let (sender, receiver) = broadcast::channel(2);
    let mut items = BroadcastStream::from(receiver);
    assert_eq!(items.next().now_or_never(), None);
    (1..=4).for_each(|value| assert!(sender.send(value).is_ok()));
    drop(sender);
    assert_eq!(block_on(items.by_ref().collect::<Vec<_>>()), [Err(BroadcastStreamRecvError::Lagged(2)), Ok(3), Ok(4)]);
    assert_eq!(block_on(items.next()), None, "ended for good");
    assert_eq!(BroadcastStreamRecvError::Lagged(2).to_string(), "channel lagged by 2");
}

#[mini_tokio::test(start_paused = true)]
async fn an_interval_stream_ticks() {
    let start = time::Instant::now();
    let mut ticks = IntervalStream::new(time::interval(Duration::from_secs(1)));
    for tick in 0..3 {
        assert_eq!(ticks.next().await.unwrap() - start, Duration::from_secs(tick));
    }
    assert_eq!(ticks.as_ref().period(), Duration::from_secs(1));
    ticks.as_mut().reset();
    assert_eq!(ticks.into_inner().tick().await - start, Duration::from_secs(3));
}

#[test]
fn streams_move_between_threads() {
    fn moves<T: Send + Sync + Unpin>() {}
    moves::<(WatchStream<u8>, BroadcastStream<u8>, BroadcastStream<std::cell::Cell<u8>>, IntervalStream)>();
}
