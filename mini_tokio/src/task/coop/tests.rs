//! The public side of the budget.

use std::{
    cell::Cell,
    future::{pending, ready},
    pin::pin,
    task::Waker,
};

use super::*;

/// Polls as a scheduler does, with a fresh budget each time.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    with_budget(Budget::initial(), || future.poll(&mut Context::from_waker(Waker::noop())))
}

#[test]
fn a_loop_over_consume_budget_yields_once_in_128_rounds() {
    let rounds = Cell::new(0);
    let mut task = pin!(async {
        for _ in 0..300 {
            consume_budget().await;
            rounds.set(rounds.get() + 1);
        }
    });
    assert!(poll(task.as_mut()).is_pending());
    assert_eq!(rounds.get(), 128);
    assert!(poll(task.as_mut()).is_pending());
    assert_eq!(rounds.get(), 256);
    assert!(poll(task.as_mut()).is_ready());
    assert_eq!(rounds.get(), 300);
}

#[test]
fn a_cooperative_future_costs_a_unit_when_it_is_ready() {
    let done = Cell::new(0);
    let mut task = pin!(async {
        for i in 0..200 {
            assert_eq!(cooperative(ready(i)).await, i);
            done.set(done.get() + 1);
        }
    });
    assert!(poll(task.as_mut()).is_pending());
    assert_eq!(done.get(), 128);
    assert!(poll(task.as_mut()).is_ready());
}

#[test]
fn a_cooperative_future_without_budget_is_not_polled() {
    let polls = Cell::new(0);
    let mut future = pin!(cooperative(poll_fn(|_| {
        polls.set(polls.get() + 1);
        Poll::Ready(())
    })));
    let mut used_up = pin!(async {
        for _ in 0..128 {
            consume_budget().await;
        }
        assert!(!has_budget_remaining());
        future.as_mut().await;
    });
    assert!(poll(used_up.as_mut()).is_pending());
    assert_eq!(polls.get(), 0);
    assert!(poll(used_up).is_ready());
    assert_eq!(polls.get(), 1);
}

/// 129 things to wait for, of which only the last has something: the budget must last to the end of the row.
#[test]
fn waiting_for_many_pending_things_costs_nothing() {
    let mut row: Vec<_> = (0..129).map(|_| Box::pin(cooperative(pending::<()>()))).collect();
    let mut last = pin!(cooperative(ready(7)));
    let mut task = pin!(poll_fn(|cx| {
        assert!(row.iter_mut().all(|future| future.as_mut().poll(cx).is_pending()));
        last.as_mut().poll(cx)
    }));
    assert_eq!(poll(task.as_mut()), Poll::Ready(7));
}

#[test]
fn an_unconstrained_future_never_has_to_yield_and_spends_nothing() {
    let mut task = pin!(async {
        unconstrained(async {
            for _ in 0..1000 {
                consume_budget().await;
            }
        })
        .await;
        assert_eq!(crate::coop::current(), Budget::initial());
    });
    assert!(poll(task.as_mut()).is_ready());
}

#[test]
fn an_unconstrained_future_runs_although_the_budget_is_used_up() {
    let mut task = pin!(async {
        for _ in 0..128 {
            consume_budget().await;
        }
        unconstrained(consume_budget()).await;
        assert!(!has_budget_remaining());
    });
    assert!(poll(task.as_mut()).is_ready());
}

#[test]
fn a_panic_inside_unconstrained_leaves_the_budget_as_it_was() {
    with_budget(Budget::initial(), || {
        let outcome = std::panic::catch_unwind(|| {
            let mut bad = pin!(unconstrained(poll_fn(|_| -> Poll<()> { panic!("a future that panics") })));
            let _ = bad.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        });
        assert!(outcome.is_err());
        assert_eq!(crate::coop::current(), Budget::initial());
    });
}

#[test]
fn a_unit_belongs_to_its_thread() {
    trait NotSend<Which> {
        fn holds() {}
    }
    impl<T: ?Sized> NotSend<()> for T {}
    struct IfSend;
    impl<T: ?Sized + Send> NotSend<IfSend> for T {}
    trait NotSync<Which> {
        fn holds() {}
    }
    impl<T: ?Sized> NotSync<()> for T {}
    struct IfSync;
    impl<T: ?Sized + Sync> NotSync<IfSync> for T {}
    fn unpin<T: Unpin>() {}
    // Does not compile, for ambiguity, if the type is Send or Sync.
    <RestoreOnPending as NotSend<_>>::holds();
    <RestoreOnPending as NotSync<_>>::holds();
    unpin::<RestoreOnPending>();
    fn send_sync_unpin<T: Send + Sync + Unpin>() {}
    send_sync_unpin::<Coop<std::future::Ready<()>>>();
    send_sync_unpin::<Unconstrained<std::future::Ready<()>>>();
}
