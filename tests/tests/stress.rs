//! The stress run of benches/, scaled down: nothing is lost on any scheduler.
//!
//! The whole of it, ten million tasks, is `cargo run --release -p benches -- stress`.

use benches::stress;
use mini_tokio::runtime::Builder;

const TASKS: u64 = 25_600;

#[test]
fn every_task_of_a_mixed_load_is_accounted_for() {
    let mut runtimes = vec![Builder::new_current_thread().enable_all().build().unwrap()];
    for workers in [1, 2, 4] {
        runtimes.push(Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap());
    }
    for runtime in runtimes {
        let tally = stress::run(&runtime, TASKS, 6_400, |_| ()).unwrap();
        assert_eq!((tally.values, tally.cancelled, tally.panicked), (TASKS / 64 * 57, TASKS / 64 * 5, TASKS / 64 * 2));
        assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    }
}
