//! `join!`, `try_join!` and `pin!`: order of polls, outputs, early ends, drops.
#![forbid(unsafe_code)] // what the macros write is the macros' business

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use mini_tokio::task::coop::consume_budget;
use mini_tokio::{join, try_join};

/// Notes its number at each of three polls, and is ready at the third.
fn noted(number: u8, log: &RefCell<Vec<u8>>) -> impl Future<Output = u8> {
    let mut polls = 0;
    poll_fn(move |_| {
        polls += 1;
        log.borrow_mut().push(number);
        if polls == 3 { Poll::Ready(number) } else { Poll::Pending }
    })
}

fn drive<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    for _ in 0..10 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
    panic!("not ready after ten polls")
}

#[test]
fn each_poll_begins_one_future_further_on() {
    let log = RefCell::default();
    let outputs = drive(async { join!(noted(1, &log), noted(2, &log), noted(3, &log)) });
    assert_eq!(outputs, (1, 2, 3));
    assert_eq!(log.into_inner(), [1, 2, 3, 2, 3, 1, 3, 1, 2]);
}

#[test]
fn a_biased_join_polls_in_order() {
    let log = RefCell::default();
    drive(async { join!(biased; noted(1, &log), noted(2, &log)) });
    assert_eq!(log.take(), [1, 2, 1, 2, 1, 2]);
    let ok = |number| {
        let noted = noted(number, &log);
        async { Ok::<_, ()>(noted.await) }
    };
    assert_eq!(drive(async { try_join!(biased; ok(1), ok(2),) }), Ok((1, 2)));
    assert_eq!(log.take(), [1, 2, 1, 2, 1, 2]);
}

#[test]
fn a_future_that_is_done_is_dropped_and_polled_no_more() {
    let held = Rc::new(());
    let kept = held.clone();
    let log = RefCell::default();
    let mut joining = pin!(async {
        join!(
            async {
                let _kept = kept;
                7
            },
            noted(1, &log)
        )
    });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(joining.as_mut().poll(&mut cx).is_pending());
    assert_eq!(Rc::strong_count(&held), 1);
    assert!(joining.as_mut().poll(&mut cx).is_pending());
    assert_eq!(joining.as_mut().poll(&mut cx), Poll::Ready((7, 1)));
}

#[test]
fn the_first_error_ends_a_try_join_and_drops_the_others() {
    let held = Rc::new(());
    let kept = held.clone();
    let failed = block_on(async {
        let failed = try_join!(
            async {
                let _kept = kept;
                pending::<Result<(), &str>>().await
            },
            async { Ok(1) },
            async { Err::<u8, _>("first") },
            async { Err::<u8, _>("second") },
        );
        assert_eq!(Rc::strong_count(&held), 1);
        failed
    });
    assert_eq!(failed, Err("first"));
}

#[test]
fn a_future_that_eats_the_budget_does_not_starve_the_others() {
    let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (eaten, served) = runtime.block_on(async {
        let eater = async {
            for _ in 0..1280 {
                consume_budget().await;
            }
            1280
        };
        let modest = async {
            for _ in 0..5 {
                consume_budget().await;
            }
            5
        };
        join!(eater, modest)
    });
    assert_eq!((eaten, served), (1280, 5));
}

#[test]
fn nothing_joined_is_unit() {
    block_on(async {
        let () = join!();
        let () = join!(biased;);
        let nothing: Result<(), ()> = try_join!();
        assert_eq!(nothing, Ok(()));
    });
}

#[test]
fn what_becomes_a_future_can_be_joined() {
    struct Later;
    impl IntoFuture for Later {
        type Output = u8;
        type IntoFuture = std::future::Ready<u8>;
        fn into_future(self) -> Self::IntoFuture {
            ready(3)
        }
    }
    assert_eq!(block_on(async { join!(Later, async { 4 }) }), (3, 4));
}

#[test]
fn pinned_variables_keep_their_names() {
    block_on(async {
        let (one, two) = (async { 1 }, async { 2 });
        mini_tokio::pin!(one, two);
        assert_eq!((&mut one).await + (&mut two).await, 3);
        mini_tokio::pin! {
            let three = async { 3 };
            let four = async { 4 };
        }
        assert_eq!(three.await + four.await, 7);
    });
}
