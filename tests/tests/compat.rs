//! The package that stands in for tokio is mini_tokio under another name, and costs nothing: its types and functions are not
//! like mini_tokio's, they are mini_tokio's.
//!
//! That this holds for all of them follows from `COMPAT-1` (conformance_facade.rs): each is a `pub use`, and by the rules of
//! the language that is another path to the same item. Here the compiler says so, for a few from each module.

use std::any::TypeId;

/// The identity of a value's type. Each function has a type of its own, so it tells functions apart too.
fn identity<T: 'static>(_: T) -> TypeId {
    TypeId::of::<T>()
}

macro_rules! same_types {
    ($($path:ident)::+ : $($name:ty),+ $(,)?) => { same_types!(@ $($path)::+ [$($name),+]) };
    (@ $($path:ident)::+ [$($name:ty),+]) => {{
        #[allow(unused_imports)]
        let ours = { use mini_tokio::$($path)::+::*; [$(TypeId::of::<$name>()),+] };
        #[allow(unused_imports)]
        let theirs = { use compat::$($path)::+::*; [$(TypeId::of::<$name>()),+] };
        assert_eq!(ours, theirs, stringify!($($path)::+));
    }};
}

macro_rules! same_functions {
    ($($($part:ident)::+),+ $(,)?) => {
        $(assert_eq!(identity(compat::$($part)::+), identity(mini_tokio::$($part)::+), stringify!($($part)::+));)+
    };
}

#[test]
fn the_question_tells_runtimes_and_functions_apart() {
    assert_ne!(TypeId::of::<mini_tokio::time::Sleep>(), TypeId::of::<tokio::time::Sleep>());
    assert_ne!(identity(mini_tokio::time::sleep), identity(tokio::time::sleep));
    assert_ne!(identity(mini_tokio::time::sleep), identity(mini_tokio::time::sleep_until));
}

// ANCHOR: compat-same-items
#[test]
fn the_types_of_each_module_are_those_of_mini_tokio() {
    same_types! { fs: File, OpenOptions, ReadDir, DirEntry, DirBuilder }
    same_types! { io: ReadBuf<'static>, BufReader<Stdin>, BufWriter<Stdout>, DuplexStream, ReadHalf<Stderr>, Interest, Ready }
    same_types! { io::unix: AsyncFd<std::fs::File>, TryIoError }
    same_types! { net: TcpListener, TcpStream, TcpSocket, UdpSocket, UnixListener, UnixStream, UnixDatagram }
    same_types! { net::tcp: OwnedReadHalf, OwnedWriteHalf, ReuniteError }
    same_types! { net::unix: UCred, SocketAddr, pipe::Sender, pipe::Receiver }
    same_types! { process: Command, Child, ChildStdin, ChildStdout }
    same_types! { runtime: Runtime, Builder, Handle, EnterGuard<'static>, RuntimeMetrics, LocalRuntime }
    same_types! { signal::unix: Signal, SignalKind }
    same_types! { sync: Mutex<u8>, MutexGuard<'static, u8>, RwLock<u8>, Semaphore, Notify, Barrier, OnceCell<u8>, SetOnce<u8> }
    same_types! { sync::mpsc: Sender<u8>, Receiver<u8>, UnboundedSender<u8>, error::SendError<u8> }
    same_types! { sync::broadcast: Sender<u8>, Receiver<u8>, error::RecvError }
    same_types! { sync::watch: Sender<u8>, Receiver<u8>, error::RecvError }
    same_types! { sync::oneshot: Sender<u8>, Receiver<u8>, error::RecvError }
    same_types! { task: JoinHandle<u8>, JoinSet<u8>, LocalSet, AbortHandle, JoinError, Id, LocalKey<u8> }
    same_types! { task::coop: Unconstrained<u8>, RestoreOnPending }
    same_types! { time: Sleep, Interval, Instant, Timeout<u8>, MissedTickBehavior, error::Elapsed }
}

#[test]
fn the_functions_of_each_module_are_those_of_mini_tokio() {
    same_functions! {
        io::duplex, io::stdin, net::unix::pipe::pipe, runtime::worker_index, signal::ctrl_c,
        signal::unix::signal, task::yield_now, task::consume_budget, task::id, task::coop::poll_proceed, time::sleep,
        time::sleep_until, time::interval, time::advance,
    }
    let (ours, theirs) = (mini_tokio::spawn::<std::future::Ready<u8>>, compat::spawn::<std::future::Ready<u8>>);
    assert_eq!(identity(ours), identity(theirs));
    let (ours, theirs) = (mini_tokio::sync::mpsc::channel::<u8>, compat::sync::mpsc::channel::<u8>);
    assert_eq!(identity(ours), identity(theirs));
}

/// In this package `::tokio` is the published one, where the attributes look if they are not told otherwise.
#[compat::test(crate = "compat")]
async fn an_attribute_finds_the_runtime_where_it_is_told_to() {
    assert!(mini_tokio::runtime::Handle::try_current().is_ok());
    assert!(tokio::runtime::Handle::try_current().is_err());
}

#[compat::test]
async fn an_attribute_that_is_told_nothing_looks_in_tokio() {
    assert!(mini_tokio::runtime::Handle::try_current().is_err());
    assert!(tokio::runtime::Handle::try_current().is_ok());
}

#[test]
fn a_main_function_finds_the_runtime_where_it_is_told_to() {
    #[compat::main(flavor = "current_thread", crate = "compat")]
    async fn main_like() -> u8 {
        let (sent, received) = compat::sync::oneshot::channel();
        compat::spawn(async move { sent.send(7) });
        compat::select! {
            value = received => value.expect("the task sends"),
            () = compat::time::sleep(compat::time::Duration::from_secs(60)) => 0,
        }
    }
    assert_eq!(main_like(), 7);
}
