//! `JoinSet`, `LocalSet`, `LocalKey` and their futures are `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` exactly if
//! tokio's are.

mod auto_traits;

use std::cell::Cell;
use std::future::{Future, Ready};
use std::marker::PhantomPinned;
use std::rc::Rc;

use auto_traits::*;

#[test]
fn types_have_the_auto_traits_of_tokio() {
    same_types! { task:
        LocalEnterGuard,
        LocalKey<u8>, LocalKey<Cell<u8>>, LocalKey<Rc<u8>>, LocalKey<PhantomPinned>,
        futures::TaskLocalFuture<u8, Ready<u8>>,
        futures::TaskLocalFuture<Cell<u8>, Ready<u8>>,
        futures::TaskLocalFuture<Rc<u8>, Ready<u8>>,
        futures::TaskLocalFuture<u8, Ready<Cell<u8>>>,
        futures::TaskLocalFuture<u8, Ready<Rc<u8>>>,
        JoinSet<u8>, JoinSet<Cell<u8>>, JoinSet<Rc<u8>>, JoinSet<PhantomPinned>,
        LocalSet,
    }
}

/// tokio shows its builders only with `--cfg tokio_unstable`; what they are there was looked up by hand.
#[test]
fn builders_have_the_auto_traits_of_tokio() {
    assert_eq!(traits!(mini_tokio::task::Builder<'_>), [true; 5]);
    let of_set = traits!(mini_tokio::task::join_set::Builder<'_, u8>);
    assert_eq!(of_set[..3], [true; 3]);
}

#[test]
fn futures_of_methods_have_the_auto_traits_of_tokio() {
    near_futures! { task:
        |set: &'static mut JoinSet<u8>| set.join_next(),
        |set: &'static mut JoinSet<Cell<u8>>| set.join_next(),
        |set: &'static mut JoinSet<Rc<u8>>| set.join_next(),
        |set: &'static mut JoinSet<u8>| set.join_next_with_id(),
        |set: &'static mut JoinSet<u8>| set.shutdown(),
        |set: &'static mut JoinSet<Rc<u8>>| set.shutdown(),
        |set: JoinSet<u8>| set.join_all(),
        |set: &'static LocalSet| set.run_until(std::future::ready(1)),
    }
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
