//! Every public type and future of `broadcast` and `watch` is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` exactly
//! if tokio's is.

mod auto_traits;

use std::cell::Cell;
use std::marker::PhantomPinned;
use std::rc::Rc;

use auto_traits::*;

#[test]
fn watch_has_the_auto_traits_of_tokio() {
    macro_rules! of_value {
        ($value:ty) => {
            same_types! { sync:
                watch::Sender<$value>, watch::Receiver<$value>, watch::Ref<'static, $value>,
                watch::error::SendError<$value>,
            }
            near_futures! { sync:
                |sender: &'static watch::Sender<$value>| sender.closed(),
                |receiver: &'static mut watch::Receiver<$value>| receiver.changed(),
                |receiver: &'static mut watch::Receiver<$value>| receiver.wait_for(|_| true),
            }
        };
    }
    for_values!(of_value);
    same_types! { sync: watch::error::RecvError }
}

#[test]
fn broadcast_has_the_auto_traits_of_tokio() {
    macro_rules! of_value {
        ($value:ty) => {
            same_types! { sync:
                broadcast::Sender<$value>, broadcast::WeakSender<$value>, broadcast::Receiver<$value>,
                broadcast::error::SendError<$value>,
            }
            near_futures! { sync: |sender: &'static broadcast::Sender<$value>| sender.closed() }
        };
    }
    for_values!(of_value);
    same_types! { sync: broadcast::error::RecvError, broadcast::error::TryRecvError }
    near_futures! { sync:
        |receiver: &'static mut broadcast::Receiver<u8>| receiver.recv(),
        |receiver: &'static mut broadcast::Receiver<Cell<u8>>| receiver.recv(),
        |receiver: &'static mut broadcast::Receiver<Rc<u8>>| receiver.recv(),
    }
}
