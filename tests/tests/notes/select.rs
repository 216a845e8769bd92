//! Note C, section 11: waiting for whichever comes first.

use super::{Lines, current_thread, multi_thread, paused};
use crate::rt::io::{AsyncReadExt, AsyncWriteExt};
use crate::rt::net::{TcpListener, TcpStream};
use crate::rt::sync::{mpsc, oneshot};
use crate::rt::time::{Duration, sleep};
use crate::rt::{self, task};
use std::io;
use std::net::SocketAddr;

/// C11.1: of two oneshots the one that is sent wins, and the receiver of the other is gone
#[test]
fn the_oneshot_that_is_sent_wins() {
    current_thread().block_on(async {
        let (first, from_first) = oneshot::channel();
        let (second, from_second) = oneshot::channel::<&str>();
        task::spawn(async move { first.send("one") });
        let line = rt::select! {
            value = from_first => format!("rx1 completed first with {value:?}"),
            value = from_second => format!("rx2 completed first with {value:?}"),
        };
        assert_eq!(line, r#"rx1 completed first with Ok("one")"#);
        assert!(second.is_closed());
        assert_eq!(second.send("two"), Err("two"));
    });
}

/// C11.1: `closed` tells the sender that nobody waits any more, and so ends the work for that nobody
#[test]
fn a_dropped_receiver_cancels_the_work() {
    paused().block_on(async {
        let lines = Lines::default();
        let (mut slow, from_slow) = oneshot::channel();
        let (quick, from_quick) = oneshot::channel();
        let said = lines.clone();
        let working = task::spawn(async move {
            rt::select! {
                value = async { sleep(Duration::from_secs(9_999)).await; "one" } => {
                    said.say("sent");
                    let _ = slow.send(value);
                }
                () = slow.closed() => said.say("cancelled"),
            }
        });
        task::spawn(async move { quick.send("two") });
        let winner = rt::select! {
            value = from_slow => value,
            value = from_quick => value,
        };
        assert_eq!(winner, Ok("two"));
        working.await.unwrap();
        assert_eq!(lines.all(), ["cancelled"]);
    });
}

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// C11.2: a connection against a message: whichever is there first, is handled
#[test]
fn a_connection_races_a_message() {
    current_thread().block_on(async {
        let (_listener, address) = bind().await;
        let (_never, silence) = oneshot::channel::<&str>();
        let connected = rt::select! {
            socket = TcpStream::connect(address) => socket.is_ok(),
            _ = silence => false,
        };
        assert!(connected);
        let (sender, message) = oneshot::channel();
        sender.send("done").unwrap();
        let (listener, _) = bind().await;
        let line = rt::select! {
            _ = listener.accept() => "nobody connects here".to_owned(),
            message = message => format!("received message first {message:?}"),
        };
        assert_eq!(line, r#"received message first Ok("done")"#);
    });
}

/// C11.2: an accept loop serves until a message ends it
#[test]
fn a_message_ends_an_accept_loop() {
    multi_thread(2).block_on(async {
        let (listener, address) = bind().await;
        let (stop, stopped) = oneshot::channel();
        let server = task::spawn(async move {
            rt::select! {
                ended = async {
                    loop {
                        let (mut socket, _) = listener.accept().await?;
                        task::spawn(async move { socket.write_u8(42).await });
                    }
                    #[allow(unreachable_code)]
                    Ok::<_, io::Error>("never")
                } => ended,
                _ = stopped => Ok("terminating accept loop"),
            }
        });
        for _ in 0..3 {
            let mut client = TcpStream::connect(address).await.unwrap();
            assert_eq!(client.read_u8().await.unwrap(), 42);
        }
        stop.send(()).unwrap();
        assert_eq!(server.await.unwrap().unwrap(), "terminating accept loop");
        // The listener went with its branch.
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    });
}

/// C11.2: `?` in the expression ends the expression and its error reaches the handler; `?` in the handler ends the function
#[test]
fn a_question_mark_acts_where_it_stands() {
    async fn fail() -> Result<u32, &'static str> {
        Err("failed")
    }
    async fn in_the_expression() -> Result<String, &'static str> {
        let handled = rt::select! {
            result = async { let n = fail().await?; Ok::<_, &str>(n) } => format!("handled {result:?}"),
        };
        Ok(handled)
    }
    async fn in_the_handler() -> Result<String, &'static str> {
        let n = rt::select! {
            result = fail() => result?,
        };
        Ok(format!("never {n}"))
    }

    current_thread().block_on(async {
        assert_eq!(in_the_expression().await, Ok(r#"handled Err("failed")"#.to_owned()));
        assert_eq!(in_the_handler().await, Err("failed"));
    });
}

/// C11.3: the value of the handler is the value of the macro; all handlers have one type
#[test]
fn select_has_a_value() {
    async fn computation(name: &str, turns: usize) -> String {
        for _ in 0..turns {
            task::yield_now().await;
        }
        name.to_owned()
    }

    current_thread().block_on(async {
        let out = rt::select! {
            result = computation("slow", 20) => result,
            result = computation("quick", 1) => result,
        };
        assert_eq!(out, "quick");
    });
}

/// C11.3: a closed channel does not match and disables its branch; the other goes on; both closed is `else`
#[test]
fn a_mismatch_disables_its_branch() {
    async fn next(first: &mut mpsc::Receiver<i32>, second: &mut mpsc::Receiver<i32>) -> String {
        rt::select! {
            Some(value) = first.recv() => format!("Got {value} from rx1"),
            Some(value) = second.recv() => format!("Got {value} from rx2"),
            else => "Both channels closed".to_owned(),
        }
    }

    current_thread().block_on(async {
        let (first, mut from_first) = mpsc::channel(128);
        let (second, mut from_second) = mpsc::channel(128);
        drop(first);
        let later = task::spawn(async move {
            task::yield_now().await;
            second.send(2).await.unwrap();
        });
        assert_eq!(next(&mut from_first, &mut from_second).await, "Got 2 from rx2");
        later.await.unwrap();
        assert_eq!(next(&mut from_first, &mut from_second).await, "Both channels closed");
    });
}

/// C11.4: expressions borrow the same data; an error does not match, and the other address has its chance
#[test]
fn branches_borrow_what_they_send() {
    async fn race(data: &[u8], addresses: [SocketAddr; 2]) -> bool {
        async fn send(data: &[u8], address: SocketAddr) -> io::Result<()> {
            TcpStream::connect(address).await?.write_all(data).await
        }
        rt::select! {
            Ok(()) = send(data, addresses[0]) => true,
            Ok(()) = send(data, addresses[1]) => true,
            else => false,
        }
    }

    current_thread().block_on(async {
        let (listener, address) = bind().await;
        let (gone, nobody) = bind().await;
        drop(gone);
        let data = b"data".to_vec();
        assert!(race(&data, [nobody, address]).await);
        let mut received = Vec::new();
        listener.accept().await.unwrap().0.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, data);
        assert!(!race(&data, [nobody, nobody]).await);
    });
}

/// C11.4: only one handler runs, and so each may change the same variable
#[test]
fn handlers_may_change_the_same_variable() {
    current_thread().block_on(async {
        let (first, from_first) = oneshot::channel::<()>();
        let (second, from_second) = oneshot::channel();
        second.send(()).unwrap();
        let mut out = String::new();
        rt::select! {
            _ = from_first => out.push_str("rx1 completed"),
            _ = from_second => out.push_str("rx2 completed"),
        }
        assert_eq!(out, "rx2 completed");
        drop(first);
    });
}

/// C11.4: a loop over three receivers gets every message of each, in the order of each, and ends when all are closed
#[test]
fn a_loop_over_receivers_loses_nothing() {
    multi_thread(2).block_on(async {
        let [(a, mut from_a), (b, mut from_b), (c, mut from_c)] = [(); 3].map(|()| mpsc::channel(4));
        for (channel, sender) in [a, b, c].into_iter().enumerate() {
            task::spawn(async move {
                for number in 0..100 {
                    sender.send((channel, number)).await.unwrap();
                }
            });
        }
        let mut next = [0; 3];
        loop {
            let (channel, number) = rt::select! {
                Some(message) = from_a.recv() => message,
                Some(message) = from_b.recv() => message,
                Some(message) = from_c.recv() => message,
                else => break,
            };
            assert_eq!(number, next[channel]);
            next[channel] += 1;
        }
        assert_eq!(next, [100; 3]);
    });
}

/// C11.5: one operation is carried on from turn to turn: pinned, and polled by reference
#[test]
fn an_operation_goes_on_over_many_turns() {
    paused().block_on(async {
        let (sender, mut receiver) = mpsc::channel(128);
        let sending = task::spawn(async move {
            for n in 0.. {
                if sender.send(n).await.is_err() {
                    break;
                }
                sleep(Duration::from_secs(1)).await;
            }
        });
        let operation = sleep(Duration::from_millis(3_500));
        rt::pin!(operation);
        let mut seen = Vec::new();
        loop {
            rt::select! {
                () = &mut operation => break,
                Some(n) = receiver.recv() => seen.push(n),
            }
        }
        // Four messages came in between; the operation was not begun anew by any of them.
        assert_eq!(seen, [0, 1, 2, 3]);
        drop(receiver);
        sending.await.unwrap();
    });
}

/// C11.5: `if !done` keeps a finished operation from being polled; `set` puts a new one in its place
#[test]
fn an_operation_is_replaced_in_its_place() {
    async fn action(input: Option<i32>) -> Option<String> {
        let n = input?;
        task::yield_now().await;
        Some(format!("GOT = {n}"))
    }

    current_thread().block_on(async {
        let (sender, mut receiver) = mpsc::channel(128);
        let mut done = false;
        let operation = action(None);
        rt::pin!(operation);
        let sending = task::spawn(async move {
            for n in [1, 3, 2] {
                sender.send(n).await.unwrap();
            }
            // Not closed before the operation is done.
            sender.closed().await;
        });
        let mut odd = Vec::new();
        let line = loop {
            rt::select! {
                result = &mut operation, if !done => {
                    done = true;
                    if let Some(line) = result {
                        break line;
                    }
                }
                Some(n) = receiver.recv() => {
                    if n % 2 == 0 {
                        operation.set(action(Some(n)));
                        done = false;
                    } else {
                        odd.push(n);
                    }
                }
            }
        };
        assert_eq!(line, "GOT = 2");
        assert_eq!(odd, [1, 3]);
        drop(receiver);
        sending.await.unwrap();
    });
}
