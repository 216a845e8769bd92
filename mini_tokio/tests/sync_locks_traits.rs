//! Every public type and future of semaphores, locks, barriers and cells is `Send`, `Sync` and `Unpin` exactly if tokio's is,
//! and `UnwindSafe` and `RefUnwindSafe` wherever tokio's is.
//!
//! Whether a type has a trait is asked as in `rt_auto_traits`: an inherent method, present only with the trait, wins over a
//! method of the same name of a trait that every type has.

use std::cell::Cell;
use std::marker::{PhantomData, PhantomPinned};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

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
    ($($type:ident $(<$($parameter:tt),+>)?),* $(,)?) => {$(
        check(
            stringify!($type $(<$($parameter),+>)?),
            answers!(Ask::<mini_tokio::sync::$type $(<$($parameter),+>)?>(PhantomData)),
            answers!(Ask::<tokio::sync::$type $(<$($parameter),+>)?>(PhantomData)),
        );
    )*};
}

/// Types of one parameter, for values that are `Send` and `Sync`, `Send` only, neither, and not `Unpin`.
macro_rules! same_generic_types {
    ($($type:ident),* $(,)?) => {$(
        same_types!($type<Both>, $type<OnlySend>, $type<Neither>, $type<PhantomPinned>);
    )*};
}

macro_rules! same_guards {
    ($($type:ident),* $(,)?) => {$(
        same_types!($type<'static, Both>, $type<'static, OnlySend>, $type<'static, Neither>, $type<'static, PhantomPinned>);
    )*};
}

/// Types of two parameters, for each pair of values.
macro_rules! same_owned_guards {
    ($($type:ident),* $(,)?) => {$(
        same_types!(
            $type<Both, Both>, $type<Both, OnlySend>, $type<Both, Neither>,
            $type<OnlySend, Both>, $type<OnlySend, OnlySend>, $type<OnlySend, Neither>,
            $type<Neither, Both>, $type<Neither, OnlySend>, $type<Neither, Neither>,
        );
    )*};
}

type Both = u8;
type OnlySend = Cell<u8>;
type Neither = Rc<u8>;

/// The future of a method.
macro_rules! same_futures {
    ($($type:ident $(<$value:ty>)? => $call:expr),* $(,)?) => {$({
        // Never called: only its type is looked at.
        macro_rules! traits_in {
            ($library:ident) => {{
                type Of = $library::sync::$type $(<$value>)?;
                fn of<F: Future>(_: impl FnOnce(&'static Of, Arc<Of>) -> F) -> Ask<F> {
                    Ask(PhantomData)
                }
                answers!(of($call))
            }};
        }
        check(stringify!($type $(<$value>)? => $call), traits_in!(mini_tokio), traits_in!(tokio));
    })*};
}

#[test]
fn types_guards_and_errors() {
    same_types!(
        Semaphore,
        SemaphorePermit<'static>,
        OwnedSemaphorePermit,
        AcquireError,
        TryAcquireError,
        TryLockError,
        Barrier,
        BarrierWaitResult,
    );
    same_generic_types!(Mutex, RwLock, OnceCell, SetError, SetOnce, SetOnceError);
    same_generic_types!(OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard);
    same_generic_types!(OwnedMappedMutexGuard, OwnedRwLockMappedWriteGuard);
    same_guards!(MutexGuard, MappedMutexGuard, RwLockReadGuard, RwLockWriteGuard, RwLockMappedWriteGuard);
    same_owned_guards!(OwnedMappedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockMappedWriteGuard);
}

#[test]
fn futures_of_semaphores_and_barriers() {
    same_futures! {
        Semaphore => |semaphore, _| semaphore.acquire(),
        Semaphore => |semaphore, _| semaphore.acquire_many(1),
        Semaphore => |_, semaphore| semaphore.acquire_owned(),
        Semaphore => |_, semaphore| semaphore.acquire_many_owned(1),
        Barrier => |barrier, _| barrier.wait(),
    }
}

macro_rules! futures_of_locks {
    ($($value:ty),*) => {$(
        same_futures! {
            Mutex<$value> => |mutex, _| mutex.lock(),
            Mutex<$value> => |_, mutex| mutex.lock_owned(),
            RwLock<$value> => |lock, _| lock.read(),
            RwLock<$value> => |_, lock| lock.read_owned(),
            RwLock<$value> => |lock, _| lock.write(),
            RwLock<$value> => |_, lock| lock.write_owned(),
            SetOnce<$value> => |once, _| once.wait(),
        }
    )*};
}

#[test]
fn futures_of_locks_and_set_onces() {
    futures_of_locks!(Both, OnlySend, Neither);
}

macro_rules! futures_of_cells {
    ($($value:ty),*) => {$(
        same_futures! {
            OnceCell<$value> => |cell, _| {
                cell.get_or_init(|| -> Pin<Box<dyn Future<Output = $value> + Send + Sync>> { unreachable!() })
            },
            OnceCell<$value> => |cell, _| {
                cell.get_or_init(|| -> Pin<Box<dyn Future<Output = $value> + Send>> { unreachable!() })
            },
            OnceCell<$value> => |cell, _| {
                cell.get_or_init(|| -> Pin<Box<dyn Future<Output = $value>>> { unreachable!() })
            },
            OnceCell<$value> => |cell, _| {
                cell.get_or_try_init(|| -> Pin<Box<dyn Future<Output = Result<$value, u8>> + Send + Sync>> { unreachable!() })
            },
            OnceCell<$value> => |cell, _| {
                cell.get_or_try_init(|| -> Pin<Box<dyn Future<Output = Result<$value, u8>> + Send>> { unreachable!() })
            },
        }
    )*};
}

#[test]
fn futures_of_once_cells() {
    futures_of_cells!(Both, OnlySend, Neither);
}

/// The test can fail: it tells these apart.
#[test]
fn the_question_tells_types_apart() {
    assert_eq!(answers!(Ask::<Rc<u8>>(PhantomData))[..3], [false, false, true]);
    assert_eq!(answers!(Ask::<PhantomPinned>(PhantomData))[..3], [true, true, false]);
    assert_eq!(answers!(Ask::<Cell<u8>>(PhantomData)), [true, false, true, true, false]);
}
