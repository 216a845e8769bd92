//! Steps that need no kernel.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{ARC, CAS, CLOCK, MALLOC, MALLOC_ALIGNED, MALLOC_MANY, MUTEX, RMW, THREAD_LOCAL, batches};

type Step = (&'static str, Box<dyn FnMut()>);

thread_local! {
    static LOCAL: Cell<u64> = const { Cell::new(1) };
}

#[repr(align(128))]
struct Aligned(#[expect(dead_code, reason = "only its size counts")] [u8; 256]);

pub(super) fn steps() -> Vec<Step> {
    let (word, other, mutex, shared) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(0), Arc::new(0_u64));
    let mut live: Vec<Box<[u8; 64]>> = (0..1_000).map(|_| Box::new([0; 64])).collect();
    let mut next = 0;
    vec![
        (RMW, Box::new(move || _ = black_box(word.fetch_add(1, AcqRel)))),
        (
            CAS,
            Box::new(move || {
                let now = other.load(Relaxed);
                _ = black_box(other.compare_exchange(now, now + 1, AcqRel, Acquire));
            }),
        ),
        (MUTEX, Box::new(move || *mutex.lock().expect("nobody panics") += black_box(1))),
        (ARC, Box::new(move || drop(black_box(shared.clone())))),
        (THREAD_LOCAL, Box::new(|| _ = black_box(LOCAL.with(Cell::get)))),
        (MALLOC, Box::new(|| drop(black_box(Box::new([0_u8; 64]))))),
        (
            MALLOC_MANY,
            Box::new(move || {
                // A stride without common factor: neither the block just freed nor its neighbour.
                next = (next + 617) % live.len();
                live[next] = black_box(Box::new([0; 64]));
            }),
        ),
        (MALLOC_ALIGNED, Box::new(|| drop(black_box(Box::new(Aligned([0; 256])))))),
        (CLOCK, Box::new(|| _ = black_box(Instant::now()))),
    ]
}

/// A word that another thread changes all the time. The middle batch, not the best: in the best one the other thread was not there.
/// (On a busy machine it may never be, and the figure is as if this one were alone.)
pub(super) fn contended(target: Duration) -> f64 {
    let (word, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                word.fetch_add(1, AcqRel);
            }
        });
        while word.load(Relaxed) == 0 {
            thread::yield_now();
        }
        let batches = batches(target, 100, || _ = black_box(word.fetch_add(1, AcqRel)));
        stop.store(true, Relaxed);
        batches[batches.len() / 2]
    })
}
