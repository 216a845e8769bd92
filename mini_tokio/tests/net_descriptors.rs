//! Sockets and the table of file descriptors. These tests change the whole process, so they are alone in it, one at a
//! time.

mod net_support;

use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::sync::{Mutex, MutexGuard};

use mini_tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use mini_tokio::net::{TcpListener, TcpStream};
use mini_tokio::task;
use net_support::{current_thread, runtimes, with_std_peer};

fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Allows no descriptor beyond those that are open, until it is dropped.
struct NoMoreDescriptors(libc::rlimit);

impl NoMoreDescriptors {
    fn new() -> Self {
        // The lowest free number: those below it are taken.
        let first_free = std::fs::File::open("/dev/null").unwrap().as_raw_fd();
        let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: a pointer to a live `rlimit`.
        assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut before) }, 0);
        set_limit(&libc::rlimit { rlim_cur: first_free as libc::rlim_t, rlim_max: before.rlim_max });
        Self(before)
    }
}

impl Drop for NoMoreDescriptors {
    fn drop(&mut self) {
        set_limit(&self.0);
    }
}

fn set_limit(limit: &libc::rlimit) {
    // SAFETY: a pointer to a live `rlimit`.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, limit) }, 0);
}

#[test]
fn without_descriptors_accept_is_an_error_and_no_connection_is_lost() {
    let _alone = alone();
    for rt in runtimes() {
        rt.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            let (mut established, mut old_peer) = with_std_peer().await;
            let echo = task::spawn(async move {
                let (mut reader, mut writer) = established.split();
                io::copy(&mut reader, &mut writer).await.unwrap()
            });
            let mut clients: Vec<_> = (0..3).map(|_| std::net::TcpStream::connect(addr).unwrap()).collect();
            let none_left = NoMoreDescriptors::new();
            for _ in 0..3 {
                // Answered each time: the readiness is not used up, and nobody waits for a second edge.
                assert_eq!(listener.accept().await.unwrap_err().raw_os_error(), Some(libc::EMFILE));
            }
            assert_eq!(TcpStream::connect(addr).await.unwrap_err().raw_os_error(), Some(libc::EMFILE));
            // Who has a connection does not notice.
            let old_peer = task::spawn_blocking(move || {
                let mut four = [0; 4];
                for _ in 0..10 {
                    old_peer.write_all(b"same").unwrap();
                    old_peer.read_exact(&mut four).unwrap();
                    assert_eq!(&four, b"same");
                }
                old_peer
            });
            let old_peer = old_peer.await.unwrap();
            drop(none_left);
            for client in &mut clients {
                let (mut server, _) = listener.accept().await.unwrap();
                client.write_all(b"hi").unwrap();
                let mut two = [0; 2];
                server.read_exact(&mut two).await.unwrap();
                server.write_all(&two).await.unwrap();
                client.read_exact(&mut two).unwrap();
                assert_eq!(&two, b"hi");
            }
            drop(old_peer);
            assert_eq!(echo.await.unwrap(), 40);
        });
    }
}

#[test]
fn a_dropped_stream_leaves_the_reactor_although_its_open_file_lives_on() {
    let _alone = alone();
    current_thread().block_on(async {
        let (ours, mut peer) = with_std_peer().await;
        let number = ours.as_raw_fd();
        let kept = ours.as_fd().try_clone_to_owned().unwrap();
        drop(ours);
        // The same open file under the same number: the kernel would know the pair if it were still registered.
        // SAFETY: the number is free, for nobody else runs here, so the new descriptor is ours alone.
        let again = unsafe {
            assert_eq!(libc::dup2(kept.as_raw_fd(), number), number);
            OwnedFd::from_raw_fd(number)
        };
        let mut again = TcpStream::from_std(again.into()).unwrap();
        peer.write_all(b"x").unwrap();
        assert_eq!(again.read_u8().await.unwrap(), b'x');
    });
}
