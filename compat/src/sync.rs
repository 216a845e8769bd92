//! Synchronization between tasks. Code: `mini_tokio/src/sync`.

pub use mini_tokio::sync::{
    AcquireError, Barrier, BarrierWaitResult, MappedMutexGuard, Mutex, MutexGuard, Notify, OnceCell,
    OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard,
    OwnedSemaphorePermit, RwLock, RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard, Semaphore,
    SemaphorePermit, SetError, SetOnce, SetOnceError, TryAcquireError, TryLockError,
};

/// One value for each of many readers.
pub mod broadcast {
    pub use mini_tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel};

    /// What goes wrong with a broadcast channel.
    pub mod error {
        pub use mini_tokio::sync::broadcast::error::{RecvError, SendError, TryRecvError};
    }
}

/// The futures of this module by name.
pub mod futures {
    pub use mini_tokio::sync::futures::{Notified, OwnedNotified};
}

/// Many senders, one receiver.
pub mod mpsc {
    pub use mini_tokio::sync::mpsc::{
        OwnedPermit, Permit, PermitIterator, Receiver, Sender, UnboundedReceiver, UnboundedSender, WeakSender,
        WeakUnboundedSender, channel, unbounded_channel,
    };

    /// What goes wrong with a channel.
    pub mod error {
        #[allow(deprecated)]
        pub use mini_tokio::sync::mpsc::error::RecvError;
        pub use mini_tokio::sync::mpsc::error::{SendError, SendTimeoutError, TryRecvError, TrySendError};
    }
}

/// One value, once.
pub mod oneshot {
    pub use mini_tokio::sync::oneshot::{Receiver, Sender, channel};

    /// What goes wrong with a oneshot channel.
    pub mod error {
        pub use mini_tokio::sync::oneshot::error::{RecvError, TryRecvError};
    }
}

/// The latest value, for many readers.
pub mod watch {
    pub use mini_tokio::sync::watch::{Receiver, Ref, Sender, channel};

    /// What goes wrong with a watch channel.
    pub mod error {
        pub use mini_tokio::sync::watch::error::{RecvError, SendError};
    }
}
