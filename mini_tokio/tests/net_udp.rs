//! A UDP socket sends and receives whole datagrams, in every manner of waiting, on every scheduler.

mod net_support;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use mini_tokio::io::{Interest, ReadBuf};
use mini_tokio::net::UdpSocket;
use mini_tokio::task;
use net_support::{Wakes, current_thread, runtimes};

const ANY: &str = "127.0.0.1:0";

/// Two sockets that are each other's peers.
async fn pair() -> (UdpSocket, UdpSocket) {
    let (a, b) = (UdpSocket::bind(ANY).await.unwrap(), UdpSocket::bind(ANY).await.unwrap());
    a.connect(b.local_addr().unwrap()).await.unwrap();
    b.connect(a.local_addr().unwrap()).await.unwrap();
    (a, b)
}

#[test]
fn datagrams_arrive_whole_with_their_senders_name() {
    for rt in runtimes() {
        rt.block_on(async {
            let server = UdpSocket::bind(ANY).await.unwrap();
            let addr = server.local_addr().unwrap();
            let echo = task::spawn(async move {
                let mut buf = [0; 2000];
                for _ in 0..50 {
                    let (n, from) = server.recv_from(&mut buf).await.unwrap();
                    assert_eq!(server.send_to(&buf[..n], from).await.unwrap(), n);
                }
            });
            let client = UdpSocket::bind(ANY).await.unwrap();
            for size in (0..50).map(|i| i * 30) {
                let sent = vec![size as u8; size];
                assert_eq!(client.send_to(&sent, addr).await.unwrap(), size);
                let mut buf = [0; 2000];
                let (n, from) = client.recv_from(&mut buf).await.unwrap();
                assert_eq!((&buf[..n], from), (&sent[..], addr));
            }
            echo.await.unwrap();
        });
    }
}

#[test]
fn one_socket_serves_a_sender_and_a_receiver_in_two_tasks() {
    for rt in runtimes() {
        rt.block_on(async {
            let (ours, peer) = pair().await;
            let ours = Arc::new(ours);
            let receiving = task::spawn({
                let ours = ours.clone();
                async move {
                    let mut sum = 0;
                    for _ in 0..100 {
                        let mut one = [0];
                        ours.recv(&mut one).await.unwrap();
                        sum += u32::from(one[0]);
                    }
                    sum
                }
            });
            for i in 0..100 {
                ours.send(&[i]).await.unwrap();
                peer.recv(&mut [0]).await.unwrap();
                peer.send(&[i]).await.unwrap();
            }
            assert_eq!(receiving.await.unwrap(), 4950);
        });
    }
}

#[test]
fn what_was_peeked_is_received_again() {
    current_thread().block_on(async {
        let (a, b) = pair().await;
        let from = a.local_addr().unwrap();
        a.send(b"hello").await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(b.peek_sender().await.unwrap(), from);
        assert_eq!(b.peek(&mut buf).await.unwrap(), 5);
        assert_eq!(b.peek_from(&mut buf).await.unwrap(), (5, from));
        assert_eq!(b.try_peek(&mut buf).unwrap(), 5);
        assert_eq!(b.try_peek_from(&mut buf).unwrap(), (5, from));
        assert_eq!(b.try_peek_sender().unwrap(), from);
        for peeked in [
            poll_fn(|cx| {
                let mut room = ReadBuf::new(&mut buf);
                b.poll_peek(cx, &mut room).map_ok(|()| room.filled().len())
            })
            .await,
            poll_fn(|cx| {
                let mut room = ReadBuf::new(&mut buf);
                b.poll_peek_from(cx, &mut room).map_ok(|_| room.filled().len())
            })
            .await,
        ] {
            assert_eq!(peeked.unwrap(), 5);
        }
        assert_eq!(poll_fn(|cx| b.poll_peek_sender(cx)).await.unwrap(), from);
        assert_eq!(b.recv(&mut buf).await.unwrap(), 5);
        assert_eq!(&buf[..5], b"hello");
        assert_eq!(b.try_recv(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn every_way_of_receiving_gets_the_same_bytes() {
    current_thread().block_on(async {
        let (a, b) = pair().await;
        let from = a.local_addr().unwrap();
        for way in 0..8 {
            let mut buf = [0; 16];
            let mut vec = b"__".to_vec();
            a.send(b"datagram").await.unwrap();
            b.readable().await.unwrap();
            match way {
                0 => assert_eq!(b.recv(&mut buf).await.unwrap(), 8),
                1 => assert_eq!(b.recv_from(&mut buf).await.unwrap(), (8, from)),
                2 => assert_eq!(b.try_recv_from(&mut buf).unwrap(), (8, from)),
                3 => assert_eq!(b.recv_buf(&mut vec).await.unwrap(), 8),
                4 => assert_eq!(b.recv_buf_from(&mut vec).await.unwrap(), (8, from)),
                5 => assert_eq!(b.try_recv_buf(&mut vec).unwrap(), 8),
                6 => assert_eq!(b.try_recv_buf_from(&mut vec).unwrap(), (8, from)),
                _ => {
                    let mut room = ReadBuf::new(&mut buf);
                    assert_eq!(poll_fn(|cx| b.poll_recv_from(cx, &mut room)).await.unwrap(), from);
                    assert_eq!(room.filled(), b"datagram");
                }
            }
            assert!(buf.starts_with(b"datagram") || vec == b"__datagram", "way {way}");
        }
    });
}

#[test]
fn a_datagram_that_does_not_fit_is_cut_and_its_rest_is_lost() {
    current_thread().block_on(async {
        let (a, b) = pair().await;
        a.send(b"long one").await.unwrap();
        a.send(b"next").await.unwrap();
        let mut buf = [0; 4];
        assert_eq!(b.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(&buf, b"long");
        assert_eq!(b.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(&buf, b"next");
    });
}

#[test]
fn an_empty_queue_is_found_out_by_asking_and_then_waits() {
    current_thread().block_on(async {
        let (a, b) = pair().await;
        let (wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        let mut receiving = pin!(b.ready(Interest::READABLE));
        assert!(receiving.as_mut().poll(&mut cx).is_pending());
        assert!(b.poll_recv_ready(&mut cx).is_pending());
        a.send(b"x").await.unwrap();
        while wakes.count() < 2 {
            task::yield_now().await;
        }
        assert!(matches!(receiving.poll(&mut cx), Poll::Ready(Ok(ready)) if ready.is_readable()));
        // The readiness stays until a call has answered `WouldBlock`.
        assert_eq!(b.try_recv(&mut [0; 4]).unwrap(), 1);
        assert!(b.poll_recv_ready(&mut cx).is_ready());
        assert_eq!(b.try_recv(&mut [0; 4]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(b.poll_recv_ready(&mut cx).is_pending());
    });
}

#[test]
fn a_socket_that_is_always_ready_lets_others_run() {
    current_thread().block_on(async {
        let (a, _b) = pair().await;
        a.send(b"x").await.unwrap(); // has waited for the first event
        let bystander = task::spawn(async {});
        let mut sent = 0;
        while !bystander.is_finished() {
            a.send(b"x").await.unwrap();
            sent += 1;
            assert!(sent < 10_000, "the sender never gave way");
        }
        assert!(sent > 100, "{sent}: the budget is 128");
    });
}

#[test]
fn nobody_at_the_port_is_an_error_of_a_later_call() {
    current_thread().block_on(async {
        let gone = UdpSocket::bind(ANY).await.unwrap().local_addr().unwrap();
        let socket = UdpSocket::bind(ANY).await.unwrap();
        socket.connect(gone).await.unwrap();
        assert_eq!(socket.peer_addr().unwrap(), gone);
        socket.send(b"anybody?").await.unwrap();
        assert_eq!(socket.recv(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert!(socket.take_error().unwrap().is_none(), "told once");
    });
}

#[test]
fn without_an_address_nothing_is_bound_connected_or_sent() {
    current_thread().block_on(async {
        let nowhere: &[SocketAddr] = &[];
        let error = UdpSocket::bind(nowhere).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::InvalidInput, "could not resolve to any address")
        );
        let socket = UdpSocket::bind(ANY).await.unwrap();
        assert_eq!(socket.connect(nowhere).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        let error = socket.send_to(b"x", nowhere).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::InvalidInput, "no addresses to send data to")
        );
        let taken = socket.local_addr().unwrap();
        assert_eq!(UdpSocket::bind(taken).await.unwrap_err().kind(), ErrorKind::AddrInUse);
        let second = UdpSocket::bind(&[taken, ANY.parse().unwrap()][..]).await.unwrap();
        assert_ne!(second.local_addr().unwrap(), taken);
    });
}

#[test]
fn a_socket_comes_from_the_standard_library_and_goes_back() {
    current_thread().block_on(async {
        let std = std::net::UdpSocket::bind(ANY).unwrap();
        std.set_nonblocking(true).unwrap();
        let addr = std.local_addr().unwrap();
        let ours = UdpSocket::from_std(std).unwrap();
        let sender = std::net::UdpSocket::bind(ANY).unwrap();
        sender.send_to(b"1", addr).unwrap();
        assert_eq!(ours.recv(&mut [0; 8]).await.unwrap(), 1);
        sender.send_to(b"22", addr).unwrap();
        assert_eq!(ours.async_io(Interest::READABLE, || ours.try_recv(&mut [0; 8])).await.unwrap(), 2);
        let std = ours.into_std().unwrap();
        std.set_nonblocking(false).unwrap();
        sender.send_to(b"333", addr).unwrap();
        assert_eq!(std.recv(&mut [0; 8]).unwrap(), 3);
    });
}

#[test]
fn options_are_what_they_were_set_to() {
    current_thread().block_on(async {
        let socket = UdpSocket::bind(ANY).await.unwrap();
        for on in [true, false] {
            socket.set_broadcast(on).unwrap();
            assert_eq!(socket.broadcast().unwrap(), on);
            socket.set_multicast_loop_v4(on).unwrap();
            assert_eq!(socket.multicast_loop_v4().unwrap(), on);
        }
        socket.set_ttl(17).unwrap();
        assert_eq!(socket.ttl().unwrap(), 17);
        socket.set_multicast_ttl_v4(5).unwrap();
        assert_eq!(socket.multicast_ttl_v4().unwrap(), 5);
        socket.set_tos_v4(16).unwrap();
        assert_eq!(socket.tos_v4().unwrap(), 16);
        assert_eq!(socket.device().unwrap(), None);
        assert!(socket.bind_device(Some(b"no such interface")).is_err());
    });
}

#[test]
fn a_member_of_a_group_hears_what_is_sent_to_it() {
    current_thread().block_on(async {
        let loopback = std::net::Ipv4Addr::LOCALHOST;
        let group = std::net::Ipv4Addr::new(239, 1, 2, 3);
        let member = UdpSocket::bind("0.0.0.0:0").await.unwrap();
        member.join_multicast_v4(group, loopback).unwrap();
        let sender = UdpSocket::bind(ANY).await.unwrap();
        socket2::SockRef::from(&sender).set_multicast_if_v4(&loopback).unwrap();
        sender.send_to(b"all", (group, member.local_addr().unwrap().port())).await.unwrap();
        assert_eq!(member.recv(&mut [0; 8]).await.unwrap(), 3);
        member.leave_multicast_v4(group, loopback).unwrap();
    });
}

#[test]
fn what_waits_when_the_runtime_ends_is_woken_and_told() {
    for rt in runtimes() {
        let (a, _b) = rt.block_on(pair());
        let (wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        let mut byte = [0];
        let mut receiving = pin!(a.recv(&mut byte));
        assert!(receiving.as_mut().poll(&mut cx).is_pending());
        drop(rt);
        assert_eq!(wakes.count(), 1);
        let Poll::Ready(Err(error)) = receiving.poll(&mut cx) else { panic!("still waiting") };
        assert_eq!(error.to_string(), "A Tokio 1.x context was found, but it is being shutdown.");
    }
}
