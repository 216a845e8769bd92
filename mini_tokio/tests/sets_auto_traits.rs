//! `JoinSet`, `LocalSet`, `LocalKey` and their futures are `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` exactly if
//! tokio's are. How a type is asked: see `rt_auto_traits`.

use std::cell::Cell;
use std::future::{Future, Ready};
use std::marker::{PhantomData, PhantomPinned};
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
macro_rules! answers {
    ($ask:expr) => {{
        let ask = $ask;
        [ask.is_send(), ask.is_sync(), ask.is_unpin(), ask.is_unwind_safe(), ask.is_ref_unwind_safe()]
    }};
}

/// The same type, in both crates.
macro_rules! same {
    ($($module:ident :: $($path:ident)::+ $(<$($parameter:ty),+>)?);* $(;)?) => {$(
        assert_eq!(
            answers!(Ask::<mini_tokio::$module::$($path)::+ $(<$($parameter),+>)?>(PhantomData)),
            answers!(Ask::<tokio::$module::$($path)::+ $(<$($parameter),+>)?>(PhantomData)),
            stringify!($module::$($path)::+ $(<$($parameter),+>)?)
        );
    )*};
}

/// The first three must be equal; of the unwind traits ours may have more than theirs.
#[track_caller]
fn assert_near(ours: [bool; 5], theirs: [bool; 5]) {
    assert!(ours[..3] == theirs[..3] && (0..5).all(|i| ours[i] || !theirs[i]), "ours {ours:?}, theirs {theirs:?}");
}

#[test]
fn types_have_the_auto_traits_of_tokio() {
    same! {
        task::LocalEnterGuard;
        task::LocalKey<u8>; task::LocalKey<Cell<u8>>; task::LocalKey<Rc<u8>>; task::LocalKey<PhantomPinned>;
        task::futures::TaskLocalFuture<u8, Ready<u8>>;
        task::futures::TaskLocalFuture<Cell<u8>, Ready<u8>>;
        task::futures::TaskLocalFuture<Rc<u8>, Ready<u8>>;
        task::futures::TaskLocalFuture<u8, Ready<Cell<u8>>>;
        task::futures::TaskLocalFuture<u8, Ready<Rc<u8>>>;
        task::JoinSet<u8>; task::JoinSet<Cell<u8>>; task::JoinSet<Rc<u8>>; task::JoinSet<PhantomPinned>;
        task::LocalSet;
    }
}

/// tokio shows its builders only with `--cfg tokio_unstable`; what they are there was looked up by hand.
#[test]
fn builders_have_the_auto_traits_of_tokio() {
    assert_eq!(answers!(Ask::<mini_tokio::task::Builder<'_>>(PhantomData)), [true; 5]);
    let of_set = answers!(Ask::<mini_tokio::task::join_set::Builder<'_, u8>>(PhantomData));
    assert_eq!(of_set[..3], [true; 3]);
}

fn ask<F: Future>(_future: &F) -> Ask<F> {
    Ask(PhantomData)
}

#[test]
fn futures_of_methods_have_the_auto_traits_of_tokio() {
    macro_rules! of_set {
        ($crate_name:ident, $output:ty, $method:ident) => {{
            let mut set = $crate_name::task::JoinSet::<$output>::new();
            let answers = answers!(ask(&set.$method()));
            answers
        }};
    }
    assert_near(of_set!(mini_tokio, u8, join_next), of_set!(tokio, u8, join_next));
    assert_near(of_set!(mini_tokio, Cell<u8>, join_next), of_set!(tokio, Cell<u8>, join_next));
    assert_near(of_set!(mini_tokio, Rc<u8>, join_next), of_set!(tokio, Rc<u8>, join_next));
    assert_near(of_set!(mini_tokio, u8, join_next_with_id), of_set!(tokio, u8, join_next_with_id));
    assert_near(of_set!(mini_tokio, u8, shutdown), of_set!(tokio, u8, shutdown));
    assert_near(of_set!(mini_tokio, Rc<u8>, shutdown), of_set!(tokio, Rc<u8>, shutdown));
    let ours = answers!(ask(&mini_tokio::task::JoinSet::<u8>::new().join_all()));
    assert_near(ours, answers!(ask(&tokio::task::JoinSet::<u8>::new().join_all())));
    let (ours, theirs) = (mini_tokio::task::LocalSet::new(), tokio::task::LocalSet::new());
    let ours = answers!(ask(&ours.run_until(std::future::ready(1))));
    assert_near(ours, answers!(ask(&theirs.run_until(std::future::ready(1)))));
}

/// Whether a coroutine is `Send` cannot be asked without an error if it is not; so only what is.
#[test]
fn what_the_macros_await_may_move_between_threads() {
    fn is_send<F: Future + Send>(_future: &F) {}
    let ready = || std::future::ready(Cell::new(1));
    is_send(&async { mini_tokio::join!(ready(), ready()) });
    is_send(&async { mini_tokio::try_join!(async { Ok::<_, ()>(ready().await) }) });
    is_send(&async {
        mini_tokio::select! { _ = ready() => 1, n = ready() => n.get() }
    });
}
