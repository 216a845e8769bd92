//! Every public type and future of `broadcast` and `watch` is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` if
//! tokio's is; and the first three also only if tokio's is.
//!
//! Whether a type has a trait is asked as in `rt_auto_traits`: an inherent method, present only with the trait, wins over a
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

macro_rules! answers {
    ($ask:expr) => {{
        let ask = $ask;
        [ask.is_send(), ask.is_sync(), ask.is_unpin(), ask.is_unwind_safe(), ask.is_ref_unwind_safe()]
    }};
}

/// `Send`, `Sync` and `Unpin` alike; and unwind safe wherever tokio's is.
fn check(what: &str, ours: [bool; 5], theirs: [bool; 5]) {
    assert_eq!(ours[..3], theirs[..3], "{what}: Send, Sync, Unpin");
    for (ours, theirs) in std::iter::zip(&ours[3..], &theirs[3..]) {
        assert!(ours >= theirs, "{what}: tokio's is unwind safe");
    }
}

macro_rules! same_types {
    ($($module:ident :: $($path:ident)::+ $(<$parameter:ty>)?),* $(,)?) => {$(
        check(
            stringify!($module::$($path)::+ $(<$parameter>)?),
            answers!(Ask::<mini_tokio::sync::$module::$($path)::+ $(<$parameter>)?>(PhantomData)),
            answers!(Ask::<tokio::sync::$module::$($path)::+ $(<$parameter>)?>(PhantomData)),
        );
    )*};
}

/// The future of a method, for values of a type.
macro_rules! same_futures {
    ($($module:ident :: $handle:ident<$value:ty> => $call:expr),* $(,)?) => {$({
        // Never called: only its type is looked at.
        macro_rules! traits_in {
            ($library:ident) => {{
                fn nobody<'a>() -> Option<&'a mut $library::sync::$module::$handle<$value>> {
                    None
                }
                fn of<'a, F: Future + 'a>(
                    _: Option<&'a mut $library::sync::$module::$handle<$value>>,
                    _: impl FnOnce(&'a mut $library::sync::$module::$handle<$value>) -> F,
                ) -> Ask<F> {
                    Ask(PhantomData)
                }
                answers!(of(nobody(), $call))
            }};
        }
        check(stringify!($module::$handle<$value> => $call), traits_in!(mini_tokio), traits_in!(tokio));
    })*};
}

#[test]
fn handles_guards_and_errors() {
    same_types! {
        watch::Sender<u8>, watch::Sender<Cell<u8>>, watch::Sender<Rc<u8>>, watch::Sender<std::marker::PhantomPinned>,
        watch::Receiver<u8>, watch::Receiver<Cell<u8>>, watch::Receiver<Rc<u8>>,
        watch::error::SendError<u8>, watch::error::SendError<Cell<u8>>, watch::error::SendError<Rc<u8>>,
        watch::error::RecvError,
        broadcast::Sender<u8>, broadcast::Sender<Cell<u8>>, broadcast::Sender<Rc<u8>>,
        broadcast::WeakSender<u8>, broadcast::WeakSender<Cell<u8>>, broadcast::WeakSender<Rc<u8>>,
        broadcast::Receiver<u8>, broadcast::Receiver<Cell<u8>>, broadcast::Receiver<Rc<u8>>,
        broadcast::error::SendError<u8>, broadcast::error::SendError<Cell<u8>>, broadcast::error::SendError<Rc<u8>>,
        broadcast::error::RecvError, broadcast::error::TryRecvError,
    }
    macro_rules! same_refs {
        ($($value:ty),*) => {$(
            check(
                stringify!(watch::Ref<$value>),
                answers!(Ask::<mini_tokio::sync::watch::Ref<'_, $value>>(PhantomData)),
                answers!(Ask::<tokio::sync::watch::Ref<'_, $value>>(PhantomData)),
            );
        )*};
    }
    same_refs!(u8, Cell<u8>, Rc<u8>);
}

#[test]
fn futures_of_methods() {
    same_futures! {
        watch::Receiver<u8> => |receiver| receiver.changed(),
        watch::Receiver<Cell<u8>> => |receiver| receiver.changed(),
        watch::Receiver<Rc<u8>> => |receiver| receiver.changed(),
        watch::Receiver<u8> => |receiver| receiver.wait_for(|_| true),
        watch::Receiver<Cell<u8>> => |receiver| receiver.wait_for(|_| true),
        watch::Sender<u8> => |sender| sender.closed(),
        watch::Sender<Cell<u8>> => |sender| sender.closed(),
        watch::Sender<Rc<u8>> => |sender| sender.closed(),
        broadcast::Receiver<u8> => |receiver| receiver.recv(),
        broadcast::Receiver<Cell<u8>> => |receiver| receiver.recv(),
        broadcast::Receiver<Rc<u8>> => |receiver| receiver.recv(),
        broadcast::Sender<u8> => |sender| sender.closed(),
        broadcast::Sender<Cell<u8>> => |sender| sender.closed(),
        broadcast::Sender<Rc<u8>> => |sender| sender.closed(),
    }
}
