//! Act 3: an echo server with a thousand clients at once, every byte compared. Row B13 of the notes.
//!
//! ```text
//!   client task ──write──▶ socket ~~▶ socket ──io::copy──┐ server task
//!   client task ◀──read─── socket ◀~~ socket ◀───────────┘
//! ```
//!
//! Both ends are in this process, so a connection takes two descriptors.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use examples::{Spread, count, duration, raise_descriptor_limit};
use mini_tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use mini_tokio::net::{TcpListener, TcpSocket, TcpStream};
use mini_tokio::runtime::Builder;
use mini_tokio::sync::Notify;
use mini_tokio::task;
use mini_tokio::time::sleep;

use crate::input::Input;
use crate::stage::{Failure, Figures, Progress, Stage, check};

/// How many messages each client sends, one after the echo of the other.
const ROUNDS: usize = 10;
/// The length of a message.
const MESSAGE: usize = 1024;
/// How long connecting may take: a refused client tries again after one second, then two, then four.
const PATIENCE: Duration = Duration::from_secs(30);
/// Descriptors that are not connections: standard streams, epoll, the listener.
const OTHERS: u64 = 64;

pub fn run(stage: &Stage, progress: &Progress) -> Result<Figures, Failure> {
    let wanted = stage.scale(1_000, 100);
    let limit = raise_descriptor_limit(2 * wanted as u64 + OTHERS)?;
    let room = (limit.now.saturating_sub(OTHERS) / 2) as usize;
    check(room > 0, || format!("this process may open {} descriptors only", limit.now))?;
    let clients = wanted.min(room);
    progress.begin(clients * ROUNDS, "echoes");

    let (echoed, _) = stage.on_runtime(echo(&stage.input, clients, progress))?;

    let bytes = (clients * ROUNDS * MESSAGE) as u64;
    check(echoed.by_server == bytes, || format!("the server copied {} bytes, {bytes} were sent", echoed.by_server))?;
    check(echoed.peak == clients, || format!("{} connections were open at once, not {clients}", echoed.peak))?;
    let mut connections = count(clients);
    if clients < wanted {
        connections += &format!(" and not {wanted}: the hard descriptor limit is {}", limit.now);
    }
    let descriptors = if limit.now == limit.before {
        format!("{}, enough", count(limit.now))
    } else {
        format!("{}, raised from {}", count(limit.now), count(limit.before))
    };
    let rate = (clients * ROUNDS) as f64 / echoed.took.as_secs_f64();
    Ok(vec![
        ("connections open at once", connections),
        ("descriptor limit", descriptors),
        ("connecting all of them", duration(echoed.connecting)),
        ("bytes echoed and compared", count(bytes)),
        ("round trips of 1 KiB", format!("{}, {} a second", count(clients * ROUNDS), count(rate as u64))),
        ("round trip", echoed.round_trips.to_string()),
    ])
}

struct Echoed {
    by_server: u64,
    /// The most connections that the server had open at once.
    peak: usize,
    connecting: Duration,
    took: Duration,
    round_trips: Spread,
}

async fn echo(input: &Input, clients: usize, progress: &Progress) -> Result<Echoed, Failure> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = socket.listen(clients as u32)?;
    let address = listener.local_addr()?;
    let counters = Arc::new(Counters::default());
    let server = task::spawn(serve(listener, counters.clone()));

    let (began, gate) = (Instant::now(), Arc::new(Gate::new(clients + 1)));
    let spawn_client = |index: usize| {
        let messages = (0..ROUNDS).map(|round| input.slice((index * ROUNDS + round) * 997, MESSAGE)).collect();
        task::spawn(client(address, messages, gate.clone(), progress.clone()))
    };
    let tasks: Vec<_> = (0..clients).map(spawn_client).collect();
    // A client is connected before the server has accepted it. The gate opens when it has accepted all.
    while counters.open.load(SeqCst) < clients {
        let open = counters.open.load(SeqCst);
        check(began.elapsed() < PATIENCE, || {
            format!("after {PATIENCE:?} {open} connections were open, not {clients}")
        })?;
        sleep(Duration::from_millis(1)).await;
    }
    gate.pass().await;
    let mut round_trips = Vec::with_capacity(clients * ROUNDS);
    let mut connected = began;
    for client in tasks {
        let (through_gate, times) = client.await??;
        connected = connected.max(through_gate);
        round_trips.extend(times);
    }
    let took = connected.elapsed();
    // Each client has seen the end of its stream; the server's last task may still be on its way to say how much it copied.
    while counters.open.load(SeqCst) > 0 {
        task::yield_now().await;
    }
    server.abort();
    Ok(Echoed {
        by_server: counters.copied.load(SeqCst),
        peak: counters.peak.load(SeqCst),
        connecting: connected - began,
        took,
        round_trips: Spread::new(round_trips),
    })
}

#[derive(Default)]
struct Counters {
    open: AtomicUsize,
    peak: AtomicUsize,
    copied: AtomicU64,
}

// ANCHOR: tour-echo-server
async fn serve(listener: TcpListener, counters: Arc<Counters>) -> io::Result<()> {
    loop {
        let (mut socket, _) = listener.accept().await?;
        let counters = counters.clone();
        let open = counters.open.fetch_add(1, SeqCst) + 1;
        counters.peak.fetch_max(open, SeqCst);
        task::spawn(async move {
            let (mut reader, mut writer) = socket.split();
            // An error is a client that has left without a word. What it did not read, it did not want.
            if let Ok(copied) = io::copy(&mut reader, &mut writer).await {
                counters.copied.fetch_add(copied, SeqCst);
            }
            drop(socket);
            counters.open.fetch_sub(1, SeqCst);
        });
    }
}

/// Sends each message when the echo of the one before is back. Returns when it got through the gate, and the round trips.
async fn client(
    address: SocketAddr,
    messages: Vec<bytes::Bytes>,
    gate: Arc<Gate>,
    progress: Progress,
) -> Result<(Instant, Vec<Duration>), Failure> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    gate.pass().await;
    let through_gate = Instant::now();
    let (mut echo, mut times) = (vec![0; MESSAGE], Vec::with_capacity(ROUNDS));
    for message in messages {
        let sent = Instant::now();
        socket.write_all(&message).await?;
        socket.read_exact(&mut echo).await?;
        times.push(sent.elapsed());
        check(echo == message, || "an echo differs from what was sent".to_owned())?;
        progress.advance(1);
    }
    socket.shutdown().await?;
    check(socket.read(&mut echo).await? == 0, || "the server sent more than it got".to_owned())?;
    Ok((through_gate, times))
}

/// Opens when the last of so many has come.
struct Gate {
    missing: AtomicUsize,
    open: Notify,
}

impl Gate {
    fn new(count: usize) -> Self {
        Self { missing: AtomicUsize::new(count), open: Notify::new() }
    }

    // ANCHOR: tour-gate
    async fn pass(&self) {
        let mut opened = pin!(self.open.notified());
        // In the list before the count goes down: whoever counts last wakes all who counted before, this one included.
        opened.as_mut().enable();
        if self.missing.fetch_sub(1, SeqCst) == 1 {
            self.open.notify_waiters();
        }
        opened.await;
    }
}

/// For `--listen`: serves until the process is ended.
pub fn listen(stage: &Stage, listener: std::net::TcpListener) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread().enable_all().worker_threads(stage.workers).build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        println!("Echo server on {address}; try: nc {} {}   (Ctrl-C ends it)", address.ip(), address.port());
        Ok(serve(listener, Arc::default()).await?)
    })
}
