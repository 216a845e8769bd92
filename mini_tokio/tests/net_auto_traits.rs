//! Sockets, pipes, `AsyncFd` and their futures are `Send`, `Sync` and `Unpin` exactly if tokio's are, and at least as
//! `UnwindSafe` and `RefUnwindSafe`. How a type is asked: see `rt_auto_traits`.

use std::cell::Cell;
use std::future::Future;
use std::marker::PhantomData;
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

struct Ask<T: ?Sized>(PhantomData<T>);

macro_rules! question {
    ($no:ident, $method:ident, $auto_trait:path) => {
        trait $no {
            fn $method(&self) -> bool {
                false
            }
        }
        impl<T: ?Sized> $no for Ask<T> {}
        impl<T: ?Sized + $auto_trait> Ask<T> {
            fn $method(&self) -> bool {
                true
            }
        }
    };
}

question!(NotSend, is_send, Send);
question!(NotSync, is_sync, Sync);
question!(NotUnpin, is_unpin, Unpin);
question!(NotUnwindSafe, is_unwind_safe, UnwindSafe);
question!(NotRefUnwindSafe, is_ref_unwind_safe, RefUnwindSafe);

/// In this order: `Send`, `Sync`, `Unpin`, `UnwindSafe`, `RefUnwindSafe`.
macro_rules! answers {
    ($ask:expr) => {{
        let ask = $ask;
        [ask.is_send(), ask.is_sync(), ask.is_unpin(), ask.is_unwind_safe(), ask.is_ref_unwind_safe()]
    }};
}

/// The first three must be equal; of the unwind traits ours may have more than theirs.
#[track_caller]
fn assert_near(ours: [bool; 5], theirs: [bool; 5]) {
    assert!(ours[..3] == theirs[..3] && (0..5).all(|i| ours[i] || !theirs[i]), "ours {ours:?}, theirs {theirs:?}");
}

/// The same type, in both crates.
macro_rules! same {
    ($($module:ident :: $($path:ident)::+ $(<$($parameter:ty),+>)?);* $(;)?) => {$(
        assert_near(
            answers!(Ask::<mini_tokio::$module::$($path)::+ $(<$($parameter),+>)?>(PhantomData)),
            answers!(Ask::<tokio::$module::$($path)::+ $(<$($parameter),+>)?>(PhantomData)),
        );
    )*};
}

/// Stands for the owner of a descriptor.
struct Owner<T>(T);

impl<T> AsRawFd for Owner<T> {
    fn as_raw_fd(&self) -> RawFd {
        unreachable!("only its type is looked at")
    }
}

#[test]
fn types_have_the_auto_traits_of_tokio() {
    same! {
        net::TcpListener; net::TcpStream; net::TcpSocket; net::UdpSocket;
        net::tcp::ReadHalf; net::tcp::WriteHalf;
        net::tcp::OwnedReadHalf; net::tcp::OwnedWriteHalf; net::tcp::ReuniteError;
        net::UnixListener; net::UnixStream; net::UnixSocket; net::UnixDatagram;
        net::unix::ReadHalf; net::unix::WriteHalf;
        net::unix::OwnedReadHalf; net::unix::OwnedWriteHalf; net::unix::ReuniteError;
        net::unix::SocketAddr; net::unix::UCred;
        net::unix::pipe::OpenOptions; net::unix::pipe::Sender; net::unix::pipe::Receiver;
        io::Interest; io::Ready; io::unix::TryIoError;
        io::unix::AsyncFd<Owner<u8>>; io::unix::AsyncFd<Owner<Cell<u8>>>; io::unix::AsyncFd<Owner<Rc<u8>>>;
        io::unix::AsyncFdReadyGuard<Owner<u8>>; io::unix::AsyncFdReadyGuard<Owner<Cell<u8>>>;
        io::unix::AsyncFdReadyGuard<Owner<Rc<u8>>>;
        io::unix::AsyncFdReadyMutGuard<Owner<u8>>; io::unix::AsyncFdReadyMutGuard<Owner<Cell<u8>>>;
        io::unix::AsyncFdReadyMutGuard<Owner<Rc<u8>>>;
        io::unix::AsyncFdRegisterError<Owner<u8>>; io::unix::AsyncFdRegisterError<Owner<Rc<u8>>>;
    }
}

/// The question for a future is asked of its maker: nothing is opened.
fn of_output<T: 'static, F: Future>(_make: impl Fn(&'static T) -> F) -> Ask<F> {
    Ask(PhantomData)
}

/// The futures of both crates, made by the same words.
macro_rules! same_futures {
    ($($module:ident :: $($path:ident)::+ $(<$parameter:ty>)?: $this:ident => $call:expr);* $(;)?) => {$(
        assert_near(
            answers!(of_output(|$this: &'static mini_tokio::$module::$($path)::+ $(<$parameter>)?| {
                #[allow(unused_imports)]
                use mini_tokio::io::Interest;
                $call
            })),
            answers!(of_output(|$this: &'static tokio::$module::$($path)::+ $(<$parameter>)?| {
                #[allow(unused_imports)]
                use tokio::io::Interest;
                $call
            })),
        );
    )*};
}

#[test]
fn futures_have_the_auto_traits_of_tokio() {
    same_futures! {
        net::TcpListener: this => this.accept();
        net::TcpStream: this => this.readable();
        net::UdpSocket: this => this.recv(&mut []);
        net::UdpSocket: this => this.send_to(&[], "localhost:1");
        net::UdpSocket: this => this.ready(Interest::READABLE);
        net::UnixListener: this => this.accept();
        net::UnixStream: this => this.writable();
        net::UnixDatagram: this => this.send_to(&[], "path");
        net::UnixDatagram: this => this.recv_from(&mut []);
        net::unix::pipe::Sender: this => this.writable();
        net::unix::pipe::Receiver: this => this.readable();
        io::unix::AsyncFd<Owner<u8>>: this => this.readable();
        io::unix::AsyncFd<Owner<Cell<u8>>>: this => this.readable();
        io::unix::AsyncFd<Owner<Rc<u8>>>: this => this.writable();
    }
}
