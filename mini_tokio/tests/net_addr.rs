//! Everything that stands for addresses resolves to them, and only names need a runtime.

mod net_support;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use futures::FutureExt;
use mini_tokio::net::{TcpListener, TcpSocket, TcpStream, ToSocketAddrs, lookup_host};
use net_support::runtimes;

/// What is known is answered at the first poll, without a runtime.
fn known(host: impl ToSocketAddrs) -> Vec<SocketAddr> {
    lookup_host(host).now_or_never().expect("answered at once").unwrap().collect()
}

#[test]
fn addresses_and_their_texts_need_no_lookup() {
    let v4: SocketAddr = "127.0.0.1:80".parse().unwrap();
    let v6: SocketAddr = "[::1]:80".parse().unwrap();
    assert_eq!(known(v4), [v4]);
    let by_reference = &v4;
    assert_eq!(known(by_reference), [v4]);
    assert_eq!(known(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80)), [v4]);
    assert_eq!(known(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 0, 0)), [v6]);
    assert_eq!(known((IpAddr::from(Ipv6Addr::LOCALHOST), 80)), [v6]);
    assert_eq!(known((Ipv4Addr::LOCALHOST, 80)), [v4]);
    assert_eq!(known((Ipv6Addr::LOCALHOST, 80)), [v6]);
    assert_eq!(known(&[v6, v4][..]), [v6, v4]);
    assert_eq!(known(&[][..]), []);
    assert_eq!(known("127.0.0.1:80"), [v4]);
    assert_eq!(known("[::1]:80".to_owned()), [v6]);
    assert_eq!(known(("127.0.0.1", 80)), [v4]);
    assert_eq!(known(("::1".to_owned(), 80)), [v6]);
}

#[test]
fn names_are_looked_up_beside_the_tasks() {
    for rt in runtimes() {
        rt.block_on(async {
            let found: Vec<_> = lookup_host("localhost:3000").await.unwrap().collect();
            assert!(!found.is_empty() && found.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 3000));
            let found: Vec<_> = lookup_host(("localhost", 3000)).await.unwrap().collect();
            assert!(!found.is_empty() && found.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 3000));

            let listener = TcpListener::bind("localhost:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let stream = TcpStream::connect(("localhost".to_owned(), port)).await.unwrap();
            assert_eq!(listener.accept().await.unwrap().1, stream.local_addr().unwrap());
        });
    }
}

#[test]
fn text_without_a_port_is_invalid_input() {
    for rt in runtimes() {
        let error = rt.block_on(async { lookup_host("localhost").await.map(Iterator::count).unwrap_err() });
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = rt.block_on(async { TcpStream::connect("localhost:99999").await.unwrap_err() });
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}

#[test]
#[should_panic = "there is no reactor running, must be called from the context of a Tokio 1.x runtime"]
fn a_name_outside_a_runtime_panics() {
    let _ = lookup_host("localhost:80").now_or_never();
}

#[test]
fn a_socket_keeps_the_options_it_was_given() {
    for socket in [TcpSocket::new_v4().unwrap(), TcpSocket::new_v6().unwrap()] {
        assert!(!socket.keepalive().unwrap());
        socket.set_keepalive(true).unwrap();
        assert!(socket.keepalive().unwrap());
        socket.set_reuseaddr(true).unwrap();
        assert!(socket.reuseaddr().unwrap());
        socket.set_reuseport(true).unwrap();
        assert!(socket.reuseport().unwrap());
        socket.set_nodelay(true).unwrap();
        assert!(socket.nodelay().unwrap());
        socket.set_send_buffer_size(8192).unwrap();
        assert!(socket.send_buffer_size().unwrap() >= 8192);
        socket.set_recv_buffer_size(8192).unwrap();
        assert!(socket.recv_buffer_size().unwrap() >= 8192);
        socket.set_zero_linger().unwrap();
        assert_eq!(socket.linger().unwrap(), Some(std::time::Duration::ZERO));
        assert!(socket.take_error().unwrap().is_none());
    }
    let v4 = TcpSocket::new_v4().unwrap();
    v4.set_tos_v4(40).unwrap();
    assert_eq!(v4.tos_v4().unwrap(), 40);
    let v6 = TcpSocket::new_v6().unwrap();
    v6.set_tclass_v6(40).unwrap();
    assert_eq!(v6.tclass_v6().unwrap(), 40);
    #[cfg(target_os = "linux")]
    assert_eq!(v4.device().unwrap(), None);
}

#[test]
fn sockets_listen_and_connect_from_where_they_are_bound() {
    for rt in runtimes() {
        rt.block_on(async {
            let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
            let server = TcpSocket::new_v4().unwrap();
            server.bind(any).unwrap();
            let listener = server.listen(128).unwrap();
            let client = TcpSocket::new_v4().unwrap();
            client.bind(any).unwrap();
            let from = client.local_addr().unwrap();
            let stream = client.connect(listener.local_addr().unwrap()).await.unwrap();
            assert_eq!(stream.local_addr().unwrap(), from);
            assert_eq!(listener.accept().await.unwrap().1, from);
            listener.set_ttl(17).unwrap();
            assert_eq!(listener.ttl().unwrap(), 17);

            let made_elsewhere = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
            made_elsewhere.set_nonblocking(true).unwrap();
            let socket = TcpSocket::from_std_stream(made_elsewhere.into());
            let stream = socket.connect(listener.local_addr().unwrap()).await.unwrap();
            assert_eq!(listener.accept().await.unwrap().1, stream.local_addr().unwrap());
        });
    }
}
