//! Where a task waits: each public function that can make one wait is awaited in a task, and `insight::waits` names the
//! line. (Those that need more than a line are in `insight_waits.rs`.)
//!
//! A table for each room, a line for each function. `case` is for what waits by itself; `late` for what would be ready at
//! once, and is polled for the first time when it is asked: without a budget, so it stops.

mod fs_support;

use std::future::{Future, pending, poll_fn};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::panic::Location;
use std::pin::pin;
use std::process::Stdio;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use fs_support::Dir;
use mini_tokio::fs::{self, DirBuilder, File, FileTimes, OpenOptions};
use mini_tokio::insight::{TaskState, tasks, waits};
use mini_tokio::io::unix::AsyncFd;
use mini_tokio::io::{self as aio, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Interest, duplex};
use mini_tokio::net::unix::pipe;
use mini_tokio::net::{
    TcpListener, TcpSocket, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixSocket, UnixStream,
};
use mini_tokio::process::Command;
use mini_tokio::runtime::{Builder, Handle, LocalRuntime};
use mini_tokio::signal::unix::{SignalKind, signal};
use mini_tokio::sync::{OnceCell, broadcast, mpsc, watch};
use mini_tokio::task::{self, JoinSet, LocalSet};
use mini_tokio::time::sleep;
use mini_tokio::util::CancellationToken;

const HOUR: Duration = Duration::from_secs(3600);
const READABLE: &str = "fd #, to become readable";
const WRITABLE: &str = "fd #, to become writable";
const EITHER: &str = "CancellationToken::cancelled + sleep, over in #s";

/// A task, and what it shall say: each of `what` once, with the line where it stands in this file.
struct Case {
    task: task::Id,
    line: u32,
    what: Vec<&'static str>,
}

#[track_caller]
fn case<T: Send + 'static>(what: &'static str, future: impl Future<Output = T> + Send + 'static) -> Case {
    Case { task: task::spawn(future).id(), line: Location::caller().line(), what: what.split(" + ").collect() }
}

#[track_caller]
fn late<T: Send + 'static>(what: &'static str, future: impl Future<Output = T> + Send + 'static) -> Case {
    let line = Location::caller().line();
    Case { line, ..case(what, when_polled_again(future)) }
}

async fn when_polled_again<F: Future>(future: F) -> F::Output {
    let (mut future, mut again) = (pin!(future), false);
    let late = poll_fn(|cx| if std::mem::replace(&mut again, true) { future.as_mut().poll(cx) } else { Poll::Pending });
    late.await
}

/// Has a runtime run the tasks that `table` spawns, and asks them when all wait.
fn all_say_where_they_stand<F: Future<Output = Vec<Case>>>(table: impl FnOnce() -> F) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { ask(table().await).await });
}

async fn ask(cases: Vec<Case>) {
    let runtime = Handle::current();
    while tasks(&runtime).iter().any(|info| info.state != TaskState::Waiting) {
        task::yield_now().await;
    }
    let infos = waits(&runtime).expect("this is a worker");
    for Case { task, line, what } in cases {
        let info = infos.iter().find(|info| info.id == task);
        let info = info.unwrap_or_else(|| panic!("the task at line {line} did not wait for {what:?}"));
        let mut said: Vec<_> =
            info.waits_for.iter().flatten().map(|wait| (without_numbers(&wait.what), wait.at)).collect();
        said.sort();
        let said: Vec<_> = said.iter().map(|(what, at)| (&**what, at.map(|at| (at.file(), at.line())))).collect();
        assert_eq!(said, what.iter().map(|what| (*what, Some((file!(), line)))).collect::<Vec<_>>(), "line {line}");
    }
}

/// `sleep, over in 3599.9s` is `sleep, over in #s`.
fn without_numbers(what: &str) -> String {
    let mut words = what.replace(|c: char| c.is_ascii_digit() || c == '.', "#");
    while words.contains("##") {
        words = words.replace("##", "#");
    }
    words
}

fn leaked<T>(value: T) -> &'static T {
    leaked_mut(value)
}

fn leaked_mut<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

fn never<T>() -> io::Result<T> {
    Err(ErrorKind::WouldBlock.into())
}

/// Has nothing to read, and no room to write.
async fn tcp() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    leaked(listener.accept().await.unwrap());
    while stream.try_write(&[0; 65_536]).is_ok() {}
    stream
}

/// The same.
fn unix() -> UnixStream {
    let (stream, peer) = UnixStream::pair().unwrap();
    leaked(peer);
    while stream.try_write(&[0; 65_536]).is_ok() {}
    stream
}

#[test]
fn who_waits_on_a_udp_socket() {
    all_say_where_they_stand(async || {
        let udp = leaked(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let to = udp.local_addr().unwrap();
        vec![
            late("lookup of a host name", async { UdpSocket::bind("localhost:0").await }),
            late("lookup of a host name", async { udp.connect("localhost:1").await }),
            late("lookup of a host name", async { udp.send_to(b"", "localhost:1").await }),
            late(WRITABLE, async move { udp.send_to(b"", to).await }),
            late(WRITABLE, async move { udp.send(b"").await }),
            case(WRITABLE, async { udp.async_io(Interest::WRITABLE, never::<()>).await }),
            case(READABLE, async { udp.ready(Interest::READABLE).await }),
            case(READABLE, async { udp.readable().await }),
            case(READABLE, async { udp.recv(&mut [0]).await }),
            case(READABLE, async { udp.recv_buf(&mut Vec::new()).await }),
            case(READABLE, async { udp.recv_from(&mut [0]).await }),
            case(READABLE, async { udp.recv_buf_from(&mut Vec::new()).await }),
            case(READABLE, async { udp.peek(&mut [0]).await }),
            case(READABLE, async { udp.peek_from(&mut [0]).await }),
            case(READABLE, async { udp.peek_sender().await }),
        ]
    });
}

#[test]
fn who_waits_on_a_tcp_socket() {
    all_say_where_they_stand(async || {
        let listener = leaked(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let to = listener.local_addr().unwrap();
        let stream = leaked(tcp().await);
        let (mut read, write) = leaked_mut(tcp().await).split();
        let (mut owned_read, owned_write) = tcp().await.into_split();
        vec![
            late("lookup of a host name", async { TcpListener::bind("localhost:0").await }),
            late("lookup of a host name", async { TcpStream::connect("localhost:1").await }),
            late("lookup of a host name", async { mini_tokio::net::lookup_host("localhost:1").await.map(drop) }),
            late(WRITABLE, async move { TcpStream::connect(to).await }),
            late(WRITABLE, async move { TcpSocket::new_v4().unwrap().connect(to).await }),
            case(READABLE, async { listener.accept().await }),
            case(READABLE, async { stream.ready(Interest::READABLE).await }),
            case(READABLE, async { stream.readable().await }),
            case(READABLE, async { stream.peek(&mut [0]).await }),
            case(READABLE, async { stream.async_io(Interest::READABLE, never::<()>).await }),
            case(WRITABLE, async { stream.writable().await }),
            case(READABLE, async move { read.peek(&mut [0]).await }),
            case(WRITABLE, async move { write.ready(Interest::WRITABLE).await }),
            case(WRITABLE, async { stream.writable().await }),
            case(READABLE, async move { owned_read.peek(&mut [0]).await }),
            case(WRITABLE, async move { owned_write.writable().await }),
        ]
    });
}

#[test]
fn who_waits_on_a_half_of_a_stream() {
    all_say_where_they_stand(async || {
        let (read, write) = leaked_mut(tcp().await).split();
        let (read, write) = (leaked(read), leaked(write));
        let (owned_read, owned_write) = tcp().await.into_split();
        let (owned_read, owned_write) = (leaked(owned_read), leaked(owned_write));
        let (unix_read, unix_write) = leaked_mut(unix()).split();
        let (unix_read, unix_write) = (leaked(unix_read), leaked(unix_write));
        let (unix_owned_read, unix_owned_write) = unix().into_split();
        let (unix_owned_read, unix_owned_write) = (leaked(unix_owned_read), leaked(unix_owned_write));
        vec![
            case(READABLE, async { read.ready(Interest::READABLE).await }),
            case(READABLE, async { read.readable().await }),
            case(WRITABLE, async { write.ready(Interest::WRITABLE).await }),
            case(WRITABLE, async { write.writable().await }),
            case(READABLE, async { owned_read.ready(Interest::READABLE).await }),
            case(READABLE, async { owned_read.readable().await }),
            case(WRITABLE, async { owned_write.ready(Interest::WRITABLE).await }),
            case(WRITABLE, async { owned_write.writable().await }),
            case(READABLE, async { unix_read.ready(Interest::READABLE).await }),
            case(READABLE, async { unix_read.readable().await }),
            case(WRITABLE, async { unix_write.ready(Interest::WRITABLE).await }),
            case(WRITABLE, async { unix_write.writable().await }),
            case(READABLE, async { unix_owned_read.ready(Interest::READABLE).await }),
            case(READABLE, async { unix_owned_read.readable().await }),
            case(WRITABLE, async { unix_owned_write.ready(Interest::WRITABLE).await }),
            case(WRITABLE, async { unix_owned_write.writable().await }),
        ]
    });
}

#[test]
fn who_waits_on_a_unix_socket_or_a_pipe() {
    let dir = Dir::new();
    let path = leaked(dir.join("socket"));
    all_say_where_they_stand(async move || {
        let listener = leaked(UnixListener::bind(path).unwrap());
        let stream = leaked(unix());
        let (one, other) = UnixDatagram::pair().unwrap();
        one.writable().await.unwrap();
        while one.try_send(b"datagram").is_ok() {}
        let (one, _other) = (leaked(one), leaked(other));
        let (sender, receiver) = pipe::pipe().unwrap();
        sender.writable().await.unwrap();
        while sender.try_write(&[0; 4096]).is_ok() {}
        let (sender, _full) = (leaked(sender), leaked(receiver));
        let (empty_sender, receiver) = pipe::pipe().unwrap();
        let (_empty, receiver) = (leaked(empty_sender), leaked(receiver));
        vec![
            late(WRITABLE, async move { UnixStream::connect(path).await }),
            late(WRITABLE, async { UnixStream::connect_addr(&listener.local_addr().unwrap()).await }),
            late(WRITABLE, async move { UnixSocket::new_stream().unwrap().connect(path).await }),
            case(READABLE, async { listener.accept().await }),
            case(READABLE, async { stream.ready(Interest::READABLE).await }),
            case(READABLE, async { stream.readable().await }),
            case(READABLE, async { stream.async_io(Interest::READABLE, never::<()>).await }),
            case(WRITABLE, async { stream.writable().await }),
            case(READABLE, async { one.ready(Interest::READABLE).await }),
            case(READABLE, async { one.readable().await }),
            case(READABLE, async { one.recv(&mut [0]).await }),
            case(READABLE, async { one.recv_buf(&mut Vec::new()).await }),
            case(READABLE, async { one.recv_from(&mut [0]).await }),
            case(READABLE, async { one.recv_buf_from(&mut Vec::new()).await }),
            case(READABLE, async { one.async_io(Interest::READABLE, never::<()>).await }),
            case(WRITABLE, async { one.writable().await }),
            case(WRITABLE, async { one.send(b"").await }),
            case(WRITABLE, async { one.async_io(Interest::WRITABLE, never::<()>).await }),
            late(WRITABLE, async { UnixDatagram::unbound().unwrap().send_to(b"", "/no/such/socket").await }),
            case(READABLE, async { receiver.ready(Interest::READABLE).await }),
            case(READABLE, async { receiver.readable().await }),
            case(WRITABLE, async { sender.ready(Interest::WRITABLE).await }),
            case(WRITABLE, async { sender.writable().await }),
        ]
    });
}

#[test]
fn who_waits_on_a_descriptor() {
    let (read, _write) = io::pipe().unwrap();
    // SAFETY: the owner is an `OwnedFd`.
    let fd = || unsafe { AsyncFd::register_with_interest(read.try_clone().unwrap(), Interest::READABLE).unwrap() };
    // SAFETY: the same.
    let full = || unsafe { AsyncFd::register(OwnedFd::from(unix().into_std().unwrap())).unwrap() };
    all_say_where_they_stand(async || {
        let (shared, full_shared) = (leaked(fd()), leaked(full()));
        let (mut one, mut two, mut three, mut four) = (fd(), fd(), fd(), full());
        vec![
            case(READABLE, async { shared.ready(Interest::READABLE).await.map(drop) }),
            case(READABLE, async { shared.readable().await.map(drop) }),
            case(READABLE, async { shared.async_io(Interest::READABLE, |_| never::<()>()).await }),
            case(WRITABLE, async { full_shared.writable().await.map(drop) }),
            case(READABLE, async move { one.ready_mut(Interest::READABLE).await.map(drop) }),
            case(READABLE, async move { two.readable_mut().await.map(drop) }),
            case(READABLE, async move { three.async_io_mut(Interest::READABLE, |_| never::<()>()).await }),
            case(WRITABLE, async move { four.writable_mut().await.map(drop) }),
        ]
    });
}

#[test]
fn who_waits_for_a_process_or_a_signal() {
    all_say_where_they_stand(async || {
        let cat =
            || Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let (mut waited, mut collected, mut hangup) = (cat(), cat(), signal(SignalKind::hangup()).unwrap());
        let _inputs = leaked((waited.stdin.take(), collected.stdin.take())); // the processes wait for what never comes
        vec![
            case("end of process #", async move { waited.wait().await }),
            case("end of process # + fd #, to become readable", async move { collected.wait_with_output().await }),
            case("Signal::recv", async move { hangup.recv().await }),
            case("signal::ctrl_c", async { mini_tokio::signal::ctrl_c().await }),
        ]
    });
}

/// A killed process may have ended before it is asked for its end, so this tries until one has not.
#[test]
fn who_kills_a_process_waits_for_its_end() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        loop {
            let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
            let case = late("end of process #", async move { child.kill().await });
            let line = line!() - 1;
            task::yield_now().await;
            let infos = waits(&Handle::current()).unwrap();
            let Some(wait) = infos.iter().find(|info| info.id == case.task).and_then(|info| info.waits_for.clone())
            else {
                continue;
            };
            if let [wait] = &wait[..] {
                assert_eq!((wait.at.unwrap().file(), wait.at.unwrap().line()), (file!(), line));
                break;
            }
        }
    });
}

#[test]
fn who_waits_for_a_function_of_the_file_system() {
    const NOWHERE: &str = "/no/such/directory/file"; // what the functions do to it, after they were asked, is nothing
    let permissions = || std::fs::metadata("/").unwrap().permissions();
    all_say_where_they_stand(async || {
        let mut entries = fs::read_dir(".").await.unwrap();
        let entry = entries.next_entry().await.unwrap().unwrap();
        vec![
            late("fs::canonicalize", async { fs::canonicalize(NOWHERE).await }),
            late("fs::copy", async { fs::copy(NOWHERE, NOWHERE).await }),
            late("fs::create_dir", async { fs::create_dir(NOWHERE).await }),
            late("fs::create_dir_all", async { fs::create_dir_all("/dev/null/file").await }),
            late("fs::hard_link", async { fs::hard_link(NOWHERE, NOWHERE).await }),
            late("fs::metadata", async { fs::metadata(NOWHERE).await }),
            late("fs::read", async { fs::read(NOWHERE).await }),
            late("fs::read_link", async { fs::read_link(NOWHERE).await }),
            late("fs::read_to_string", async { fs::read_to_string(NOWHERE).await }),
            late("fs::remove_dir", async { fs::remove_dir(NOWHERE).await }),
            late("fs::remove_dir_all", async { fs::remove_dir_all(NOWHERE).await }),
            late("fs::remove_file", async { fs::remove_file(NOWHERE).await }),
            late("fs::rename", async { fs::rename(NOWHERE, NOWHERE).await }),
            late("fs::set_permissions", async move { fs::set_permissions(NOWHERE, permissions()).await }),
            late("fs::symlink", async { fs::symlink(NOWHERE, NOWHERE).await }),
            late("fs::symlink_metadata", async { fs::symlink_metadata(NOWHERE).await }),
            late("fs::try_exists", async { fs::try_exists(NOWHERE).await }),
            late("fs::write", async { fs::write(NOWHERE, b"").await }),
            late("fs::read_dir", async { fs::read_dir(NOWHERE).await.map(drop) }),
            late("fs::ReadDir::next_entry", async move { entries.next_entry().await.map(drop) }),
            late("fs::DirEntry::metadata", async move { entry.metadata().await }),
            late("fs::DirBuilder::create", async { DirBuilder::new().create(NOWHERE).await }),
            late("fs::OpenOptions::open", async { OpenOptions::new().read(true).open(NOWHERE).await.map(drop) }),
            late("fs::File::open", async { File::open(NOWHERE).await.map(drop) }),
            late("fs::File::create", async { File::create(NOWHERE).await.map(drop) }),
            late("fs::File::create_new", async { File::create_new(NOWHERE).await.map(drop) }),
        ]
    });
}

#[test]
fn who_waits_for_a_file() {
    let dir = Dir::new();
    let path = dir.file("file", b"contents");
    let open = || File::from_std(std::fs::File::options().read(true).write(true).open(&path).unwrap());
    let permissions = std::fs::metadata(&path).unwrap().permissions();
    all_say_where_they_stand(async || {
        let (file, mut read, mut written) = (leaked(open()), open(), open());
        written.write_all(b"C").await.unwrap(); // under way
        vec![
            late("fs::File::sync_all", async { file.sync_all().await }),
            late("fs::File::metadata", async { file.metadata().await }),
            late("fs::File::set_permissions", async move { file.set_permissions(permissions).await }),
            late("fs::File::set_times", async { file.set_times(FileTimes::new()).await }),
            late("fs::File::set_modified", async { file.set_modified(SystemTime::UNIX_EPOCH).await }),
            late("the blocking pool", async move { read.read(&mut [0]).await }),
            late("fs::File::into_std", async move { written.into_std().await }),
        ]
    });
    // These have the file to themselves while they wait, and it may be each of the others that they wait for.
    all_say_where_they_stand(async || {
        let (a, b, c) = (open(), open(), open());
        vec![
            late("fs::File::sync_data", async move { a.sync_data().await }),
            late("fs::File::set_len", async move { b.set_len(7).await }),
            late("fs::File::try_clone", async move { c.try_clone().await.map(drop) }),
        ]
    });
}

#[test]
fn who_copies_or_reads_by_the_line() {
    all_say_where_they_stand(async || {
        let pair = || leaked_mut(duplex(64));
        let [(a, b), (c, d), (e, f)] = [pair(), pair(), pair()];
        let (mut lines, mut split) = (BufReader::new(&mut pair().0).lines(), BufReader::new(&mut pair().0).split(b','));
        vec![
            case("io::copy", async { aio::copy(a, b).await }),
            case("io::copy", async { aio::copy_bidirectional(c, d).await }),
            case("io::copy_buf", async { aio::copy_buf(&mut BufReader::new(e), f).await }),
            case("a pipe in memory", async move { lines.next_line().await }),
            case("a pipe in memory", async move { split.next_segment().await }),
        ]
    });
}

#[test]
fn who_waits_for_another_task() {
    all_say_where_they_stand(async || {
        let (mut joined, mut aborted) = (JoinSet::new(), JoinSet::new());
        joined.spawn(pending::<()>());
        aborted.spawn(pending::<()>());
        let (sender, receiver) = mpsc::channel(1);
        sender.try_send(()).unwrap();
        let (cast, listener) = broadcast::channel::<()>(1);
        let (watched, mut watcher) = watch::channel(0);
        let (cell, token) = (leaked(OnceCell::<()>::new()), leaked(CancellationToken::new()));
        leaked((receiver, listener, watched));
        vec![
            case("JoinSet::join_all", async { joined.join_all().await }),
            late("JoinSet::shutdown", async move { aborted.shutdown().await }),
            case("mpsc::Sender::reserve + sleep, over in #s", async move { sender.send_timeout((), HOUR).await }),
            case("broadcast::Sender::closed", async move { cast.closed().await }),
            case("watch::Receiver::wait_for", async move { watcher.wait_for(|value| *value > 0).await.map(drop) }),
            case("sleep, over in #s", async { cell.get_or_init(|| sleep(HOUR)).await }),
            case("OnceCell::get_or_init", async { cell.get_or_init(async || ()).await }),
            case("OnceCell::get_or_try_init", async { cell.get_or_try_init(async || Err(())).await }),
            case("CancellationToken::cancelled", async { token.cancelled().await }),
            case(EITHER, async { token.run_until_cancelled(sleep(HOUR)).await }),
            case(EITHER, async { token.clone().run_until_cancelled_owned(sleep(HOUR)).await }),
        ]
    });
}

/// What its user gives it stands at the `.await` of `run_until`, unless it has a place of its own.
#[test]
fn who_drives_a_local_set() {
    LocalRuntime::new().unwrap().block_on(async {
        let until_slept = task::spawn_local(async { LocalSet::new().run_until(sleep(HOUR)).await });
        let line = line!() - 1;
        ask(vec![Case { task: until_slept.id(), line, what: vec!["sleep, over in #s"] }]).await;
    });
}
