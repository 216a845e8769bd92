//! Every public type and future of `oneshot` and `mpsc` is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` exactly if
//! tokio's is, and every error says what tokio's says.
//!
//! How a type is asked: see `rt_auto_traits.rs`.

use std::cell::Cell;
use std::marker::{PhantomData, PhantomPinned};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::time::Duration;

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

/// The same type, in both crates, for values of four kinds.
macro_rules! same {
    ($($path:ident)::+ $(<$lifetime:lifetime>)?) => {
        same!(@ $($path)::+ $(<$lifetime>)?, u8, Cell<u8>, Rc<u8>, PhantomPinned)
    };
    (@ $($path:ident)::+, $($value:ty),*) => {$(
        assert_eq!(
            answers!(Ask::<mini_tokio::sync::$($path)::+<$value>>(PhantomData)),
            answers!(Ask::<tokio::sync::$($path)::+<$value>>(PhantomData)),
            "{}<{}>", stringify!($($path)::+), stringify!($value)
        );
    )*};
    (@ $($path:ident)::+ <$lifetime:lifetime>, $($value:ty),*) => {$(
        assert_eq!(
            answers!(Ask::<mini_tokio::sync::$($path)::+<$lifetime, $value>>(PhantomData)),
            answers!(Ask::<tokio::sync::$($path)::+<$lifetime, $value>>(PhantomData)),
            "{}<{}>", stringify!($($path)::+), stringify!($value)
        );
    )*};
}

/// The future of a method, which has no name, in both crates.
macro_rules! same_future {
    ($($path:ident)::+, $value:ty, |$handle:ident| $future:expr) => {{
        fn ours($handle: &mut mini_tokio::sync::$($path)::+<$value>) -> [bool; 5] {
            answers!(ask(&$future))
        }
        fn theirs($handle: &mut tokio::sync::$($path)::+<$value>) -> [bool; 5] {
            answers!(ask(&$future))
        }
        let (ours, theirs): (fn(&mut _) -> _, fn(&mut _) -> _) = (ours, theirs);
        (ours, theirs)
    }};
}

fn ask<F: Future>(_future: &F) -> Ask<F> {
    Ask(PhantomData)
}

/// Whatever compiles with their type compiles with ours.
fn covers(ours: [bool; 5], theirs: [bool; 5]) -> bool {
    std::iter::zip(ours, theirs).all(|(ours, theirs)| ours || !theirs)
}

fn check(name: &str, ours: [bool; 5], theirs: [bool; 5]) {
    assert!(ours[..3] == theirs[..3] && covers(ours, theirs), "{name}: {ours:?}, {theirs:?}");
}

#[test]
fn oneshot_has_the_auto_traits_of_tokio() {
    same!(oneshot::Sender);
    same!(oneshot::Receiver);
}

#[test]
fn mpsc_has_the_auto_traits_of_tokio() {
    same!(mpsc::Sender);
    same!(mpsc::WeakSender);
    same!(mpsc::Receiver);
    same!(mpsc::OwnedPermit);
    same!(mpsc::Permit<'static>);
    same!(mpsc::PermitIterator<'static>);
    same!(mpsc::UnboundedSender);
    same!(mpsc::WeakUnboundedSender);
    same!(mpsc::UnboundedReceiver);
    same!(mpsc::error::SendError);
    same!(mpsc::error::TrySendError);
    same!(mpsc::error::SendTimeoutError);
}

/// Ours may be unwind safe where tokio's are not.
#[test]
fn the_futures_of_the_methods_have_the_auto_traits_of_tokio() {
    macro_rules! for_values {
        ($($value:ty = $new:expr),*) => {$({
            let (ours, theirs) = same_future!(oneshot::Sender, $value, |sender| sender.closed());
            check("closed", ours(&mut mini_tokio::sync::oneshot::channel().0), theirs(&mut tokio::sync::oneshot::channel().0));

            let (mut our_sender, mut our_receiver) = mini_tokio::sync::mpsc::channel(1);
            let (mut their_sender, mut their_receiver) = tokio::sync::mpsc::channel(1);
            let (ours, theirs) = same_future!(mpsc::Receiver, $value, |receiver| receiver.recv());
            check("recv", ours(&mut our_receiver), theirs(&mut their_receiver));
            let (ours, theirs) = same_future!(mpsc::Sender, $value, |sender| sender.send($new));
            check("send", ours(&mut our_sender), theirs(&mut their_sender));
            let (ours, theirs) = same_future!(mpsc::Sender, $value, |sender| sender.reserve());
            check("reserve", ours(&mut our_sender), theirs(&mut their_sender));
            let (ours, theirs) = same_future!(mpsc::Sender, $value, |sender| sender.reserve_many(2));
            check("reserve_many", ours(&mut our_sender), theirs(&mut their_sender));
            let (ours, theirs) = same_future!(mpsc::Sender, $value, |sender| sender.clone().reserve_owned());
            check("reserve_owned", ours(&mut our_sender), theirs(&mut their_sender));
            let (ours, theirs) = same_future!(mpsc::Sender, $value, |sender| sender.send_timeout($new, Duration::ZERO));
            check("send_timeout", ours(&mut our_sender), theirs(&mut their_sender));
            let (ours, theirs) = same_future!(mpsc::Sender, $value, |sender| sender.closed());
            check("closed", ours(&mut our_sender), theirs(&mut their_sender));

            let (ours, theirs) = same_future!(mpsc::UnboundedReceiver, $value, |receiver| receiver.recv());
            check("recv", ours(&mut mini_tokio::sync::mpsc::unbounded_channel().1), theirs(&mut tokio::sync::mpsc::unbounded_channel().1));
        })*};
    }
    for_values!(u8 = 1, Cell<u8> = Cell::new(1), Rc<u8> = Rc::new(1));
}

/// `Display`, `Debug`, and that they are errors.
macro_rules! says_the_same {
    ($($($path:ident)::+ $(($value:expr))?),* $(,)?) => {$(
        let (ours, theirs) = (mini_tokio::sync::$($path)::+ $(($value))?, tokio::sync::$($path)::+ $(($value))?);
        let (our_error, their_error): (&dyn std::error::Error, &dyn std::error::Error) = (&ours, &theirs);
        assert_eq!(our_error.to_string(), their_error.to_string());
        assert_eq!(format!("{our_error:?}"), format!("{their_error:?}"));
        assert_eq!(format!("{our_error:>40?}"), format!("{their_error:>40?}"));
        assert_eq!(ours.clone(), ours);
    )*};
}

#[test]
fn errors_say_what_tokios_say() {
    says_the_same! {
        mpsc::error::SendError(1), mpsc::error::TrySendError::Full(1), mpsc::error::TrySendError::Closed(1),
        mpsc::error::SendTimeoutError::Timeout(1), mpsc::error::SendTimeoutError::Closed(1),
        mpsc::error::TryRecvError::Empty, mpsc::error::TryRecvError::Disconnected,
        oneshot::error::TryRecvError::Empty, oneshot::error::TryRecvError::Closed,
    }
    let ours = mini_tokio::sync::oneshot::channel::<u8>().1.blocking_recv().unwrap_err();
    let theirs = tokio::sync::oneshot::channel::<u8>().1.blocking_recv().unwrap_err();
    assert_eq!((ours.to_string(), format!("{ours:?}")), (theirs.to_string(), format!("{theirs:?}")));
}

#[test]
fn an_error_gives_the_value_back() {
    use mini_tokio::sync::mpsc::error::{SendError, SendTimeoutError, TrySendError};
    assert_eq!(TrySendError::Full(1).into_inner(), 1);
    assert_eq!(TrySendError::Closed(2).into_inner(), 2);
    assert_eq!(SendTimeoutError::Timeout(3).into_inner(), 3);
    assert_eq!(SendTimeoutError::Closed(4).into_inner(), 4);
    assert_eq!(TrySendError::from(SendError(5)), TrySendError::Closed(5));
}
