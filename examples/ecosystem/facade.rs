//! What the way through `tokio` costs: the same source, compiled once over `tokio::` and once over `mini_tokio::`, in turns.
//!
//! Nothing, and not by measurement: each name in compat/ is a re-export, hence the same item, and `tests/tests/compat.rs`
//! compares types and functions one by one. This program is for those who would rather see a figure.
//!
//! ```sh
//! cargo run --release --bin facade
//! valgrind --tool=callgrind target/release/facade tokio 5000          # one of the two alone, in instructions
//! valgrind --tool=callgrind target/release/facade mini_tokio 5000
//! ```

use std::env;
use std::time::{Duration, Instant};

mod through_tokio {
    use tokio as rt;
    include!("facade_workload.rs");
}

mod through_mini_tokio {
    use mini_tokio as rt;
    include!("facade_workload.rs");
}

const ROUNDS: u32 = 2_000;
/// Each consists of four runs, A B B A: what drifts slowly falls on both.
const TURNS: usize = 100;

fn main() {
    let mut arguments = env::args().skip(1);
    if let Some(which) = arguments.next() {
        let rounds = arguments.next().map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
        let run = if which == "tokio" { through_tokio::run } else { through_mini_tokio::run };
        assert_eq!(run(rounds), rounds);
        return;
    }
    let [mut tokio, mut mini_tokio] = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        tokio.push(time(through_tokio::run));
        mini_tokio.push(time(through_mini_tokio::run));
        mini_tokio.push(time(through_mini_tokio::run));
        tokio.push(time(through_tokio::run));
    }
    let [tokio, mini_tokio] = [median(tokio), median(mini_tokio)];
    let ratio = tokio.as_secs_f64() / mini_tokio.as_secs_f64();
    println!(
        "a round: {:?} through tokio, {:?} through mini_tokio; ratio {ratio:.3}",
        tokio / ROUNDS,
        mini_tokio / ROUNDS
    );
}

fn time(run: fn(u32) -> u32) -> Duration {
    let began = Instant::now();
    assert_eq!(run(ROUNDS), ROUNDS);
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
