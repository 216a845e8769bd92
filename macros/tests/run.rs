//! Functions under the attributes, compiled and called: every shape of function that `async fn` allows.

#![deny(warnings, clippy::all, clippy::expect_used, clippy::unwrap_in_result)]

mod stub;

use std::fmt::Display;
use std::num::ParseIntError;
use stub::runtime::calls;

#[macros::main(crate = "stub")]
async fn plain() -> String {
    calls()
}

#[macros::tokio_main(crate = "crate::stub", name = "lab", worker_threads = 3)]
async fn configured() -> String {
    std::future::ready(()).await;
    calls()
}

#[macros::main_rt(crate = "stub", flavor = "local", start_paused = true, unhandled_panic = "ignore")]
async fn local() -> String {
    calls()
}

#[test]
fn the_builder_gets_the_arguments() {
    assert_eq!(plain(), "multi_thread, enable_all");
    assert_eq!(configured(), "multi_thread, enable_all, name lab, worker_threads 3");
    assert_eq!(local(), "current_thread, enable_all, start_paused true, unhandled_panic Ignore, local");
}

#[macros::main(crate = "stub")]
async fn first_error(texts: &[&str]) -> Result<i32, ParseIntError> {
    let mut sum = 0;
    for text in texts {
        if text.is_empty() {
            return Ok(-1);
        }
        sum += text.parse::<i32>()?;
    }
    Ok(sum)
}

#[test]
fn the_question_mark_and_return_know_the_output() {
    assert_eq!(first_error(&["1", "2"]), Ok(3));
    assert_eq!(first_error(&["1", ""]), Ok(-1));
    assert!(first_error(&["one"]).is_err());
}

/// The conversion of an error is known although nothing but `?` and `Ok(())` is said.
#[macros::main(crate = "stub")]
async fn boxed(text: &str) -> Result<(), Box<dyn std::error::Error>> {
    text.parse::<i32>()?;
    Ok(())
}

#[macros::main(crate = "stub")]
async fn opaque(text: &str) -> impl Display + use<'_> {
    #![allow(clippy::needless_return)]
    return text;
}

struct Counter(u32);

impl Counter {
    #[macros::main(crate = "stub")]
    async fn add(&mut self, (a, b): (u32, u32)) -> &mut Self {
        self.0 += a + b;
        self
    }

    /// Moves its argument out of the future.
    #[macros::main(crate = "stub")]
    pub async fn into_inner<T>(self, with: T) -> (u32, T)
    where
        T: Copy + Display,
    {
        let moved = self;
        (moved.0, with)
    }

    /// # Safety
    /// The pointer can be read.
    #[macros::main(crate = "stub")]
    async unsafe fn raw(pointer: *const u32) -> Self {
        // SAFETY: the caller vouches for the pointer.
        Self(unsafe { *pointer })
    }
}

#[macros::main(crate = "stub")]
pub async extern "C" fn called_from_c(number: u32) -> u32 {
    number + 1
}

#[macros::main(crate = "stub")]
async fn never() -> ! {
    panic!("never returns")
}

/// The local variable of the expansion and the user's do not meet.
#[macros::main(crate = "stub")]
async fn hygienic(body: u32, output: u32) -> u32 {
    body + output
}

static SEVEN: u32 = 7;

#[test]
fn every_shape_of_function_works() {
    assert!(boxed("1").is_ok() && boxed("x").is_err());
    assert_eq!(opaque("text").to_string(), "text");
    assert_eq!(Counter(1).add((2, 3)).0, 6);
    assert_eq!(Counter(1).into_inner('x'), (1, 'x'));
    // SAFETY: a static can always be read.
    assert_eq!(unsafe { Counter::raw(&raw const SEVEN) }.0, 7);
    assert_eq!(called_from_c(1), 2);
    assert!(std::panic::catch_unwind(never).is_err());
    assert_eq!(hygienic(1, 2), 3);
}

#[macros::test(crate = "stub")]
async fn a_test_runs_on_one_thread() {
    assert_eq!(calls(), "current_thread, enable_all");
}

#[macros::tokio_test(crate = "stub", flavor = "multi_thread")]
#[should_panic = "as intended"]
async fn attributes_below_still_apply() {
    panic!("as intended");
}

#[should_panic = "as intended"]
#[macros::tokio_test_rt(crate = "stub")]
async fn attributes_above_still_apply() {
    panic!("as intended");
}

#[macros::test_rt(crate = "stub")]
async fn a_test_may_fail_with_an_error() -> Result<(), ParseIntError> {
    "1".parse::<i32>()?;
    Ok(())
}
