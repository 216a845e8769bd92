//! [`serve`]: one client from its first byte to its last, in a task of its own.
//!
//! ```text
//!   frame ──▶ Command ──▶ answer it ──▶ reply ─┐
//!     ▲                                        ├──▶ write buffer
//!     └── whatever comes first ──▶ message ────┘
//! ```

use std::collections::VecDeque;
use std::io;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::{Either, select};
use mini_tokio::net::TcpStream;
use mini_tokio::time::Instant;

use crate::command::Command;
use crate::connection::{Connection, ReadError};
use crate::db::{Db, IncrError};
use crate::frame::Frame;
use crate::pubsub::{Message, PubSub, Subscriber};

/// What all connections share.
#[derive(Clone)]
pub struct Store {
    pub db: Arc<Db>,
    pub pubsub: Arc<PubSub>,
}

enum Next {
    Frame(Option<Frame>),
    Messages(VecDeque<Message>),
}

struct Session {
    connection: Connection,
    store: Store,
    subscriber: Subscriber,
}

// ANCHOR: redis-serve
/// Serves one client.
///
/// # Errors
///
/// If the connection breaks, or the client leaves in the middle of a frame or does not read its messages.
pub async fn serve(stream: TcpStream, store: Store) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let subscriber = Subscriber::new(store.pubsub.clone());
    let overrun = pin!(subscriber.overrun());
    let mut session = Session { connection: Connection::new(stream), store, subscriber };
    // Both in one task. A subscriber that does not read blocks the session in a write; this is how it is noticed.
    match select(pin!(session.run()), overrun).await {
        Either::Left((ended, _)) => ended?,
        Either::Right(((), _)) => return Err(io::Error::other("a subscriber does not read its messages")),
    }
    session.connection.close().await
}

impl Session {
    /// Until the client is done.
    async fn run(&mut self) -> io::Result<()> {
        loop {
            let frame = match self.next().await {
                Ok(Next::Frame(Some(frame))) => frame,
                Ok(Next::Frame(None)) => return Ok(()),
                Ok(Next::Messages(messages)) => {
                    self.deliver(messages).await?;
                    continue;
                }
                Err(ReadError::Io(error)) => return Err(error),
                Err(ReadError::Protocol(error)) => {
                    let reply = Frame::Error(format!("ERR Protocol error: {}", error.0));
                    return self.connection.write_frame(&reply).await;
                }
            };
            let words = words(frame);
            if words.is_empty() {
                continue;
            }
            match Command::from_words(words) {
                Ok(Command::Quit) => return self.connection.write_frame(&Frame::Simple("OK")).await,
                Ok(command) => self.answer(command).await?,
                Err(refusal) => self.connection.write_frame(&refusal).await?,
            }
        }
    }

    // ANCHOR: redis-either
    /// A frame from the client or messages for it, whichever comes first.
    ///
    /// The future that loses is dropped. Neither loses anything by that: a half-read frame stays in the connection's buffer,
    /// a message in the mailbox.
    async fn next(&mut self) -> Result<Next, ReadError> {
        let frame = pin!(self.connection.read_frame());
        let messages = pin!(self.subscriber.messages());
        match select(frame, messages).await {
            Either::Left((frame, _)) => frame.map(Next::Frame),
            Either::Right((messages, _)) => Ok(Next::Messages(messages)),
        }
    }

    async fn deliver(&mut self, messages: VecDeque<Message>) -> io::Result<()> {
        for Message { channel, payload } in messages {
            let frame = [Frame::bulk("message"), Frame::Bulk(channel), Frame::Bulk(payload)];
            self.connection.write_frame(&Frame::Array(frame.into())).await?;
        }
        Ok(())
    }

    async fn answer(&mut self, command: Command) -> io::Result<()> {
        let reply = match command {
            Command::Subscribe(channels) => return self.subscribe(channels).await,
            Command::Unsubscribe(channels) => return self.unsubscribe(channels).await,
            Command::Ping(text) if !self.subscriber.is_empty() => {
                Frame::Array(vec![Frame::bulk("pong"), Frame::Bulk(text.unwrap_or_default())])
            }
            _ if !self.subscriber.is_empty() => Frame::Error(
                "ERR only SUBSCRIBE / UNSUBSCRIBE / PING / QUIT are allowed while subscribed to channels".to_owned(),
            ),
            command => self.store.apply(command),
        };
        self.connection.write_frame(&reply).await
    }

    async fn subscribe(&mut self, channels: Vec<Bytes>) -> io::Result<()> {
        for channel in channels {
            self.subscriber.subscribe(channel.clone());
            self.confirm("subscribe", Some(channel)).await?;
        }
        Ok(())
    }

    async fn unsubscribe(&mut self, channels: Vec<Bytes>) -> io::Result<()> {
        let channels = if channels.is_empty() { self.subscriber.channels() } else { channels };
        if channels.is_empty() {
            return self.confirm("unsubscribe", None).await;
        }
        for channel in channels {
            self.subscriber.unsubscribe(&channel);
            self.confirm("unsubscribe", Some(channel)).await?;
        }
        Ok(())
    }

    async fn confirm(&mut self, what: &'static str, channel: Option<Bytes>) -> io::Result<()> {
        let left = Frame::Integer(self.subscriber.channels().len() as i64);
        let frame = vec![Frame::bulk(what), channel.map_or(Frame::Null, Frame::Bulk), left];
        self.connection.write_frame(&Frame::Array(frame)).await
    }
}

fn words(frame: Frame) -> Vec<Bytes> {
    let Frame::Array(items) = frame else { return Vec::new() };
    let word = |item| if let Frame::Bulk(bytes) = item { Some(bytes) } else { None };
    items.into_iter().filter_map(word).collect()
}

impl Store {
    // ANCHOR: redis-apply
    /// The reply to a command that concerns the store alone. No lock is held when it returns, and nothing here waits.
    fn apply(&self, command: Command) -> Frame {
        match command {
            Command::Ping(None) => Frame::Simple("PONG"),
            Command::Ping(Some(text)) | Command::Echo(text) => Frame::Bulk(text),
            Command::Get(key) => self.db.get(&key).map_or(Frame::Null, Frame::Bulk),
            Command::Set { key, value, condition, lifetime } => match self.db.set(key, value, condition, lifetime) {
                true => Frame::Simple("OK"),
                false => Frame::Null,
            },
            Command::Del(keys) => Frame::Integer(keys.iter().filter(|key| self.db.remove(key)).count() as i64),
            Command::Incr(key) => match self.db.add(key, 1) {
                Ok(number) => Frame::Integer(number),
                Err(IncrError::NotANumber) => Frame::Error("ERR value is not an integer or out of range".to_owned()),
                Err(IncrError::Overflow) => Frame::Error("ERR increment or decrement would overflow".to_owned()),
            },
            Command::Ttl(key) => match self.db.deadline(&key) {
                None => Frame::Integer(-2),
                Some(None) => Frame::Integer(-1),
                Some(Some(deadline)) => Frame::Integer(seconds_until(deadline)),
            },
            Command::DbSize => Frame::Integer(self.db.len() as i64),
            Command::Publish { channel, payload } => Frame::Integer(self.pubsub.publish(&channel, &payload) as i64),
            Command::Fixed(reply) => reply,
            Command::Subscribe(_) | Command::Unsubscribe(_) | Command::Quit => unreachable!("the session's own"),
        }
    }
}

/// Rounded to the nearest, as Redis does.
fn seconds_until(deadline: Instant) -> i64 {
    let left = deadline.saturating_duration_since(Instant::now());
    left.as_secs_f64().round() as i64
}
