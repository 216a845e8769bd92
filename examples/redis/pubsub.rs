//! [`PubSub`]: who listens to which channel, and a bounded [`Mailbox`] for each who does.
//!
//! ```text
//!   PUBLISH news hi ──▶ PubSub: "news" ──┬──▶ Mailbox ──notify──▶ connection task ──▶ subscriber
//!                                        └──▶ Mailbox ──notify──▶ connection task ──▶ subscriber
//! ```
//!
//! A publisher never waits for a subscriber. One that does not keep up finds its mailbox full, and is disconnected: to let
//! the mailbox grow would spend the server's memory on the slowest client, to drop messages would be a lie.
//!
//! # Invariants
//!
//! * `PUBSUB-1` A mailbox holds at most [`MAILBOX`] messages.
//! * `PUBSUB-2` A dropped [`Subscriber`] is in no channel, and a channel without subscribers is not in the map.
//! * `PUBSUB-3` The map's lock is never held while a mailbox's is taken.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use mini_tokio::sync::Notify;

/// How many messages wait for one subscriber before it is given up.
pub const MAILBOX: usize = 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub channel: Bytes,
    pub payload: Bytes,
}

#[derive(Default)]
pub struct PubSub {
    channels: Mutex<HashMap<Bytes, Vec<Arc<Mailbox>>>>,
}

#[derive(Default)]
struct Mailbox {
    messages: Mutex<VecDeque<Message>>,
    arrived: Notify,
    overrun: Notify,
}

impl PubSub {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Puts the message into every mailbox of the channel; how many there are.
    pub fn publish(&self, channel: &Bytes, payload: &Bytes) -> usize {
        let mailboxes = self.channels.lock().expect("nothing panics here").get(channel).cloned().unwrap_or_default();
        for mailbox in &mailboxes {
            mailbox.put(Message { channel: channel.clone(), payload: payload.clone() });
        }
        mailboxes.len()
    }
}

impl Mailbox {
    fn put(&self, message: Message) {
        let mut messages = self.messages.lock().expect("nothing panics here");
        if messages.len() == MAILBOX {
            drop(messages);
            self.overrun.notify_one();
            return;
        }
        messages.push_back(message);
        drop(messages);
        self.arrived.notify_one();
    }
}

/// One connection's subscriptions. Dropping it ends them.
pub struct Subscriber {
    home: Arc<PubSub>,
    mailbox: Arc<Mailbox>,
    channels: BTreeSet<Bytes>,
}

impl Subscriber {
    pub fn new(home: Arc<PubSub>) -> Self {
        Self { home, mailbox: Arc::default(), channels: BTreeSet::new() }
    }

    pub fn subscribe(&mut self, channel: Bytes) {
        if self.channels.insert(channel.clone()) {
            let mut channels = self.home.channels.lock().expect("nothing panics here");
            channels.entry(channel).or_default().push(self.mailbox.clone());
        }
    }

    pub fn unsubscribe(&mut self, channel: &Bytes) {
        if self.channels.remove(channel) {
            self.leave(channel);
        }
    }

    fn leave(&self, channel: &Bytes) {
        let mut channels = self.home.channels.lock().expect("nothing panics here");
        let Some(mailboxes) = channels.get_mut(channel) else { return };
        mailboxes.retain(|mailbox| !Arc::ptr_eq(mailbox, &self.mailbox));
        if mailboxes.is_empty() {
            channels.remove(channel);
        }
    }

    pub fn channels(&self) -> Vec<Bytes> {
        self.channels.iter().cloned().collect()
    }

    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    // ANCHOR: redis-mailbox
    /// The messages that have arrived, at least one.
    ///
    /// Cancel safe. First look, then wait: a message that arrives in between leaves a permit in `arrived`, and the wait is
    /// over at once. A permit whose message was already taken costs one more turn of the loop.
    pub async fn messages(&self) -> VecDeque<Message> {
        loop {
            let messages = std::mem::take(&mut *self.mailbox.messages.lock().expect("nothing panics here"));
            if !messages.is_empty() {
                return messages;
            }
            self.mailbox.arrived.notified().await;
        }
    }

    /// Ends when a message found the mailbox full.
    pub fn overrun(&self) -> impl Future<Output = ()> + use<> {
        let mailbox = self.mailbox.clone();
        async move { mailbox.overrun.notified().await }
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.channels.iter().for_each(|channel| self.leave(channel));
    }
}
