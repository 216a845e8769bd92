//! The public types of `fs`, `signal`, `process` and the standard streams have the auto traits of tokio's.
//!
//! How a trait is asked for is told in `rt_auto_traits.rs`.

use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

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

/// Whatever compiles with tokio's type compiles with ours.
macro_rules! covers {
    ($($module:ident :: $($path:ident)::+),* $(,)?) => {$(
        let (ours, theirs) = (traits!(mini_tokio::$module::$($path)::+), traits!(tokio::$module::$($path)::+));
        assert!(
            std::iter::zip(ours, theirs).all(|(ours, theirs)| ours || !theirs),
            "{}: {ours:?}, tokio's has {theirs:?}",
            stringify!($module::$($path)::+),
        );
    )*};
}

#[test]
fn the_question_tells_types_apart() {
    assert_eq!(traits!(u8), [true; 5]);
    assert_eq!(traits!(std::rc::Rc<u8>), [false, false, true, true, true]);
    assert_eq!(traits!(&mut u8), [true, true, true, false, true]);
    assert_eq!(traits!(std::marker::PhantomPinned), [true, true, false, true, true]);
}

#[test]
fn files_have_the_auto_traits_of_tokio() {
    covers! {
        fs::File, fs::OpenOptions, fs::DirBuilder, fs::ReadDir, fs::DirEntry, fs::FileTimes,
        io::Stdin, io::Stdout, io::Stderr,
    }
}

#[test]
fn signals_and_processes_have_the_auto_traits_of_tokio() {
    covers! {
        signal::unix::Signal, signal::unix::SignalKind,
        process::Command, process::Child, process::ChildStdin, process::ChildStdout, process::ChildStderr,
    }
}

#[test]
fn futures_can_be_sent() {
    fn send<T: Send>(_: T) {}
    let _context = mini_tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _context = _context.enter();
    send(mini_tokio::fs::read("/"));
    send(mini_tokio::fs::read_dir("/"));
    send(mini_tokio::signal::ctrl_c());
    send(mini_tokio::process::Command::new("true").output());
    send(mini_tokio::process::Command::new("true").status());
    send(async {
        let file = mini_tokio::fs::File::open("/").await.unwrap();
        file.sync_all().await.unwrap();
        file.set_len(0).await.unwrap();
        file.try_clone().await.unwrap();
        file.into_std().await;
    });
}
