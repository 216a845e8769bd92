//! Every public type of `task` and `runtime` is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` exactly if tokio's is.
//!
//! Whether a type has a trait is asked without specialisation: an inherent method, present only with the trait, wins over a
//! method of the same name of a trait that every type has.

use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

struct Ask<T: ?Sized>(PhantomData<T>);

macro_rules! question {
    ($no:ident, $method:ident, $auto_trait:path) => {
        trait $no {
            fn $method(&self) -> bool {
                false
            }
        }
        impl<T: ?Sized> $no for Ask<T> {}
        impl<T: ?Sized + $auto_trait> Ask<T> {
            fn $method(&self) -> bool {
                true
            }
        }
    };
}

question!(NotSend, is_send, Send);
question!(NotSync, is_sync, Sync);
question!(NotUnpin, is_unpin, Unpin);
question!(NotUnwindSafe, is_unwind_safe, UnwindSafe);
question!(NotRefUnwindSafe, is_ref_unwind_safe, RefUnwindSafe);

/// In this order: `Send`, `Sync`, `Unpin`, `UnwindSafe`, `RefUnwindSafe`.
macro_rules! traits {
    ($of:ty) => {{
        let ask = Ask::<$of>(PhantomData);
        [ask.is_send(), ask.is_sync(), ask.is_unpin(), ask.is_unwind_safe(), ask.is_ref_unwind_safe()]
    }};
}

/// The same type, in both crates.
macro_rules! same {
    ($($module:ident :: $($path:ident)::+ $(<$parameter:ty>)?),* $(,)?) => {$(
        assert_eq!(
            traits!(mini_tokio::$module::$($path)::+ $(<$parameter>)?),
            traits!(tokio::$module::$($path)::+ $(<$parameter>)?),
            stringify!($module::$($path)::+ $(<$parameter>)?)
        );
    )*};
}

/// Whatever compiles with their type compiles with ours.
fn covers(ours: [bool; 5], theirs: [bool; 5]) -> bool {
    std::iter::zip(ours, theirs).all(|(ours, theirs)| ours || !theirs)
}

#[test]
fn the_question_tells_types_apart() {
    assert_eq!(traits!(u8), [true; 5]);
    assert_eq!(traits!(Rc<u8>), [false, false, true, true, true]);
    assert_eq!(traits!(Cell<u8>), [true, false, true, true, false]);
    assert_eq!(traits!(&mut u8), [true, true, true, false, true]);
    assert_eq!(traits!(std::marker::PhantomPinned), [true, true, false, true, true]);
}

#[test]
fn tasks_have_the_auto_traits_of_tokio() {
    same! {
        task::JoinHandle<u8>, task::JoinHandle<Cell<u8>>, task::JoinHandle<Rc<u8>>,
        task::JoinHandle<std::marker::PhantomPinned>,
        task::AbortHandle, task::JoinError, task::Id,
        task::coop::RestoreOnPending,
        task::coop::Unconstrained<std::future::Ready<u8>>, task::coop::Unconstrained<std::future::Ready<Cell<u8>>>,
        task::coop::Unconstrained<std::future::Ready<Rc<u8>>>, task::coop::Unconstrained<std::marker::PhantomPinned>,
        task::coop::Coop<std::future::Ready<u8>>, task::coop::Coop<std::future::Ready<Cell<u8>>>,
        task::coop::Coop<std::future::Ready<Rc<u8>>>,
    }
}

#[test]
fn runtimes_have_the_auto_traits_of_tokio() {
    same! {
        runtime::Runtime, runtime::Handle, runtime::Builder, runtime::RuntimeFlavor, runtime::RuntimeMetrics,
        runtime::TryCurrentError, runtime::Id,
    }
    let (ours, theirs) = (traits!(mini_tokio::runtime::EnterGuard<'_>), traits!(tokio::runtime::EnterGuard<'_>));
    assert_eq!(ours[..3], theirs[..3], "EnterGuard");
    assert!(covers(ours, theirs), "EnterGuard: ours is unwind safe, tokio's is not");
}

/// The futures of free functions too, which have no name.
#[test]
fn futures_of_free_functions_have_the_auto_traits_of_tokio() {
    fn ask<F: Future>(_future: &F) -> Ask<F> {
        Ask(PhantomData)
    }
    macro_rules! traits_of {
        ($future:expr) => {{
            let ask = ask(&$future);
            [ask.is_send(), ask.is_sync(), ask.is_unpin(), ask.is_unwind_safe(), ask.is_ref_unwind_safe()]
        }};
    }
    // Not quite equal: ours may be unwind safe where tokio's, which hold a reference to a context, are not.
    let (ours, theirs) = (traits_of!(mini_tokio::task::yield_now()), traits_of!(tokio::task::yield_now()));
    assert!(ours[..3] == theirs[..3] && covers(ours, theirs), "yield_now: {ours:?}, {theirs:?}");
    let (ours, theirs) = (traits_of!(mini_tokio::task::consume_budget()), traits_of!(tokio::task::consume_budget()));
    assert!(ours[..3] == theirs[..3] && covers(ours, theirs), "consume_budget: {ours:?}, {theirs:?}");
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
