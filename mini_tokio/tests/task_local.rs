//! `task_local!` and `LocalKey`: scopes, what panics leave behind, and when a value is dropped.

use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use futures::executor::block_on;

mini_tokio::task_local! {
    static NUMBER: u32;
    /// Attributes and a visibility are kept.
    #[allow(dead_code)]
    pub(crate) static TEXT: String
}

mini_tokio::task_local! {}

thread_local! {
    static LOG: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// Logs the key's value when dropped; 0 where there is none.
struct LogsOnDrop;

impl Drop for LogsOnDrop {
    fn drop(&mut self) {
        LOG.with(|log| log.borrow_mut().push(NUMBER.try_get().unwrap_or(0)));
    }
}

#[test]
fn scopes_nest_and_end() {
    block_on(async {
        assert!(NUMBER.try_get().is_err());
        let inner = async {
            assert_eq!(NUMBER.get(), 1);
            NUMBER.scope(2, async { assert_eq!(NUMBER.get(), 2) }).await;
            NUMBER.sync_scope(3, || assert_eq!(NUMBER.with(|n| *n), 3));
            assert_eq!(NUMBER.get(), 1);
        };
        NUMBER.scope(1, inner).await;
        assert_eq!(NUMBER.try_with(|n| *n).unwrap_err().to_string(), "task-local value not set");
    });
}

#[test]
fn concurrent_scopes_do_not_see_one_another() {
    let runtime = mini_tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let reads = |n| {
            NUMBER.scope(n, async move {
                mini_tokio::task::yield_now().await;
                NUMBER.get()
            })
        };
        assert_eq!(mini_tokio::join!(reads(1), reads(2), async { NUMBER.try_get().is_err() }), (1, 2, true));
    });
}

#[test]
fn a_future_sees_its_value_while_it_is_dropped() {
    {
        let mut pending = pin!(NUMBER.scope(5, async {
            let _held = LogsOnDrop;
            pending::<()>().await
        }));
        assert!(pending.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    drop(NUMBER.scope(6, {
        let held = LogsOnDrop;
        async move { drop(held) }
    }));
    block_on(NUMBER.scope(7, {
        let held = LogsOnDrop;
        async move { drop(held) }
    }));
    assert_eq!(LOG.take(), [5, 6, 7]);
}

#[test]
fn a_panic_inside_a_scope_puts_the_outer_value_back() {
    NUMBER.sync_scope(1, || {
        let panicked = catch_unwind(AssertUnwindSafe(|| NUMBER.sync_scope(2, || panic!("inside"))));
        assert!(panicked.is_err());
        assert_eq!(NUMBER.get(), 1);
        let panicked = catch_unwind(AssertUnwindSafe(|| block_on(NUMBER.scope(3, async { panic!("inside") }))));
        assert!(panicked.is_err());
        assert_eq!(NUMBER.get(), 1);
    });
}

#[test]
fn no_scope_is_entered_while_the_value_is_borrowed() {
    let inside = || NUMBER.sync_scope(1, || NUMBER.with(|_| NUMBER.sync_scope(2, || {})));
    let message = *catch_unwind(inside).unwrap_err().downcast::<&'static str>().unwrap();
    assert_eq!(message, "cannot enter a task-local scope while the task-local storage is borrowed");
    assert!(NUMBER.try_get().is_err());
    let outside = *catch_unwind(|| NUMBER.get()).unwrap_err().downcast::<&'static str>().unwrap();
    assert_eq!(outside, "cannot access a task-local storage value without setting it first");
}

#[test]
fn the_value_lives_as_long_as_the_future_and_can_be_taken() {
    mini_tokio::task_local! { static SHARED: Rc<()>; }
    let value = Rc::new(());
    let mut scoped = Box::pin(SHARED.scope(value.clone(), async {}));
    block_on(scoped.as_mut());
    assert_eq!(Rc::strong_count(&value), 2);
    assert!(format!("{:?}", scoped).contains("value: ()"));
    assert!(scoped.as_mut().take_value().is_some());
    assert!(scoped.as_mut().take_value().is_none());
    assert!(format!("{:?}", scoped).contains("<missing>"));
    let again = catch_unwind(AssertUnwindSafe(|| block_on(scoped.as_mut())));
    let message = *again.unwrap_err().downcast::<&'static str>().unwrap();
    assert_eq!(message, "`TaskLocalFuture` polled after completion");
}
