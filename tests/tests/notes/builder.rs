//! Note C, section 3.2: what a runtime can be told. What tokio keeps behind a flag is in `unstable.rs`.

use super::{block_thread, panic_of};
use crate::rt::net::TcpListener;
use crate::rt::runtime::{Builder, Runtime};
use crate::rt::task;
use crate::rt::time::Duration;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

fn name_of_a_worker(runtime: &Runtime) -> String {
    let name = runtime.spawn(async { thread::current().name().map(str::to_owned) });
    runtime.block_on(name).unwrap().expect("workers have names")
}

/// C3.12: workers have the name they are given, or names from a function; so do the threads of the blocking pool
#[test]
fn threads_are_named() {
    let runtime = Builder::new_multi_thread().worker_threads(4).thread_name("my-custom-name").build().unwrap();
    assert_eq!(name_of_a_worker(&runtime), "my-custom-name");
    let pool = runtime.spawn_blocking(|| thread::current().name().map(str::to_owned));
    assert_eq!(runtime.block_on(pool).unwrap().as_deref(), Some("my-custom-name"));

    let next = AtomicUsize::new(0);
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name_fn(move || format!("worker-{}", next.fetch_add(1, Ordering::Relaxed)))
        .build()
        .unwrap();
    assert_eq!(name_of_a_worker(&runtime), "worker-0");
}

/// C3.12: a worker has the stack it is given: here more than what a thread gets unasked
#[test]
fn a_worker_has_the_stack_it_is_given() {
    const MIB: usize = 1 << 20;
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_stack_size(16 * MIB).build().unwrap();
    let deep = runtime.spawn(async {
        let frame = std::hint::black_box([1_u8; 4 * MIB]);
        frame.iter().map(|byte| usize::from(*byte)).sum::<usize>()
    });
    assert_eq!(runtime.block_on(deep).unwrap(), 4 * MIB);
}

/// C3.12: at most `max_blocking_threads` closures run at a time; the rest wait in line
#[test]
fn the_blocking_pool_has_a_limit() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    let running = Arc::new(AtomicUsize::new(0));
    let closures = [0, 1, 2].map(|number| {
        let running = running.clone();
        runtime.spawn_blocking(move || {
            let others = running.fetch_add(1, Ordering::SeqCst);
            thread::yield_now();
            running.fetch_sub(1, Ordering::SeqCst);
            (number, others)
        })
    });
    let ended = runtime.block_on(futures::future::join_all(closures));
    assert_eq!(ended.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [(0, 0), (1, 0), (2, 0)]);
}

/// C3.12: a thread of the pool that has been idle for `thread_keep_alive` ends, and the hooks are told of each thread
#[test]
fn idle_pool_threads_end_and_hooks_are_called() {
    let (hooks, calls) = mpsc::channel();
    let (started, stopped) = (hooks.clone(), hooks);
    let runtime = Builder::new_current_thread()
        .thread_keep_alive(Duration::from_millis(1))
        .on_thread_start(move || started.send(("start", thread::current().id())).unwrap())
        .on_thread_stop(move || stopped.send(("stop", thread::current().id())).unwrap())
        .build()
        .unwrap();
    let worked = runtime.block_on(runtime.spawn_blocking(|| thread::current().id())).unwrap();
    assert_eq!(block_thread(&calls), ("start", worked));
    // The runtime is still there: it is the time that ended the thread.
    assert_eq!(block_thread(&calls), ("stop", worked));
    drop(runtime);
    assert!(calls.try_recv().is_err());
}

/// C3.12: each worker starts once and stops once, and says when it goes to sleep and when it wakes up
#[test]
fn workers_tell_the_hooks_what_they_do() {
    let counts: [Arc<AtomicUsize>; 2] = Default::default();
    let (parked, parks) = mpsc::channel();
    let count = |which: usize| {
        let count = counts[which].clone();
        move || {
            count.fetch_add(1, Ordering::SeqCst);
        }
    };
    let unparked = parked.clone();
    let runtime = Builder::new_multi_thread()
        .worker_threads(3)
        .on_thread_start(count(0))
        .on_thread_stop(count(1))
        .on_thread_park(move || _ = parked.send("park"))
        .on_thread_unpark(move || _ = unparked.send("unpark"))
        .build()
        .unwrap();
    let mut heard = HashSet::new();
    while heard.len() < 2 {
        runtime.spawn(async {});
        heard.insert(block_thread(&parks));
    }
    drop(runtime);
    assert_eq!(counts.map(|count| count.load(Ordering::SeqCst)), [3, 3]);
}

/// C3.12: the driver may take one event at a time, and still sees every socket
#[test]
fn one_event_a_tick_is_enough_for_all_sockets() {
    let runtime = Builder::new_current_thread().enable_io().max_io_events_per_tick(1).build().unwrap();
    let accepted = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..5).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
        let mut peers = HashSet::new();
        for _ in &clients {
            peers.insert(listener.accept().await.unwrap().1);
        }
        task::yield_now().await;
        peers == clients.iter().map(|client| client.local_addr().unwrap()).collect()
    });
    assert!(accepted);
}

/// C3.12: numbers that make no sense are refused where they are given
#[test]
fn nonsense_is_refused() {
    assert_eq!(panic_of(|| Builder::new_multi_thread().worker_threads(0).build()), "Worker threads cannot be set to 0");
    assert_eq!(
        panic_of(|| Builder::new_multi_thread().max_blocking_threads(0).build()),
        "Max blocking threads cannot be set to 0"
    );
    assert_eq!(
        panic_of(|| Builder::new_multi_thread().global_queue_interval(0).build()),
        "global_queue_interval must be greater than 0"
    );
}
