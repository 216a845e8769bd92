//! Every public type of `task` and `runtime` is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` exactly if tokio's is.

mod auto_traits;

use std::cell::Cell;
use std::future::Ready;
use std::marker::PhantomPinned;
use std::rc::Rc;

use auto_traits::*;

#[test]
fn the_question_tells_types_apart() {
    assert_eq!(traits!(u8), [true; 5]);
    assert_eq!(traits!(Rc<u8>), [false, false, true, true, true]);
    assert_eq!(traits!(Cell<u8>), [true, false, true, true, false]);
    assert_eq!(traits!(&mut u8), [true, true, true, false, true]);
    assert_eq!(traits!(PhantomPinned), [true, true, false, true, true]);
}

#[test]
fn tasks_have_the_auto_traits_of_tokio() {
    same_types! { task:
        JoinHandle<u8>, JoinHandle<Cell<u8>>, JoinHandle<Rc<u8>>, JoinHandle<PhantomPinned>,
        AbortHandle, JoinError, Id,
        coop::RestoreOnPending,
        coop::Unconstrained<Ready<u8>>, coop::Unconstrained<Ready<Cell<u8>>>, coop::Unconstrained<Ready<Rc<u8>>>,
        coop::Unconstrained<PhantomPinned>,
        coop::Coop<Ready<u8>>, coop::Coop<Ready<Cell<u8>>>, coop::Coop<Ready<Rc<u8>>>,
    }
}

#[test]
fn runtimes_have_the_auto_traits_of_tokio() {
    same_types! { runtime: Runtime, Handle, Builder, RuntimeFlavor, RuntimeMetrics, TryCurrentError, Id }
    let (ours, theirs) = (traits!(mini_tokio::runtime::EnterGuard<'_>), traits!(tokio::runtime::EnterGuard<'_>));
    assert_near("EnterGuard", ours, theirs); // ours is unwind safe, tokio's is not
}

/// The futures of free functions too, which have no name.
#[test]
fn futures_of_free_functions_have_the_auto_traits_of_tokio() {
    near_futures! { task: |_: ()| yield_now(), |_: ()| consume_budget() }
}

/// These tokio shows only with `--cfg tokio_unstable`; what they are there was looked up by hand.
#[test]
fn unstable_types_have_the_auto_traits_of_tokio() {
    assert_eq!(traits!(mini_tokio::runtime::UnhandledPanic), [true; 5]);
    assert_eq!(traits!(mini_tokio::runtime::RngSeed), [true; 5]);
    assert_eq!(traits!(mini_tokio::runtime::HistogramScale), [true; 5]);
    assert_eq!(traits!(mini_tokio::runtime::HistogramConfiguration), [true; 5]);
    assert_eq!(traits!(mini_tokio::runtime::LogHistogram), [true; 5]);
    assert_eq!(traits!(mini_tokio::runtime::LogHistogramBuilder), [true; 5]);
    assert_eq!(traits!(mini_tokio::runtime::InvalidHistogramConfiguration), [true; 5]);
    assert_eq!(traits!(mini_tokio::runtime::TaskMeta<'_>), [true; 5]);
}

/// tokio has no stepper. One thread steps it at a time, and that may be any thread.
#[test]
fn a_stepper_may_move_to_another_thread() {
    let [send, _, unpin, ..] = traits!(mini_tokio::stepper::Stepper);
    assert!(send && unpin);
}
