//! The runtime runs: tasks, joins, blocking closures, shutdown, on both schedulers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::task;

fn runtimes() -> [Runtime; 3] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap(),
    ]
}

#[test]
fn every_spawned_task_runs_and_yields_its_value() {
    for rt in runtimes() {
        let sum: u64 = rt.block_on(async {
            let handles: Vec<_> = (0..10_000u64)
                .map(|i| {
                    task::spawn(async move {
                        task::yield_now().await;
                        task::spawn(async move { i }).await.unwrap()
                    })
                })
                .collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 9_999 * 10_000 / 2);
        assert_eq!(rt.metrics().num_alive_tasks(), 0);
    }
}

#[test]
fn a_panic_stops_at_its_task() {
    for rt in runtimes() {
        let error = rt.block_on(async { task::spawn(async { panic!("boom") }).await }).unwrap_err();
        assert!(error.is_panic());
        assert_eq!(*error.into_panic().downcast_ref::<&str>().unwrap(), "boom");
        assert_eq!(rt.block_on(async { task::spawn(async { 7 }).await.unwrap() }), 7);
    }
}

#[test]
fn dropping_the_runtime_drops_every_future_once() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    for rt in runtimes() {
        let drops = Arc::new(AtomicUsize::new(0));
        let handles: Vec<_> = (0..1000)
            .map(|_| {
                let counted = Counted(drops.clone());
                rt.spawn(async move {
                    let _counted = counted;
                    std::future::pending::<()>().await;
                })
            })
            .collect();
        drop(rt);
        assert_eq!(drops.load(SeqCst), 1000);
        for handle in handles {
            assert!(futures::executor::block_on(handle).unwrap_err().is_cancelled());
        }
    }
}

#[test]
fn blocking_closures_run_beside_tasks() {
    for rt in runtimes() {
        let values: usize = rt.block_on(async {
            let handles: Vec<_> = (0..100).map(|i| task::spawn_blocking(move || i)).collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await.unwrap();
            }
            sum
        });
        assert_eq!(values, 4950);
    }
}

#[test]
fn a_task_that_blocks_in_place_hands_its_worker_on() {
    let rt = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let got = rt.block_on(async {
        task::spawn(async {
            let other = task::spawn(async { 5 });
            task::block_in_place(|| mini_tokio::runtime::Handle::current().block_on(other).unwrap())
        })
        .await
        .unwrap()
    });
    assert_eq!(got, 5);
}

#[test]
fn an_aborted_task_ends_cancelled() {
    for rt in runtimes() {
        rt.block_on(async {
            let handle = task::spawn(std::future::pending::<()>());
            task::yield_now().await;
            handle.abort();
            assert!(handle.await.unwrap_err().is_cancelled());
        });
    }
}

/// A waker that panics when it is woken.
struct Bomb;

impl std::task::Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("a waker of another library");
    }
}

#[test]
fn a_foreign_waker_that_panics_does_not_take_the_worker_down() {
    for rt in runtimes() {
        let planted = rt.spawn(async {
            let mut yields = std::pin::pin!(task::yield_now());
            let waker = std::task::Waker::from(Arc::new(Bomb));
            assert!(yields.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        });
        assert!(rt.block_on(planted).unwrap_err().is_panic(), "it was woken in the poll of the task that planted it");
        assert_eq!(rt.block_on(async { task::spawn(async { 7 }).await.unwrap() }), 7);
    }
}

#[test]
fn a_thread_name_that_panics_loses_no_worker() {
    let name = || -> String { panic!("no name") };
    let rt = Builder::new_multi_thread().worker_threads(1).thread_name_fn(name).build().unwrap();
    let got = rt.block_on(async {
        task::spawn(async {
            let other = task::spawn(async { 5 });
            task::block_in_place(|| mini_tokio::runtime::Handle::current().block_on(other).unwrap())
        })
        .await
        .unwrap()
    });
    assert_eq!(got, 5);
}
