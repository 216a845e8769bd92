//! Streams of tokio-stream, time and files of tokio-util, on a clock that stands still: every line that this program prints is
//! known beforehand (tokio itself printed the same), and it compares them.
//!
//! The attribute finds the runtime through a path of the program's own, as in a library that hands tokio on.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::SinkExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{self, Instant};
use tokio_stream::wrappers::{BroadcastStream, IntervalStream, ReceiverStream, WatchStream};
use tokio_stream::{StreamExt, StreamMap};
use tokio_util::codec::{Framed, LengthDelimitedCodec};
use tokio_util::io::{ReaderStream, StreamReader, SyncIoBridge};
use tokio_util::time::DelayQueue;

/// What a library does that lets its users name the runtime through it.
mod handed_on {
    pub use ::tokio as runtime;
}

/// A throttled stream waits before its end too.
const EXPECTED: &str = "\
0 ms: merged [1, 2, 10, 20]
120 ms: throttled [0, 1, 2, 3]
220 ms: chunks [[0, 1, 2], [3, 4]]
270 ms: Deadline has elapsed
270 ms: map [(\"a\", 1), (\"b\", 2)]
270 ms: broadcast [1, 2, 3], watch [3]
300 ms: queue [\"first\", \"second\"]
300 ms: frames [\"one\", \"two\"]
300 ms: 300000 bytes through a reader, a stream and a reader
300 ms: 6 bytes from a thread that blocks
";

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[handed_on::runtime::main(flavor = "current_thread", start_paused = true, crate = "crate::handed_on::runtime")]
async fn main() -> ExitCode {
    let began = Instant::now();
    let mut found = String::new();
    let mut say = |text: String| writeln!(found, "{} ms: {text}", began.elapsed().as_millis()).expect("text has room");
    say(format!("merged {:?}", merged().await));
    say(format!("throttled {:?}", throttled().await));
    say(format!("chunks {:?}", chunks().await));
    say(timed_out().await);
    say(format!("map {:?}", mapped().await));
    say(format!("broadcast {:?}, watch {:?}", broadcasted().await, watched().await));
    say(format!("queue {:?}", queued().await));
    say(format!("frames {:?}", framed().await));
    say(format!("{} bytes through a reader, a stream and a reader", there_and_back(300_000).await));
    say(format!("{} bytes from a thread that blocks", bridged().await));
    print!("{found}");
    if found == EXPECTED {
        return ExitCode::SUCCESS;
    }
    eprintln!("expected:\n{EXPECTED}");
    ExitCode::FAILURE
}

fn channel_of<T: Send + 'static>(values: Vec<T>) -> ReceiverStream<T> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for value in values {
            sender.send(value).await.expect("somebody receives");
        }
    });
    ReceiverStream::new(receiver)
}

async fn merged() -> Vec<u32> {
    let mut values: Vec<u32> = channel_of(vec![1, 2]).merge(channel_of(vec![10, 20])).collect().await;
    values.sort_unstable();
    values
}

async fn throttled() -> Vec<u32> {
    let stream = tokio_stream::iter(0..4).throttle(ms(30));
    tokio::pin!(stream);
    let mut values = Vec::new();
    while let Some(value) = stream.next().await {
        values.push(value);
    }
    values
}

/// A tick every 25 ms and a limit of 80: the first chunk is full at 50, the second waits for the end of the stream at 100.
async fn chunks() -> Vec<Vec<usize>> {
    let ticks = IntervalStream::new(time::interval(ms(25))).take(5);
    let mut number = 0..;
    let numbers = ticks.map(move |_| number.next().expect("numbers do not end"));
    numbers.chunks_timeout(3, ms(80)).collect().await
}

async fn timed_out() -> String {
    let stream = tokio_stream::pending::<()>().timeout(ms(50));
    tokio::pin!(stream);
    match stream.try_next().await {
        Ok(item) => format!("an item: {item:?}"),
        Err(elapsed) => capitalized(&elapsed.to_string()),
    }
}

fn capitalized(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    first.to_uppercase() + rest
}

async fn mapped() -> Vec<(&'static str, u32)> {
    let mut map = StreamMap::new();
    map.insert("a", channel_of(vec![1]));
    map.insert("b", channel_of(vec![2]));
    let mut pairs: Vec<_> = map.collect().await;
    pairs.sort_unstable();
    pairs
}

async fn broadcasted() -> Vec<u32> {
    let (sender, receiver) = broadcast::channel(4);
    (1..=3).for_each(|value| assert_eq!(sender.send(value).ok(), Some(1)));
    drop(sender);
    BroadcastStream::new(receiver).map(|value| value.expect("nothing was missed")).collect().await
}

/// A reader of a watch channel sees the last value, and none that came before it looked.
async fn watched() -> Vec<u32> {
    let (sender, receiver) = watch::channel(1);
    sender.send_replace(2);
    sender.send_replace(3);
    drop(sender);
    WatchStream::new(receiver).collect().await
}

async fn queued() -> Vec<&'static str> {
    let mut queue = DelayQueue::new();
    queue.insert("second", ms(30));
    queue.insert("first", ms(10));
    let never = queue.insert("removed", ms(20));
    queue.remove(&never);
    let mut order = Vec::new();
    while let Some(expired) = queue.next().await {
        order.push(expired.into_inner());
    }
    order
}

async fn framed() -> Vec<String> {
    let (ours, theirs) = tokio::io::duplex(5);
    let sending = async {
        let mut frames = Framed::new(ours, LengthDelimitedCodec::new());
        frames.send("one".as_bytes()).await?;
        frames.send("two".as_bytes()).await
    };
    let frames = Framed::new(theirs, LengthDelimitedCodec::new());
    let receiving = frames.map(|frame| String::from_utf8(frame.expect("the frame is whole").to_vec())).collect();
    let (sent, received): (std::io::Result<()>, Result<Vec<_>, _>) = tokio::join!(sending, receiving);
    sent.expect("the receiver is there");
    received.expect("the frames are text")
}

async fn there_and_back(length: usize) -> usize {
    let bytes: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
    let mut reader = StreamReader::new(ReaderStream::with_capacity(&bytes[..], 1000));
    let mut copy = Vec::new();
    reader.read_to_end(&mut copy).await.expect("a slice can be read");
    if copy == bytes { copy.len() } else { 0 }
}

/// The clock stands still while a blocking closure runs.
async fn bridged() -> usize {
    let (mut ours, theirs) = tokio::io::duplex(2);
    let thread = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut SyncIoBridge::new(theirs), &mut text).expect("it is text");
        text.len()
    });
    ours.write_all(b"bridge").await.expect("the thread reads");
    drop(ours);
    thread.await.expect("the thread does not panic")
}
