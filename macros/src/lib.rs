//! The attributes that put a runtime around an `async fn`, `#[main]` and `#[test]`; and what `select!`, `join!` and
//! `try_join!` need of a compiler (`select`, `join`).
//!
//! ```text
//!   #[mini_tokio::main(flavor = "multi_thread", worker_threads = 2)]
//!   async fn main() -> Result<(), Error> { body }
//!
//!                       |  args.rs: which runtime          expand.rs: the same function without `async`
//!                       v
//!
//!   fn main() -> Result<(), Error> {
//!       let body = async { body };
//!       return ::mini_tokio::runtime::Builder::new_multi_thread()
//!           .worker_threads(2).enable_all().build().expect("...").block_on(body);
//!   }
//! ```
//!
//! Nothing else happens: whoever finds the attribute too narrow writes the second form by hand.
//!
//! # Vocabulary
//! * *entry*: one of the attributes below, with what sets it apart from the others (`args::Entry`);
//! * *settings*: the arguments of the attribute, checked against each other (`args::Settings`).
//!
//! # Invariants
//! * `MACRO-1`: under an attribute, user code is never parsed beyond its signature. The body travels as the tokens it came in, with its spans,
//!   so that rustc's errors, a debugger's lines and an editor's completion stay those of the written function.
//! * `MACRO-2`: a wrong attribute still yields the function (under a default runtime) next to the `compile_error!`, so
//!   that no "`main` function not found" drowns the error that matters.
//! * `MACRO-3`: generated paths are absolute and generated names are hygienic; no user item can change their meaning.
//!
//! Each attribute exists twice, because the crate that users name in their manifest differs: `main` expands to paths in
//! `::mini_tokio`, `tokio_main` to paths in `::tokio` (for the crate of that name that stands in for tokio). The `_rt`
//! forms serve builds without the multi-thread scheduler, the `_fail` forms builds without any runtime.
//!
//! The macros of the second kind are called by `macro_rules!` of the runtime's crate and never by users: these put
//! `$crate;` in front, the one path to the runtime that survives every renaming and re-export (`MACRO-3`).
//!
//! tokio has the like in its `tokio-macros` package; there the helpers of `select!` live beside it too.

mod args;
mod expand;
mod join;
mod select;

use args::Entry;
use proc_macro::TokenStream;

/// Runs an `async fn` on a runtime built for it; usually `main`.
///
/// # Arguments
/// * `flavor = "multi_thread"` (default), `"current_thread"` or `"local"`;
/// * `worker_threads = N`: multi-thread only, at least 1; the number of cores by default;
/// * `start_paused = true`: the clock stands still until advanced; not on the multi-thread runtime;
/// * `unhandled_panic = "ignore"` or `"shutdown_runtime"`: what a panicking task does to the others; not on the
///   multi-thread runtime;
/// * `name = "..."`: the runtime's name;
/// * `crate = "path"`: where the runtime's crate is to be found, if it was renamed.
///
/// The function may have arguments unless it is called `main`. Every call builds a runtime and takes it down again, so
/// a function called often is better written with a runtime that is kept.
///
/// # Panics
/// The function panics if the runtime cannot be built, and if it is called from within an async context.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::main("mini_tokio"), args.into(), item.into()).into()
}

/// Turns an `async fn` into a test that runs on a runtime of its own.
///
/// Takes the arguments of [`macro@main`]; `flavor` is `"current_thread"` by default. The attribute adds the standard
/// library's `#[test]`, behind the attributes that are already there.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::test("mini_tokio"), args.into(), item.into()).into()
}

/// [`macro@main`] for a build without the multi-thread scheduler: `flavor` must be given, and be another one.
#[proc_macro_attribute]
pub fn main_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::main("mini_tokio").single_threaded(), args.into(), item.into()).into()
}

/// [`macro@test`] for a build without the multi-thread scheduler.
#[proc_macro_attribute]
pub fn test_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::test("mini_tokio").single_threaded(), args.into(), item.into()).into()
}

/// [`macro@main`] for a build without a runtime: always a compile error that says which feature is missing.
#[proc_macro_attribute]
pub fn main_fail(_args: TokenStream, _item: TokenStream) -> TokenStream {
    expand::no_runtime(&Entry::main("mini_tokio")).into()
}

/// [`macro@test`] for a build without a runtime: always a compile error that says which feature is missing.
#[proc_macro_attribute]
pub fn test_fail(_args: TokenStream, _item: TokenStream) -> TokenStream {
    expand::no_runtime(&Entry::test("mini_tokio")).into()
}

/// [`macro@main`] with the runtime taken from `::tokio`.
#[proc_macro_attribute]
pub fn tokio_main(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::main("tokio"), args.into(), item.into()).into()
}

/// [`macro@test`] with the runtime taken from `::tokio`.
#[proc_macro_attribute]
pub fn tokio_test(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::test("tokio"), args.into(), item.into()).into()
}

/// [`macro@main_rt`] with the runtime taken from `::tokio`.
#[proc_macro_attribute]
pub fn tokio_main_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::main("tokio").single_threaded(), args.into(), item.into()).into()
}

/// [`macro@test_rt`] with the runtime taken from `::tokio`.
#[proc_macro_attribute]
pub fn tokio_test_rt(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(&Entry::test("tokio").single_threaded(), args.into(), item.into()).into()
}

/// [`macro@main_fail`] in the words of `::tokio`.
#[proc_macro_attribute]
pub fn tokio_main_fail(_args: TokenStream, _item: TokenStream) -> TokenStream {
    expand::no_runtime(&Entry::main("tokio")).into()
}

/// [`macro@test_fail`] in the words of `::tokio`.
#[proc_macro_attribute]
pub fn tokio_test_fail(_args: TokenStream, _item: TokenStream) -> TokenStream {
    expand::no_runtime(&Entry::test("tokio")).into()
}

/// What `select!` expands to, behind the path of the runtime's crate and a semicolon.
#[doc(hidden)]
#[proc_macro]
pub fn select_in(input: TokenStream) -> TokenStream {
    let parsed = syn::parse::<select::Select>(input);
    parsed.map_or_else(|error| error.to_compile_error(), |select| select.expand()).into()
}

/// What `join!` expands to, behind the path of the runtime's crate and a semicolon.
#[doc(hidden)]
#[proc_macro]
pub fn join_in(input: TokenStream) -> TokenStream {
    let parsed = syn::parse::<join::Join>(input);
    parsed.map_or_else(|error| error.to_compile_error(), |join| join.expand()).into()
}

/// What `try_join!` expands to, behind the path of the runtime's crate and a semicolon.
#[doc(hidden)]
#[proc_macro]
pub fn try_join_in(input: TokenStream) -> TokenStream {
    let parsed = syn::parse::<join::Join>(input);
    parsed.map_or_else(|error| error.to_compile_error(), |join| join.expand_try()).into()
}
