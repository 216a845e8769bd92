//! The system refuses threads. A stack that is larger than what is left of the address space makes sure of it; so these
//! tests have a process of their own.

mod rt_support;

use std::mem::ManuallyDrop;
use std::sync::{Mutex, MutexGuard};

use mini_tokio::runtime::{Builder, Handle};
use mini_tokio::task;
use rt_support::*;

/// A stack that fits, until [`refuse_threads`].
const STACK: usize = 1 << 30;

/// One test at a time: the limit is the process's.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// From now on, and until the value is dropped, there is room for small things and not for another stack.
struct Limit(libc::rlimit);

fn refuse_threads() -> Limit {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm").unwrap().split(' ').next().unwrap().parse().unwrap();
    // SAFETY: a plain value for the system to fill in.
    let mut old: libc::rlimit = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to that value.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut old) }, 0);
    let new = libc::rlimit { rlim_cur: pages * 4096 + (256 << 20), rlim_max: old.rlim_max };
    // SAFETY: as above.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &new) }, 0);
    Limit(old)
}

impl Drop for Limit {
    fn drop(&mut self) {
        // SAFETY: a value that the system gave.
        unsafe { libc::setrlimit(libc::RLIMIT_AS, &self.0) };
    }
}

#[test]
fn a_runtime_whose_workers_cannot_start_is_an_error_and_leaves_nothing_behind() {
    let _alone = alone();
    let _limit = refuse_threads();
    let alive = std::sync::Arc::new(());
    let held = alive.clone();
    let built = Builder::new_multi_thread()
        .worker_threads(3)
        .thread_stack_size(STACK)
        .on_thread_start(move || {
            let _held = &held;
        })
        .build();
    assert!(built.is_err());
    drop(built);
    eventually(|| std::sync::Arc::strong_count(&alive) == 1);
}

#[test]
fn a_closure_for_which_no_thread_can_be_had_panics_its_spawner_and_is_dropped() {
    let _alone = alone();
    let rt = Builder::new_current_thread().thread_stack_size(STACK).build().unwrap();
    let drops = Drops::default();
    let tracked = drops.tracked();
    {
        let _limit = refuse_threads();
        let text = panic_message(|| rt.spawn_blocking(move || drop(tracked)));
        assert!(text.starts_with("OS can't spawn worker thread"), "{text}");
    }
    assert_eq!(drops.count(), 1);
    assert_eq!(rt.block_on(rt.spawn_blocking(|| 3)).unwrap(), 3, "and the next one finds a thread");
}

#[test]
fn a_yield_inside_block_in_place_goes_on_though_nobody_took_the_worker_over() {
    let _alone = alone();
    // Not dropped if the test fails: that would wait for the worker.
    let rt = ManuallyDrop::new(Builder::new_multi_thread().worker_threads(1).thread_stack_size(STACK).build().unwrap());
    let task = rt.spawn(async {
        let other = task::spawn(async { 1 });
        let got = {
            let _limit = refuse_threads();
            task::block_in_place(|| {
                Handle::current().block_on(async {
                    task::yield_now().await;
                    2
                })
            })
        };
        got + other.await.unwrap()
    });
    // The limit is the process's: no thread to watch the time may be started meanwhile, so this one watches.
    eventually(|| task.is_finished());
    assert_eq!(rt.block_on(task).unwrap(), 3);
    drop(ManuallyDrop::into_inner(rt));
}
