//! Which auto traits a type has, in this crate and in tokio: what the tests named `..._auto_traits` are made of.
//!
//! Whether a type has a trait is asked without specialisation: an inherent method, present only with the trait, wins over a
//! method of the same name of a trait that every type has.
//!
//! A list of types is written once and read twice, with the names of either crate in scope.

#![allow(dead_code, unused_macros, unused_imports)] // each test file uses its own selection

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// A question about `T`.
pub struct Ask<T: ?Sized>(pub PhantomData<T>);

macro_rules! question {
    ($no:ident, $method:ident, $auto_trait:path) => {
        pub trait $no {
            fn $method(&self) -> bool {
                false
            }
        }
        impl<T: ?Sized> $no for Ask<T> {}
        impl<T: ?Sized + $auto_trait> Ask<T> {
            pub fn $method(&self) -> bool {
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
pub type Answers = [bool; 5];

/// About a question. (Only where the type is spelled out do the inherent methods win; hence no function.)
macro_rules! answers {
    ($ask:expr) => {{
        let ask = $ask;
        [ask.is_send(), ask.is_sync(), ask.is_unpin(), ask.is_unwind_safe(), ask.is_ref_unwind_safe()]
    }};
}

/// About a type.
macro_rules! traits {
    ($of:ty) => {
        answers!(Ask::<$of>(std::marker::PhantomData))
    };
}

/// A question about the future of a method, which has no name. The method is not called.
pub fn future_of<H, F: Future>(_method: impl FnOnce(H) -> F) -> Ask<F> {
    Ask(PhantomData)
}

/// These types of a module have exactly tokio's answers.
macro_rules! same_types {
    ($module:ident: $($of:ty),* $(,)?) => {{
        let ours = { use mini_tokio::$module::*; [$((stringify!($of), traits!($of))),*] };
        let theirs = { use tokio::$module::*; [$(traits!($of)),*] };
        for ((name, ours), theirs) in std::iter::zip(ours, theirs) {
            assert_eq!(ours, theirs, "{name}");
        }
    }};
}

/// These types and futures are `Send`, `Sync` and `Unpin` exactly if tokio's are, and unwind safe at least where tokio's
/// are. A future is written as the method that makes it: `|receiver: &'static mut mpsc::Receiver<u8>| receiver.recv()`.
macro_rules! near_futures {
    ($module:ident: $($method:expr),* $(,)?) => {{
        let ours = { use mini_tokio::$module::*; [$((stringify!($method), answers!(future_of($method)))),*] };
        let theirs = { use tokio::$module::*; [$(answers!(future_of($method))),*] };
        for ((name, ours), theirs) in std::iter::zip(ours, theirs) {
            assert_near(name, ours, theirs);
        }
    }};
}

/// Calls a macro with a type of each kind that matters.
macro_rules! for_values {
    ($of_value:ident) => {
        $of_value!(u8);
        $of_value!(Cell<u8>);
        $of_value!(Rc<u8>);
        $of_value!(PhantomPinned);
    };
}

pub(crate) use {answers, for_values, near_futures, same_types, traits};

/// Whatever compiles with their type compiles with ours; and nothing more but for unwinding, where tokio's lack of a trait
/// shows what its fields happen to be.
#[track_caller]
pub fn assert_near(name: &str, ours: Answers, theirs: Answers) {
    let covered = std::iter::zip(ours, theirs).all(|(ours, theirs)| ours || !theirs);
    assert!(ours[..3] == theirs[..3] && covered, "{name}: ours {ours:?}, theirs {theirs:?}");
}
