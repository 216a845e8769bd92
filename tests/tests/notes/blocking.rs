//! Notes C13 and D: code that blocks, beside code that must not.

use super::{Lines, block_thread, current_thread, multi_thread};
use crate::rt::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use crate::rt::net::{TcpListener, TcpStream};
use crate::rt::runtime::{Builder, Runtime};
use crate::rt::sync::{mpsc, oneshot};
use crate::rt::task;
use crate::rt::time::{Duration, sleep};
use std::net::SocketAddr;
use std::sync::mpsc as std_mpsc;
use std::{io, thread};

/// D2, D3: a thread of the operating system does its work beside `main`; `join` waits for its end and hands over its result
#[test]
fn join_waits_for_a_thread() {
    let lines = Lines::default();
    let thread = thread::spawn({
        let lines = lines.clone();
        move || {
            for i in 1..10 {
                lines.say(format!("hi number {i} from the first thread"));
            }
            "hello from the thread"
        }
    });
    for i in 1..5 {
        lines.say(format!("hi number {i} from the main thread"));
    }
    assert_eq!(thread.join().unwrap(), "hello from the thread");
    let lines = lines.all();
    for (who, count) in [("first", 9), ("main", 4)] {
        // The two mix as they like; each is in order, and none is missing.
        let own: Vec<_> = lines.iter().filter(|line| line.contains(who)).cloned().collect();
        assert_eq!(own, (1..=count).map(|i| format!("hi number {i} from the {who} thread")).collect::<Vec<_>>());
    }
}

/// The two tasks of note D: one has a closure read a file, the other computes on the runtime's own thread until told to end.
fn spawn_two(runtime: &Runtime, lines: &Lines, until: std_mpsc::Receiver<()>) {
    runtime.spawn({
        let lines = lines.clone();
        async move {
            lines.say("Future 1 executed on thread");
            let content = task::spawn_blocking(|| std::fs::read_to_string("Cargo.toml")).await.unwrap().unwrap();
            lines.say(format!("Content read: {}", !content.is_empty()));
        }
    });
    runtime.spawn({
        let lines = lines.clone();
        async move {
            lines.say("Future 2 executed on thread");
            block_thread(&until);
            lines.say("Result: computed");
        }
    });
}

/// D5: `block_on` returns with its own future; neither of the spawned tasks completes
#[test]
fn tasks_end_with_their_runtime() {
    let lines = Lines::default();
    let (compute, until) = std_mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = current_thread();
            spawn_two(&runtime, &lines, until);
            runtime.block_on(async { lines.say("Hello, world!") });
        });
    });
    assert_eq!(lines.all(), ["Hello, world!"]);
    // The task that would have waited for this was dropped.
    assert!(compute.send(()).is_err());
}

// ANCHOR: notes-frozen-thread
/// D6: `block_on` sleeps long enough for both; the blocking task freezes the thread, so that the file comes last
#[test]
fn a_blocking_task_freezes_its_thread() {
    let lines = Lines::default();
    let (compute, until) = std_mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = current_thread();
            spawn_two(&runtime, &lines, until);
            runtime.block_on(async { sleep(Duration::from_millis(900)).await });
        });
        // Both have begun, and the file was read long ago: but nobody is there to notice.
        while lines.all().len() < 2 {
            thread::yield_now();
        }
        assert_eq!(lines.all(), ["Future 1 executed on thread", "Future 2 executed on thread"]);
        compute.send(()).unwrap();
    });
    let expected =
        ["Future 1 executed on thread", "Future 2 executed on thread", "Result: computed", "Content read: true"];
    assert_eq!(lines.all(), expected);
}

/// An asynchronous client of a server that answers in capitals, and the same for callers that know of no runtime.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(address: SocketAddr) -> io::Result<Self> {
        Ok(Self(BufReader::new(TcpStream::connect(address).await?)))
    }

    async fn ask(&mut self, question: &str) -> io::Result<String> {
        self.0.write_all(format!("{question}\n").as_bytes()).await?;
        let mut answer = String::new();
        self.0.read_line(&mut answer).await?;
        Ok(answer.trim_end().to_owned())
    }
}

struct BlockingClient {
    inner: Client,
    runtime: Runtime,
}

impl BlockingClient {
    fn connect(address: SocketAddr) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let inner = runtime.block_on(Client::connect(address))?;
        Ok(Self { inner, runtime })
    }

    fn ask(&mut self, question: &str) -> io::Result<String> {
        self.runtime.block_on(self.inner.ask(question))
    }
}

/// C13.1: a client for synchronous code: it carries a runtime of its own, on which each call blocks
#[test]
fn a_blocking_client_hides_its_runtime() {
    let server = multi_thread(1);
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    server.spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut socket = BufReader::new(socket);
        let mut line = String::new();
        while socket.read_line(&mut line).await.unwrap() > 0 {
            socket.write_all(line.to_uppercase().as_bytes()).await.unwrap();
            line.clear();
        }
    });

    let mut client = BlockingClient::connect(address).unwrap();
    assert_eq!(client.ask("hello").unwrap(), "HELLO");
    assert_eq!(client.ask("again").unwrap(), "AGAIN");
}

/// C13.1: tasks of a current-thread runtime make progress only while somebody is in its `block_on`
#[test]
fn tasks_of_one_thread_progress_inside_block_on() {
    let runtime = current_thread();
    let lines = Lines::default();
    let said = lines.clone();
    let task = runtime.spawn(async move {
        said.say("began");
        task::yield_now().await;
        said.say("ended");
    });
    thread::yield_now();
    assert_eq!((lines.all().len(), task.is_finished()), (0, false));
    runtime.block_on(task).unwrap();
    assert_eq!(lines.all(), ["began", "ended"]);
}

/// C13.2: one worker lets ten tasks sleep at the same time, while the main thread is busy
#[test]
fn one_worker_serves_ten_tasks_behind_mains_back() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lines = Lines::default();
    let (stopped, stops) = std_mpsc::channel();
    let handles: Vec<_> = (0..10)
        .map(|i| {
            let (lines, stopped) = (lines.clone(), stopped.clone());
            runtime.spawn(async move {
                let millis = 100 - 5 * i;
                lines.say(format!("Task {i} sleeping for {millis} ms."));
                sleep(Duration::from_millis(millis)).await;
                stopped.send(i).unwrap();
            })
        })
        .collect();
    // The main thread is not in the runtime; all ten come to their ends without it.
    let mut ended: Vec<u64> = (0..10).map(|_| block_thread(&stops)).collect();
    ended.sort();
    assert!(ended.into_iter().eq(0..10));
    let begun: Vec<_> = (0..10).map(|i| format!("Task {i} sleeping for {} ms.", 100 - 5 * i)).collect();
    assert_eq!(lines.all(), begun);
    for handle in handles {
        runtime.block_on(handle).unwrap();
    }
}

struct Work {
    name: String,
    done: oneshot::Sender<String>,
}

/// A runtime on a thread of its own, fed through a channel.
#[derive(Clone)]
struct TaskSpawner(mpsc::Sender<Work>);

impl TaskSpawner {
    fn new() -> (Self, thread::JoinHandle<()>) {
        let (sender, mut receiver) = mpsc::channel::<Work>(16);
        let runtime = current_thread();
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                while let Some(work) = receiver.recv().await {
                    task::spawn(async move { work.done.send(format!("Got task {}", work.name)) });
                }
                // What was spawned last has its turn before the runtime goes.
                task::yield_now().await;
            });
        });
        (Self(sender), thread)
    }

    fn spawn_task(&self, name: &str) -> oneshot::Receiver<String> {
        let (done, result) = oneshot::channel();
        let sent = self.0.blocking_send(Work { name: name.to_owned(), done });
        assert!(sent.is_ok(), "the shared runtime has shut down");
        result
    }
}

/// C13.3: synchronous threads hand work to a runtime with `blocking_send`; it ends when the last of them is gone
#[test]
fn a_runtime_on_its_own_thread_takes_orders() {
    let (spawner, runtime) = TaskSpawner::new();
    let other = spawner.clone();
    let from_thread = thread::spawn(move || other.spawn_task("two").blocking_recv().unwrap());
    let result = spawner.spawn_task("one");
    assert_eq!(result.blocking_recv().unwrap(), "Got task one");
    assert_eq!(from_thread.join().unwrap(), "Got task two");
    drop(spawner);
    runtime.join().unwrap();

    let (sender, _) = mpsc::channel(1);
    assert_eq!(
        super::panic_of(|| current_thread().block_on(async { sender.blocking_send(()).is_ok() })),
        "Cannot block the current thread from within a runtime. This happens because a function attempted to block the \
         current thread while the thread is being used to drive asynchronous tasks."
    );
}
