//! Note C, sections 7 and 14: a task that owns a resource, and the handles through which others talk to it.

use super::{current_thread, multi_thread, paused};
use crate::rt::sync::{mpsc, oneshot};
use crate::rt::task::{self, JoinHandle};
use crate::rt::time::{Duration, Instant, sleep};
use std::collections::{BTreeSet, HashMap};

type Responder<T> = oneshot::Sender<T>;

enum Command {
    Get { key: String, respond_to: Responder<Option<String>> },
    Set { key: String, value: String, respond_to: Responder<()> },
}

/// Owns the table, and answers one command after the other.
async fn manage(mut commands: mpsc::Receiver<Command>) -> usize {
    let (mut table, mut served) = (HashMap::new(), 0);
    while let Some(command) = commands.recv().await {
        match command {
            Command::Get { key, respond_to } => _ = respond_to.send(table.get(&key).cloned()),
            Command::Set { key, value, respond_to } => {
                table.insert(key, value);
                let _ = respond_to.send(());
            }
        }
        served += 1;
    }
    served
}

/// C7.1: two tasks send commands to a manager and get their answers through a channel for one value each
#[test]
fn a_manager_answers_commands() {
    multi_thread(2).block_on(async {
        let (sender, receiver) = mpsc::channel(32);
        let other = sender.clone();
        let manager = task::spawn(manage(receiver));
        let set = task::spawn(async move {
            let (respond_to, response) = oneshot::channel();
            let set = Command::Set { key: "foo".to_owned(), value: "bar".to_owned(), respond_to };
            assert!(sender.send(set).await.is_ok());
            response.await
        });
        assert_eq!(set.await.unwrap(), Ok(()));
        let get = task::spawn(async move {
            let mut found = Vec::new();
            for key in ["foo", "baz"] {
                let (respond_to, response) = oneshot::channel();
                assert!(other.send(Command::Get { key: key.to_owned(), respond_to }).await.is_ok());
                found.push(response.await.unwrap());
            }
            found
        });
        assert_eq!(get.await.unwrap(), [Some("bar".to_owned()), None]);
        // Both senders are gone, and with them the manager.
        assert_eq!(manager.await.unwrap(), 3);
    });
}

/// C7.1: who sends faster than the manager works is held back by the channel
#[test]
fn a_slow_manager_holds_its_clients_back() {
    paused().block_on(async {
        let start = Instant::now();
        let (sender, mut receiver) = mpsc::channel(1);
        task::spawn(async move {
            loop {
                sleep(Duration::from_secs(1)).await;
                if receiver.recv().await.is_none() {
                    return;
                }
            }
        });
        let mut sent_at = Vec::new();
        for n in 0..4 {
            sender.send(n).await.unwrap();
            sent_at.push(start.elapsed().as_secs());
        }
        assert_eq!(sent_at, [0, 1, 2, 3]);
    });
}

enum Message {
    UniqueId { respond_to: Responder<u32> },
    Forget,
}

struct MyActor {
    receiver: mpsc::Receiver<Message>,
    next_id: u32,
}

impl MyActor {
    fn handle(&mut self, message: Message) {
        match message {
            Message::UniqueId { respond_to } => {
                self.next_id += 1;
                // Who asked may be gone by now.
                let _ = respond_to.send(self.next_id);
            }
            Message::Forget => self.next_id = 0,
        }
    }

    async fn run(mut self) -> u32 {
        while let Some(message) = self.receiver.recv().await {
            self.handle(message);
        }
        self.next_id
    }
}

#[derive(Clone)]
struct MyActorHandle(mpsc::Sender<Message>);

impl MyActorHandle {
    fn new() -> (Self, JoinHandle<u32>) {
        let (sender, receiver) = mpsc::channel(8);
        (Self(sender), task::spawn(MyActor { receiver, next_id: 0 }.run()))
    }

    async fn unique_id(&self) -> Option<u32> {
        let (respond_to, response) = oneshot::channel();
        // If this fails, so does the answer.
        let _ = self.0.send(Message::UniqueId { respond_to }).await;
        response.await.ok()
    }
}

/// C14.1: clones of a handle ask from several tasks, and no id is given twice; the actor ends with its last handle
#[test]
fn an_actor_lives_as_long_as_its_handles() {
    multi_thread(2).block_on(async {
        let (handle, actor) = MyActorHandle::new();
        let clients: Vec<_> = (0..50)
            .map(|_| {
                let handle = handle.clone();
                task::spawn(async move { handle.unique_id().await.unwrap() })
            })
            .collect();
        let mut ids = BTreeSet::new();
        for client in clients {
            assert!(ids.insert(client.await.unwrap()));
        }
        assert!(ids.into_iter().eq(1..=50));
        assert!(!actor.is_finished());
        drop(handle);
        assert_eq!(actor.await.unwrap(), 50);
    });
}

/// C14.1: a client that no longer waits does not disturb the actor; an actor that was killed is an error to its clients
#[test]
fn either_side_may_go() {
    current_thread().block_on(async {
        let (handle, actor) = MyActorHandle::new();
        let (respond_to, response) = oneshot::channel();
        drop(response);
        handle.0.send(Message::UniqueId { respond_to }).await.ok().unwrap();
        assert_eq!(handle.unique_id().await, Some(2));
        // A message without an answer: with room in the channel, sending it waits for nobody.
        assert!(handle.0.try_send(Message::Forget).is_ok());
        assert_eq!(handle.unique_id().await, Some(1));
        actor.abort();
        assert!(actor.await.unwrap_err().is_cancelled());
        assert_eq!(handle.unique_id().await, None);
    });
}

/// C14.1: an actor with two kinds of handles: each channel may close by itself, and `else` is when both have
#[test]
fn an_actor_may_have_several_handles() {
    current_thread().block_on(async {
        let (numbers, mut from_numbers) = mpsc::channel(4);
        let (words, mut from_words) = mpsc::channel(4);
        let actor = task::spawn(async move {
            let (mut sum, mut text) = (0, String::new());
            loop {
                crate::rt::select! {
                    Some(number) = from_numbers.recv() => sum += number,
                    Some(word) = from_words.recv() => text.push_str(word),
                    else => break (sum, text),
                }
            }
        });
        numbers.send(1).await.unwrap();
        drop(numbers);
        words.send("a").await.unwrap();
        task::yield_now().await;
        assert!(!actor.is_finished());
        words.send("b").await.unwrap();
        drop(words);
        assert_eq!(actor.await.unwrap(), (1, "ab".to_owned()));
    });
}

/// C14.1: two actors that hold each other's handles end all the same, if one of them ends with its other channel
#[test]
fn a_cycle_of_actors_ends_with_its_outer_channel() {
    current_thread().block_on(async {
        let (from_outside, mut outer) = mpsc::channel::<u32>(4);
        let (to_first, mut inner) = mpsc::channel::<u32>(4);
        let (to_second, mut second_inbox) = mpsc::channel::<u32>(4);
        let first = task::spawn(async move {
            let mut returned = Vec::new();
            loop {
                crate::rt::select! {
                    message = outer.recv() => match message {
                        Some(number) => to_second.send(number).await.unwrap(),
                        None => break returned,
                    },
                    Some(number) = inner.recv() => returned.push(number),
                }
            }
        });
        let second = task::spawn(async move {
            let mut seen = 0;
            while let Some(number) = second_inbox.recv().await {
                seen += 1;
                let _ = to_first.send(number * 10).await;
            }
            seen
        });
        from_outside.send(4).await.unwrap();
        while from_outside.capacity() < 4 {
            task::yield_now().await;
        }
        for _ in 0..10 {
            task::yield_now().await;
        }
        drop(from_outside);
        assert_eq!(first.await.unwrap(), [40]);
        assert_eq!(second.await.unwrap(), 1);
    });
}
