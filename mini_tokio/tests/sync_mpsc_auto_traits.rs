//! Every public type and future of `oneshot` and `mpsc` is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` exactly if
//! tokio's is, and every error says what tokio's says.

mod auto_traits;

use std::cell::Cell;
use std::error::Error;
use std::marker::PhantomPinned;
use std::rc::Rc;
use std::time::Duration;

use auto_traits::*;

#[test]
fn oneshot_has_the_auto_traits_of_tokio() {
    macro_rules! of_value {
        ($value:ty) => {
            same_types! { sync: oneshot::Sender<$value>, oneshot::Receiver<$value> }
            near_futures! { sync: |sender: &'static mut oneshot::Sender<$value>| sender.closed() }
        };
    }
    for_values!(of_value);
    same_types! { sync: oneshot::error::RecvError, oneshot::error::TryRecvError }
}

#[test]
fn mpsc_has_the_auto_traits_of_tokio() {
    macro_rules! of_value {
        ($value:ty) => {
            same_types! { sync:
                mpsc::Sender<$value>, mpsc::WeakSender<$value>, mpsc::Receiver<$value>,
                mpsc::UnboundedSender<$value>, mpsc::WeakUnboundedSender<$value>, mpsc::UnboundedReceiver<$value>,
                mpsc::Permit<'static, $value>, mpsc::PermitIterator<'static, $value>, mpsc::OwnedPermit<$value>,
                mpsc::error::SendError<$value>, mpsc::error::TrySendError<$value>, mpsc::error::SendTimeoutError<$value>,
            }
        };
    }
    for_values!(of_value);
    same_types! { sync: mpsc::error::TryRecvError }
}

#[test]
fn the_futures_of_mpsc_have_the_auto_traits_of_tokio() {
    macro_rules! of_value {
        ($value:ty) => {
            near_futures! { sync:
                |sender: (&'static mpsc::Sender<$value>, $value)| sender.0.send(sender.1),
                |sender: (&'static mpsc::Sender<$value>, $value)| sender.0.send_timeout(sender.1, Duration::ZERO),
                |sender: &'static mpsc::Sender<$value>| sender.reserve(),
                |sender: &'static mpsc::Sender<$value>| sender.reserve_many(2),
                |sender: mpsc::Sender<$value>| sender.reserve_owned(),
                |sender: &'static mpsc::Sender<$value>| sender.closed(),
                |receiver: &'static mut mpsc::Receiver<$value>| receiver.recv(),
                |sender: &'static mpsc::UnboundedSender<$value>| sender.closed(),
                |receiver: &'static mut mpsc::UnboundedReceiver<$value>| receiver.recv(),
            }
            near_futures! { sync:
                |to: (&'static mut mpsc::Receiver<$value>, &'static mut Vec<$value>)| to.0.recv_many(to.1, 2),
                |to: (&'static mut mpsc::UnboundedReceiver<$value>, &'static mut Vec<$value>)| to.0.recv_many(to.1, 2),
            }
        };
    }
    for_values!(of_value);
}

/// `Display` and `Debug`.
fn said(errors: &[&dyn Error]) -> Vec<(String, String)> {
    errors.iter().map(|error| (error.to_string(), format!("{error:?}"))).collect()
}

#[test]
fn errors_say_what_tokios_say() {
    macro_rules! of_library {
        ($library:ident) => {{
            use $library::sync::mpsc::error::{SendError, SendTimeoutError, TryRecvError, TrySendError};
            use $library::sync::oneshot;
            let (sender, receiver) = oneshot::channel::<u8>();
            drop(sender);
            let no_value = receiver.blocking_recv().unwrap_err();
            said(&[
                &SendError(1),
                &TrySendError::Full(1),
                &TrySendError::Closed(1),
                &SendTimeoutError::Timeout(1),
                &SendTimeoutError::Closed(1),
                &TryRecvError::Empty,
                &TryRecvError::Disconnected,
                &oneshot::error::TryRecvError::Empty,
                &oneshot::error::TryRecvError::Closed,
                &no_value,
            ])
        }};
    }
    assert_eq!(of_library!(mini_tokio), of_library!(tokio));
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
