//! `select!`: who is polled, who wins, what is dropped when, and which programs compile.
#![forbid(unsafe_code)] // what the macro writes is the macro's business

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use mini_tokio::runtime::{Builder, RngSeed};
use mini_tokio::select;
use mini_tokio::task::consume_budget;

/// Writes its name into a log when it is polled and when it is dropped.
struct Noted<'a> {
    name: &'static str,
    ready: bool,
    log: &'a RefCell<Vec<String>>,
}

impl Future for Noted<'_> {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
        self.log.borrow_mut().push(format!("poll {}", self.name));
        if self.ready { Poll::Ready(self.name) } else { Poll::Pending }
    }
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.log.borrow_mut().push(format!("drop {}", self.name));
    }
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn message_of(panicked: Box<dyn std::any::Any + Send>) -> String {
    match panicked.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&'static str>().unwrap()).to_owned(),
    }
}

#[test]
fn all_futures_are_dropped_before_the_handler_runs() {
    let log = RefCell::default();
    let noted = |name, ready| Noted { name, ready, log: &log };
    block_on(async {
        select! {
            biased;
            _ = noted("loser", false) => unreachable!(),
            name = noted("winner", true) => log.borrow_mut().push(format!("handler of {name}")),
            _ = noted("unasked", true) => unreachable!(),
        }
    });
    let expected = ["poll loser", "poll winner", "drop loser", "drop winner", "drop unasked", "handler of winner"];
    assert_eq!(log.into_inner(), expected);
}

#[test]
fn a_dropped_select_drops_its_branches_and_runs_no_handler() {
    let log = RefCell::default();
    {
        let mut selecting = pin!(async {
            select! {
                biased;
                _ = Noted { name: "one", ready: false, log: &log } => unreachable!(),
                _ = Noted { name: "two", ready: false, log: &log } => unreachable!(),
            }
        });
        assert!(poll_once(selecting.as_mut()).is_pending());
    }
    assert_eq!(log.into_inner(), ["poll one", "poll two", "drop one", "drop two"]);
}

#[test]
fn a_branch_disabled_by_its_precondition_is_evaluated_and_never_polled() {
    let log = RefCell::default();
    let evaluated = Cell::new(false);
    block_on(async {
        select! {
            _ = { evaluated.set(true); Noted { name: "disabled", ready: true, log: &log } }, if 1 > 2 => unreachable!(),
            () = ready(()) => {}
        }
    });
    assert!(evaluated.get());
    assert_eq!(log.into_inner(), ["drop disabled"]);
}

#[test]
fn preconditions_may_await_and_use_question_mark() {
    async fn run(allowed: Result<bool, &'static str>) -> Result<u8, &'static str> {
        Ok(select! {
            _ = ready(()), if ready(allowed).await? => 1,
            else => 2,
        })
    }
    assert_eq!(block_on(run(Ok(true))), Ok(1));
    assert_eq!(block_on(run(Ok(false))), Ok(2));
    assert_eq!(block_on(run(Err("no"))), Err("no"));
}

#[test]
fn a_branch_whose_output_does_not_match_is_polled_no_more() {
    let polls = Cell::new(0);
    let silent = poll_fn(|_| {
        polls.set(polls.get() + 1);
        Poll::Ready(None::<u8>)
    });
    let rounds = Cell::new(0);
    let third = poll_fn(|_| {
        rounds.set(rounds.get() + 1);
        if rounds.get() == 3 { Poll::Ready(()) } else { Poll::Pending }
    });
    let mut selecting = pin!(async {
        select! {
            Some(_) = silent => unreachable!(),
            () = third => rounds.get(),
        }
    });
    assert!(poll_once(selecting.as_mut()).is_pending());
    assert!(poll_once(selecting.as_mut()).is_pending());
    assert_eq!(poll_once(selecting.as_mut()), Poll::Ready(3));
    assert_eq!(polls.get(), 1);
}

#[test]
fn else_runs_when_no_output_matched() {
    let value = block_on(async {
        select! {
            Some(n) = ready(None::<u8>) => n,
            Ok(n) = ready(Err::<u8, ()>(())) => n,
            else => 9,
        }
    });
    assert_eq!(value, 9);
}

#[test]
fn without_else_a_select_with_all_branches_disabled_panics() {
    let run = || {
        block_on(async {
            select! { 1 = ready(2) => {} }
        })
    };
    let panicked = catch_unwind(run).unwrap_err();
    assert_eq!(message_of(panicked), "all branches are disabled and there is no else branch");
}

#[test]
fn control_flow_in_handlers_and_futures_is_that_of_the_function() {
    async fn run(end: u32) -> Result<u32, &'static str> {
        let mut turns = 0;
        let value = loop {
            turns += 1;
            select! {
                n = ready(turns), if turns < 3 => { if n < 9 { continue } }
                n = ready(turns) => match end {
                    0 => break n,
                    1 => return Ok(100),
                    _ => Err("refused")?,
                },
            }
            if turns > 50 {
                return Err("never left");
            }
        };
        Ok(value)
    }
    assert!(block_on(run(0)).unwrap() >= 1);
    assert_eq!(block_on(run(1)), Ok(100));
    assert_eq!(block_on(run(2)), Err("refused"));
    async fn early() -> Result<(), &'static str> {
        select! { () = { Err::<(), _>("before")?; ready(()) } => Ok(()) }
    }
    assert_eq!(block_on(early()), Err("before"));
}

#[test]
fn handlers_may_use_what_the_futures_borrow() {
    let mut value = 1;
    async fn needs(value: &mut i32) -> i32 {
        *value += 1;
        *value
    }
    block_on(async {
        select! {
            biased;
            n = needs(&mut value) => value += n,
            _ = pending::<()>() => value = 0,
        }
    });
    assert_eq!(value, 4);
}

#[test]
fn patterns_of_every_kind_bind_what_they_say() {
    #[derive(Clone, Debug, PartialEq)]
    struct Point {
        x: String,
        y: Option<u8>,
    }
    const LIMIT: u8 = 7;
    let point = Point { x: "x".into(), y: Some(3) };
    let text = String::from("borrowed");
    block_on(async {
        select! { Point { x, y: Some(ref mut height) } = ready(point.clone()) => { *height += 1; assert_eq!((x.as_str(), *height), ("x", 4)) } }
        select! { Point { mut x, .. } = ready(point.clone()) => { x.push('!'); assert_eq!(x, "x!") } }
        select! { Some(&letter) = ready(text.as_bytes().first()) => assert_eq!(letter, b'b') }
        select! { all @ [first, .., _] = ready([1, 2, 3]) => assert_eq!((all, first), ([1, 2, 3], 1)) }
        select! { Ok(s) | Err(s) = ready(Ok::<String, String>(text.clone())) => assert_eq!(s, text) }
        select! { LIMIT = ready(7) => {}, else => unreachable!() }
        select! { LIMIT = ready(8) => unreachable!(), else => {} }
        select! { None = ready(None::<String>) => {}, else => unreachable!() }
        select! { (biased, ref s) = ready((1, text.clone())) => assert_eq!((biased, s), (1, &text)) }
        select! { biased = ready(5) => assert_eq!(biased, 5) }
        select! { 0..=9 | 20 = ready(20) => {}, else => unreachable!() }
        select! { "text" = ready("text") => {}, else => unreachable!() }
    });
}

#[test]
fn the_names_of_the_expansion_are_out_of_sight() {
    let (disabled, futures, branch, output, cx) = (1, 2, 3, 4, 5);
    let sum = block_on(async {
        select! {
            sum = async { disabled + futures + branch + output + cx }, if output == 4 => sum + futures,
        }
    });
    assert_eq!(sum, 17);
}

#[test]
fn a_panic_in_a_handler_finds_the_futures_gone() {
    let log = RefCell::default();
    let run = || {
        block_on(async {
            select! {
                biased;
                _ = Noted { name: "winner", ready: true, log: &log } => panic!("in the handler"),
                _ = Noted { name: "loser", ready: true, log: &log } => {}
            }
        })
    };
    let panicked = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(message_of(panicked), "in the handler");
    assert_eq!(log.into_inner(), ["poll winner", "drop winner", "drop loser"]);
}

#[test]
fn a_panic_in_a_branch_drops_the_others_once() {
    let log = RefCell::default();
    let run = || {
        block_on(async {
            select! {
                biased;
                _ = Noted { name: "waits", ready: false, log: &log } => {}
                () = async { panic!("in a branch") } => {}
                _ = Noted { name: "unasked", ready: true, log: &log } => {}
            }
        })
    };
    assert_eq!(message_of(catch_unwind(AssertUnwindSafe(run)).unwrap_err()), "in a branch");
    assert_eq!(log.into_inner(), ["poll waits", "drop waits", "drop unasked"]);
}

#[test]
fn each_of_several_ready_branches_has_its_share() {
    let runtime = Builder::new_current_thread().rng_seed(RngSeed::from_bytes(b"fair")).build().unwrap();
    let wins = runtime.block_on(async {
        let mut wins = [0; 4];
        for _ in 0..8000 {
            let winner = select! { _ = ready(()) => 0, _ = ready(()) => 1, _ = ready(()) => 2, _ = ready(()) => 3 };
            wins[winner] += 1;
        }
        wins
    });
    assert!(wins.iter().all(|&won| (1800..2200).contains(&won)), "{wins:?}");
}

#[test]
fn a_biased_select_asks_in_order_every_time() {
    let log = RefCell::default();
    let mut selecting = pin!(async {
        select! {
            biased;
            _ = Noted { name: "one", ready: false, log: &log } => {}
            _ = Noted { name: "two", ready: false, log: &log } => {}
        }
    });
    for _ in 0..3 {
        assert!(poll_once(selecting.as_mut()).is_pending());
    }
    assert_eq!(*log.borrow(), ["poll one", "poll two"].repeat(3));
}

async fn thirty_choices() -> Vec<u8> {
    let mut choices = Vec::new();
    for _ in 0..30 {
        choices.push(select! { n = ready(0) => n, n = ready(1) => n, n = ready(2) => n, n = ready(3) => n });
    }
    choices
}

#[test]
fn the_runtimes_seed_decides_whose_turn_it_is() {
    let in_task = |mut builder: Builder, seed: &[u8]| {
        let runtime = builder.rng_seed(RngSeed::from_bytes(seed)).build().unwrap();
        let root = runtime.block_on(thirty_choices());
        (root, runtime.block_on(runtime.spawn(thirty_choices())).unwrap())
    };
    let here = in_task(Builder::new_current_thread(), b"a seed");
    assert_eq!(here, in_task(Builder::new_current_thread(), b"a seed"));
    assert_ne!(here, in_task(Builder::new_current_thread(), b"another"));
    let root = || {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).rng_seed(RngSeed::from_bytes(b"a seed")).build().unwrap();
        runtime.block_on(thirty_choices())
    };
    assert_eq!(root(), root());
}

#[test]
fn without_a_runtime_the_choice_is_random_too() {
    let choices = block_on(async { [thirty_choices().await, thirty_choices().await].concat() });
    assert!((0..4).all(|branch| choices.contains(&branch)), "{choices:?}");
}

#[test]
fn a_task_that_selects_ready_branches_for_ever_lets_others_run() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let rounds = runtime.block_on(async {
        let stop = std::rc::Rc::new(Cell::new(false));
        let rounds = Cell::new(0);
        let other = mini_tokio::spawn(async {});
        while !other.is_finished() {
            rounds.set(rounds.get() + 1);
            assert!(rounds.get() < 100_000, "the other task never ran");
            select! {
                biased;
                () = consume_budget(), if !stop.get() => {}
                () = ready(()) => {}
            }
        }
        rounds.get()
    });
    assert!(rounds <= 129, "{rounds}");
}

#[test]
fn sixty_four_branches_can_each_win() {
    macro_rules! sixty_four {
        ($winner:ident: $($n:literal)*) => {
            select! { $(n = ready($n), if $winner == $n => n,)* else => 99 }
        };
    }
    for winner in 0..=64 {
        let won = block_on(async {
            sixty_four!(winner: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
                32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)
        });
        assert_eq!(won, if winner < 64 { winner } else { 99 });
    }
}

#[test]
fn branches_can_come_from_a_macro_of_the_user() {
    macro_rules! first_of {
        ($pattern:pat = $future:expr => $handler:expr) => {
            select! { biased; $pattern = $future => $handler, _ = pending::<()>() => unreachable!() }
        };
    }
    assert_eq!(block_on(async { first_of!(Some(n) = ready(Some(3)) => n + 1) }), 4);
}
