//! The programs of the notes, on tokio. The same files run on mini_tokio in `notes_on_mini_tokio.rs`.

use tokio as rt;

/// What mini_tokio has in `util` and tokio in crates of its own.
mod util {
    pub use tokio_util::sync::CancellationToken;
    pub use tokio_util::task::TaskTracker;

    pub mod io {
        pub use tokio_test::io::Builder;
    }
}

mod notes;
