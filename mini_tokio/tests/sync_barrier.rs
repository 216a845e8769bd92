//! The barrier: nobody passes before all are there, and one is the leader.

use std::sync::Arc;

use mini_tokio::sync::Barrier;

mod sync_support;
use sync_support::{Spy, meddling_waker, now};

#[test]
fn a_barrier_for_none_or_one_lets_everybody_pass_as_the_leader() {
    for size in [0, 1] {
        let barrier = Barrier::new(size);
        assert!(now(barrier.wait()).is_leader());
        assert!(now(barrier.wait()).is_leader());
    }
}

#[test]
fn the_last_to_arrive_leads_and_releases_the_others() {
    let barrier = Barrier::new(3);
    for _round in 0..3 {
        let mut waiting: Vec<_> = (0..2).map(|_| Spy::waiting(barrier.wait())).collect();
        assert!(waiting.iter_mut().all(|waiting| waiting.poll().is_none()));
        assert!(now(barrier.wait()).is_leader());
        for waiting in &mut waiting {
            assert_eq!(waiting.wakes(), 1);
            assert!(!waiting.poll().unwrap().is_leader());
        }
    }
}

#[test]
fn a_task_of_the_last_round_that_was_not_polled_yet_passes_in_the_next() {
    let barrier = Barrier::new(2);
    let mut slow = Spy::waiting(barrier.wait());
    assert!(now(barrier.wait()).is_leader());
    let mut next = Spy::waiting(barrier.wait());
    assert!(!slow.poll().unwrap().is_leader());
    assert!(next.poll().is_none());
    assert!(now(barrier.wait()).is_leader());
    assert!(!next.poll().unwrap().is_leader());
}

#[test]
fn who_has_arrived_counts_even_if_it_does_not_wait() {
    macro_rules! outcome {
        ($library:ident) => {{
            let barrier = $library::sync::Barrier::new(2);
            drop(Spy::new(barrier.wait()));
            let never_polled = Spy::new(barrier.wait()).poll().is_none();
            (never_polled, now(barrier.wait()).is_leader())
        }};
    }
    assert_eq!(outcome!(mini_tokio), (true, true));
    assert_eq!(outcome!(mini_tokio), outcome!(tokio));
}

#[test]
fn a_waker_that_arrives_at_the_barrier_begins_the_next_round() {
    let barrier = Arc::new(Barrier::new(2));
    let mut waiting = Spy::new(barrier.wait());
    let other = barrier.clone();
    let waker = meddling_waker(move || _ = Spy::new(other.wait()).poll());
    // Cloned: that is the second arrival, within the first one's poll.
    assert!(waiting.poll_with(&waker).is_some_and(|result| !result.is_leader()) || waiting.poll().is_some());
}

#[test]
fn a_result_is_printed_as_tokio_prints_it() {
    let ours = now(Barrier::new(1).wait());
    let theirs = now(tokio::sync::Barrier::new(1).wait());
    assert_eq!(format!("{:?}", ours.clone()), format!("{theirs:?}"));
    assert!(format!("{:?}", Barrier::new(2)).starts_with("Barrier"));
}

#[test]
fn all_tasks_of_a_round_have_finished_the_last_one() {
    let runtime = mini_tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let barrier = Arc::new(Barrier::new(8));
    let arrived = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let leaders: usize = runtime.block_on(async {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (barrier, arrived) = (barrier.clone(), arrived.clone());
                mini_tokio::spawn(async move {
                    let mut led = 0;
                    for round in 1..=100 {
                        arrived.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        led += usize::from(barrier.wait().await.is_leader());
                        assert!(arrived.load(std::sync::atomic::Ordering::Relaxed) >= round * 8);
                    }
                    led
                })
            })
            .collect();
        let mut leaders = 0;
        for task in tasks {
            leaders += task.await.unwrap();
        }
        leaders
    });
    assert_eq!(leaders, 100);
}
