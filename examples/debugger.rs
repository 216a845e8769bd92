//! A program to be looked at with gdb: every kind of waiting, frozen at one place.
//!
//! ```text
//! gdb --args target/debug/examples/debugger
//! (gdb) break stop_here
//! (gdb) run
//! ```
//!
//! The book's chapter "A tour with the debugger" walks through it, and a test takes that walk under a real gdb.
//!
//! `debugger dump` needs no debugger: it prints what `insight::dump` says. `debugger many 10000` has that many tasks,
//! `debugger steps 7 100` takes a hundred steps of a stepper with seed 7 and calls `stop_here` after each, `debugger riddle` has
//! a task that gdb 13 cannot read. These three are for the tests of the commands.

use std::env;
use std::future::Future;
use std::hint::black_box;
use std::num::NonZeroU128;
use std::pin::Pin;
use std::sync::Arc;

use mini_tokio::net::TcpListener;
use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::stepper::Stepper;
use mini_tokio::sync::Notify;
use mini_tokio::task::{self, JoinHandle};
use mini_tokio::time::{Duration, sleep};

const HOUR: Duration = Duration::from_secs(3600);

// ANCHOR: debugger-stop-here
/// Where the debugger is to stop. What it is given is what the debugger should find out by itself.
#[inline(never)]
fn stop_here(expected: &str) {
    black_box(expected);
}

// ANCHOR: debugger-ferry
async fn ferry(captain: &str) {
    let passengers = 40;
    leg(captain, 2).await;
    black_box(passengers);
}

/// A future that calls itself has to be boxed.
fn leg(captain: &str, legs_left: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
    Box::pin(async move {
        if legs_left > 0 {
            leg(captain, legs_left - 1).await;
        } else {
            cross(captain).await;
        }
    })
}

async fn cross(captain: &str) {
    let minutes = 45;
    sleep(HOUR).await;
    black_box((captain, minutes));
}

// ANCHOR: debugger-pilot
async fn pilot(fog: Arc<Notify>) {
    mini_tokio::join!(lookout(fog), radio());
}

async fn lookout(fog: Arc<Notify>) {
    fog.notified().await;
}

async fn radio() {
    let channel = 16;
    sleep(HOUR * channel).await;
    black_box(channel);
}

async fn keeper(bell: Arc<Notify>) {
    mini_tokio::select! {
        () = bell.notified() => {}
        () = sleep(2 * HOUR) => {}
    }
}

async fn customs(listener: TcpListener) {
    let ship = listener.accept().await;
    black_box(&ship);
}

async fn clerk(ferry: JoinHandle<()>) {
    let _ = ferry.await;
}

/// Two awaits, for those who want to go from one to the next.
async fn crane(signal: Arc<Notify>) {
    signal.notified().await;
    task::yield_now().await;
    signal.notified().await;
}

#[track_caller]
fn named<F: Future<Output = ()> + Send + 'static>(runtime: &Runtime, name: &str, future: F) -> JoinHandle<()> {
    task::Builder::new().name(name).spawn_on(future, runtime.handle()).expect("the runtime runs")
}

/// Waits until every worker sleeps and nothing is queued, so that what the debugger finds is the same in every run.
fn settle(runtime: &Runtime) {
    let metrics = runtime.metrics();
    // The count is odd while the worker sleeps.
    let sleeps = |worker| metrics.worker_park_unpark_count(worker) % 2 == 1;
    while metrics.global_queue_depth() > 0 || !(0..metrics.num_workers()).all(sleeps) {
        std::thread::yield_now();
    }
}

// ANCHOR: debugger-tour
fn tour() {
    let harbour = Builder::new_multi_thread().worker_threads(1).name("harbour").enable_all().build().unwrap();
    let office = Builder::new_multi_thread().worker_threads(2).name("office").build().unwrap();
    let bell = Arc::new(Notify::new());
    let signal = Arc::new(Notify::new());
    let listener = harbour.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();

    let ferry = named(&harbour, "ferry", ferry("Ada"));
    named(&harbour, "pilot", pilot(Arc::new(Notify::new())));
    named(&harbour, "keeper", keeper(bell.clone()));
    named(&harbour, "customs", customs(listener));
    named(&harbour, "clerk", clerk(ferry));
    let crane = named(&harbour, "crane", crane(signal.clone()));
    settle(&harbour);
    settle(&office);

    // While this task runs, what it spawns and wakes stays where it was put: there is no other worker.
    let inspector = named(&harbour, "inspector", async move {
        for _ in 0..3 {
            task::spawn(async {});
        }
        bell.notify_one();
        stop_here("");
    });
    harbour.block_on(inspector).unwrap();
    settle(&harbour);
    signal.notify_one();
    settle(&harbour);
    signal.notify_one();
    harbour.block_on(crane).unwrap();
}

fn many(tasks: usize) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for number in 0..tasks {
        match number % 3 {
            0 => named(&runtime, "ferry", ferry("Ada")),
            1 => named(&runtime, "radio", radio()),
            _ => runtime.spawn(std::future::pending()),
        };
    }
    settle(&runtime);
    stop_here("");
}

// ANCHOR: debugger-dump
/// What the program says of itself.
fn dump() {
    let harbour = Builder::new_multi_thread().worker_threads(1).name("harbour").enable_all().build().unwrap();
    let ferry = named(&harbour, "ferry", ferry("Ada"));
    named(&harbour, "keeper", keeper(Arc::new(Notify::new())));
    named(&harbour, "clerk", clerk(ferry));
    settle(&harbour);
    print!("{}", mini_tokio::insight::dump(harbour.handle()));
}

/// Three tasks. Two have an enum whose variants are told by sixteen bytes, one of them in a box: gdb 13 gives up on each value that
/// has one inside.
fn riddle() {
    async fn numbered() {
        let number = black_box(NonZeroU128::new(7));
        std::future::pending::<()>().await;
        black_box(number);
    }
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    named(&runtime, "riddle", numbered());
    named(&runtime, "parcel", async {
        let parcel: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(numbered());
        parcel.await;
    });
    named(&runtime, "plain", std::future::pending());
    settle(&runtime);
    stop_here("");
}

/// Some work for a stepper: tasks that spawn, yield, wake one another and sleep. Boxed, since it spawns itself.
fn bustle(notify: Arc<Notify>, depth: u32) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        for round in 0..3 {
            if depth > 0 {
                task::spawn(bustle(notify.clone(), depth - 1));
            }
            task::yield_now().await;
            notify.notify_one();
            if round == 1 {
                sleep(Duration::from_millis(5)).await;
            }
            notify.notified().await;
        }
    })
}

fn steps(seed: u64, count: usize) {
    let mut stepper = Stepper::builder().workers(3).seed(seed).build();
    let notify = Arc::new(Notify::new());
    for _ in 0..3 {
        stepper.spawn(bustle(notify.clone(), 3));
    }
    for _ in 0..count {
        stepper.step();
        let queues = stepper.queues();
        let lanes = queues.lifo.iter().zip(&queues.local);
        let lanes = lanes.map(|(lifo, local)| format!("{lifo:?} {local:?}").replace("Some(", "").replace(')', ""));
        let lanes: Vec<_> = lanes.collect();
        stop_here(&format!("{} | {:?} | {:?}", lanes.join(" | "), queues.global, queues.sleeping));
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok()).expect("a number");
    match arguments.first().map(String::as_str) {
        None => tour(),
        Some("dump") => dump(),
        Some("many") => many(number(1)),
        Some("riddle") => riddle(),
        Some("steps") => steps(number(1) as u64, number(2)),
        Some(other) => panic!("{other} is neither dump, many, riddle nor steps"),
    }
}
