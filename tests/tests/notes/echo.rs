//! Notes B13, C5, C6 and C8: readers and writers, servers, and the state that their tasks share.

use super::{current_thread, multi_thread};
use crate::rt::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use crate::rt::net::{TcpListener, TcpStream};
use crate::rt::task;
use bytes::BytesMut;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Sends two lines in a task of their own and reads until the other side closes.
async fn echoed(address: SocketAddr) -> Vec<u8> {
    let socket = TcpStream::connect(address).await.unwrap();
    let (mut reader, mut writer) = io::split(socket);
    let writing = task::spawn(async move {
        writer.write_all(b"hello\r\n").await?;
        writer.write_all(b"world\r\n").await?;
        writer.shutdown().await?;
        Ok::<_, io::Error>(())
    });
    let mut answer = Vec::new();
    let mut buffer = vec![0; 128];
    loop {
        match reader.read(&mut buffer).await.unwrap() {
            0 => break,
            n => answer.extend_from_slice(&buffer[..n]),
        }
    }
    writing.await.unwrap().unwrap();
    answer
}

/// B13, C8.3: an echo server of four lines: a task a socket, its two halves joined by `copy`
#[test]
fn copy_makes_an_echo_server() {
    multi_thread(2).block_on(async {
        let (listener, address) = bind().await;
        let server = task::spawn(async move {
            let mut copied = Vec::new();
            for _ in 0..3 {
                let (mut socket, _) = listener.accept().await.unwrap();
                copied.push(task::spawn(async move {
                    let (mut reader, mut writer) = socket.split();
                    io::copy(&mut reader, &mut writer).await.unwrap()
                }));
            }
            copied
        });
        let clients = [(); 3].map(|()| task::spawn(echoed(address)));
        for client in clients {
            assert_eq!(client.await.unwrap(), b"hello\r\nworld\r\n");
        }
        for copied in server.await.unwrap() {
            assert_eq!(copied.await.unwrap(), 14);
        }
    });
}

/// C8.3: the same server by hand: read into a buffer, write back what was read, end when the other side has
#[test]
fn an_echo_server_by_hand() {
    async fn serve(mut socket: TcpStream) -> io::Result<usize> {
        let mut buffer = vec![0; 1024];
        let mut reads = 0;
        loop {
            let n = socket.read(&mut buffer).await?;
            if n == 0 {
                return Ok(reads);
            }
            socket.write_all(&buffer[..n]).await?;
            reads += 1;
        }
    }

    current_thread().block_on(async {
        let (listener, address) = bind().await;
        let server = task::spawn(async move { serve(listener.accept().await.unwrap().0).await });
        assert_eq!(echoed(address).await, b"hello\r\nworld\r\n");
        assert!(server.await.unwrap().unwrap() >= 1);
    });
}

/// C8.3: a buffer that lives across an `.await` is part of the task; on the heap it costs the task three words
#[test]
fn a_buffer_on_the_heap_keeps_the_task_small() {
    async fn on_the_stack(socket: &mut &[u8]) -> usize {
        let mut buffer = [0; 4096];
        let n = socket.read(&mut buffer).await.unwrap();
        usize::from(buffer[n - 1])
    }
    async fn on_the_heap(socket: &mut &[u8]) -> usize {
        let mut buffer = vec![0; 4096];
        let n = socket.read(&mut buffer).await.unwrap();
        usize::from(buffer[n - 1])
    }

    let (mut first, mut second): (&[u8], &[u8]) = (b"ab", b"ab");
    let (stack, heap) = (on_the_stack(&mut first), on_the_heap(&mut second));
    assert!(size_of_val(&stack) > 4096, "{}", size_of_val(&stack));
    assert!(size_of_val(&heap) < 256, "{}", size_of_val(&heap));
    current_thread().block_on(async { assert_eq!((stack.await, heap.await), (98, 98)) });
}

/// C8.1: slices are read, vectors are written, and each way of reading says how much it got
#[test]
fn slices_and_vectors_are_readers_and_writers() {
    current_thread().block_on(async {
        let mut reader: &[u8] = b"0123456789";
        let mut three = [0; 3];
        assert_eq!(reader.read(&mut three).await.unwrap(), 3);
        assert_eq!(&three, b"012");
        let mut growing = BytesMut::with_capacity(2);
        assert_eq!(reader.read_buf(&mut growing).await.unwrap(), 2);
        assert_eq!(&growing[..], b"34");
        assert_eq!(reader.read_u8().await.unwrap(), b'5');
        assert_eq!(reader.read_exact(&mut three).await.unwrap(), 3);
        assert_eq!(&three, b"678");
        let error = reader.read_exact(&mut three).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::UnexpectedEof, "early eof"));
        // The end is not an error, but nothing.
        assert_eq!(reader.read(&mut three).await.unwrap(), 0);

        let mut text = String::new();
        let (hello, world): (&[u8], &[u8]) = (b"hello ", b"world");
        assert_eq!(hello.chain(world).read_to_string(&mut text).await.unwrap(), 11);
        assert_eq!(text, "hello world");

        let mut written = Vec::new();
        assert_eq!(written.write(b"some ").await.unwrap(), 5);
        written.write_all(b"bytes").await.unwrap();
        written.write_u8(b'!').await.unwrap();
        written.flush().await.unwrap();
        assert_eq!(written, b"some bytes!");
    });
}

/// Answers each line of a connection with the same line.
async fn process(socket: TcpStream) {
    let mut socket = BufReader::new(socket);
    let mut line = String::new();
    while socket.read_line(&mut line).await.unwrap() > 0 {
        socket.write_all(line.as_bytes()).await.unwrap();
        line.clear();
    }
}

async fn serve_one_after_the_other(listener: TcpListener) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        process(socket).await;
    }
}

async fn serve_all_at_once(listener: TcpListener) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        task::spawn(process(socket));
    }
}

async fn ask(address: SocketAddr, question: &'static str) -> String {
    let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
    socket.write_all(question.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_line(&mut answer).await.unwrap();
    answer
}

/// C5.1: a server that serves in its accept loop lets everybody wait for a silent client
#[test]
fn serving_in_the_accept_loop_lets_others_wait() {
    current_thread().block_on(async {
        let (listener, address) = bind().await;
        task::spawn(serve_one_after_the_other(listener));
        let silent = TcpStream::connect(address).await.unwrap();
        let hasty = task::spawn(ask(address, "hasty\n"));
        for _ in 0..100 {
            task::yield_now().await;
        }
        assert!(!hasty.is_finished());
        drop(silent);
        assert_eq!(hasty.await.unwrap(), "hasty\n");
    });
}

/// C5.1: with a task a connection nobody waits for anybody
#[test]
fn a_task_per_connection_lets_nobody_wait() {
    current_thread().block_on(async {
        let (listener, address) = bind().await;
        task::spawn(serve_all_at_once(listener));
        let silent = TcpStream::connect(address).await.unwrap();
        assert_eq!(ask(address, "hasty\n").await, "hasty\n");
        drop(silent);
    });
}

/// C6.1's second way: the lock is inside of a type, and no method of it is asynchronous.
#[derive(Default)]
struct CanIncrement(Mutex<i32>);

impl CanIncrement {
    fn increment(&self) {
        *self.0.lock().unwrap() += 1;
    }
}

// ANCHOR: notes-std-mutex
/// C6.1, E1: a std mutex in asynchronous code, three ways: held within a block, held within a method, owned by one task
#[test]
fn a_std_mutex_is_held_between_awaits() {
    async fn in_a_block(mutex: &Mutex<i32>) {
        {
            *mutex.lock().unwrap() += 1;
        }
        task::yield_now().await;
    }

    multi_thread(4).block_on(async {
        let (plain, wrapped) = (Arc::new(Mutex::new(0)), Arc::new(CanIncrement::default()));
        let (sender, mut receiver) = crate::rt::sync::mpsc::channel(1);
        let owner = task::spawn(async move {
            let mut count = 0;
            while let Some(by) = receiver.recv().await {
                count += by;
            }
            count
        });
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (plain, wrapped, sender) = (plain.clone(), wrapped.clone(), sender.clone());
                task::spawn(async move {
                    in_a_block(&plain).await;
                    wrapped.increment();
                    task::yield_now().await;
                    sender.send(1).await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        drop(sender);
        let owned = owner.await.unwrap();
        let counts = (*plain.lock().unwrap(), *wrapped.0.lock().unwrap(), owned);
        assert_eq!(counts, (100, 100, 100));
    });
}

/// C6.2: a map in several shards, each with a lock of its own: a key is always in the same one, and others are not held up
#[test]
fn a_sharded_map_locks_only_what_it_needs() {
    type Shard = Mutex<HashMap<String, usize>>;
    let shards: Arc<[Shard]> = (0..8).map(|_| Shard::default()).collect();
    let of = |key: &str| (BuildHasherDefault::<DefaultHasher>::default().hash_one(key) % 8) as usize;

    multi_thread(4).block_on(async {
        let tasks: Vec<_> = (0..100)
            .map(|i| {
                let (shards, key) = (shards.clone(), format!("key {i}"));
                let shard = of(&key);
                task::spawn(async move { shards[shard].lock().unwrap().insert(key, i) })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), None);
        }
    });
    assert_eq!(shards.iter().map(|shard| shard.lock().unwrap().len()).sum::<usize>(), 100);
    assert_eq!(shards[of("key 7")].lock().unwrap()["key 7"], 7);
    // While one shard is held, any other can be locked.
    let held = shards[0].lock().unwrap();
    assert!(shards[1..].iter().all(|shard| shard.try_lock().is_ok()));
    assert!(shards[0].try_lock().is_err());
    drop(held);
}
