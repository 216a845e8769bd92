//! The macros at the crate's root. Each hands what it was given to the crate `macros`, with `$crate` in front.

/// Waits for several futures at once, goes on with the first that is ready, and drops the others.
///
/// ```text
/// select! {
///     biased;                                           // optional
///     pattern = future, if precondition => handler,     // up to 64 branches
///     else => handler                                   // optional
/// }
/// ```
///
/// All futures run on the current task: concurrently, but not in parallel. What the macro does, in this order:
///
/// 1. evaluates the preconditions; a branch whose precondition is false is disabled;
/// 2. evaluates all the future expressions, those of disabled branches too;
/// 3. polls the branches that are not disabled, each time from a random one on, or with `biased;` from the first;
/// 4. when one is ready and its output matches the pattern, drops all the futures and evaluates the handler, which is the
///    value of the macro; if the output does not match, disables the branch and goes on;
/// 5. when all branches are disabled, evaluates the `else` handler.
///
/// In handlers and future expressions, `?`, `return`, `break` and `.await` act on the function around the macro. The handlers
/// may use what the futures have borrowed, because these are gone by then.
///
/// # Fairness
///
/// The random start gives each branch its turn in a loop where several are always ready. `biased;` saves the random number
/// and makes the order certain; then a branch that is always ready starves those behind it. A `select!` takes part in the
/// task's budget: see [`task::coop`](crate::task::coop).
///
/// # Cancel safety
///
/// The futures that lose are dropped wherever they stand. In a loop this must lose nothing: either they are cancel safe
/// (their documentation says so: dropping one that is pending and making a new one later is the same as keeping it), or they
/// are kept outside of the loop and polled by reference, see [`pin!`](macro@crate::pin).
///
/// # Panics
///
/// If all branches are disabled and there is no `else`.
///
/// # Examples
///
/// ```
/// use mini_tokio::time::{Duration, sleep};
///
/// # #[mini_tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let answer = mini_tokio::select! {
///     () = sleep(Duration::from_secs(5)) => "too late",
///     answer = async { sleep(Duration::from_secs(1)).await; "in time" } => answer,
/// };
/// assert_eq!(answer, "in time");
/// # }
/// ```
///
/// One operation, carried over many rounds of a loop:
///
/// ```
/// use mini_tokio::time::{Duration, interval, sleep};
///
/// # #[mini_tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let download = sleep(Duration::from_secs(3));
/// mini_tokio::pin!(download);
/// let mut every_second = interval(Duration::from_secs(1));
/// let mut ticks = 0;
/// loop {
///     mini_tokio::select! {
///         biased;
///         () = &mut download => break,
///         _ = every_second.tick() => ticks += 1,
///     }
/// }
/// assert_eq!(ticks, 3);
/// # }
/// ```
#[macro_export]
macro_rules! select {
    ($($branches:tt)*) => {
        $crate::macros::support::select_in! { $crate; $($branches)* }
    };
}

/// Waits for several futures at once until all are done, and returns their outputs as a tuple.
///
/// They all run on the current task: concurrently, but not in parallel. If some are `Result`s and the first error is to end
/// it, use [`try_join!`](macro@crate::try_join).
///
/// Each poll begins one future further on than the last, so that none of them starves the others of the task's budget; with
/// `biased;` in front each begins at the first.
///
/// # Examples
///
/// ```
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (one, two) = mini_tokio::join!(async { 1 }, async { 2 });
/// assert_eq!((one, two), (1, 2));
/// # }
/// ```
#[macro_export]
macro_rules! join {
    ($($futures:tt)*) => {
        $crate::macros::support::join_in! { $crate; $($futures)* }
    };
}

/// Waits for several futures at once until all are `Ok` or one is `Err`.
///
/// The value is `Ok` with the tuple of their values, or the first error; then the other futures are dropped wherever they
/// stand. For the order of polls see [`join!`](macro@crate::join).
///
/// # Examples
///
/// ```
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let sum = mini_tokio::try_join!(async { "1".parse::<u8>() }, async { "2".parse::<u8>() }).map(|(a, b)| a + b);
/// assert_eq!(sum, Ok(3));
/// let failed = mini_tokio::try_join!(std::future::pending::<Result<(), &str>>(), async { Err::<(), _>("gone") });
/// assert_eq!(failed, Err("gone"));
/// # }
/// ```
#[macro_export]
macro_rules! try_join {
    ($($futures:tt)*) => {
        $crate::macros::support::try_join_in! { $crate; $($futures)* }
    };
}

/// Pins variables where they stand: afterwards each is a `Pin<&mut _>` of the same name.
///
/// A future that is polled by reference, in a loop around [`select!`](macro@crate::select), has to be pinned. Where the value
/// is at hand as an expression, the standard library's [`pin!`](std::pin::pin) does the same.
///
/// # Examples
///
/// ```
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// async fn answer() -> u32 { 42 }
///
/// let first = answer();
/// mini_tokio::pin!(first);
/// mini_tokio::pin! {
///     let second = answer();
/// }
/// assert_eq!((&mut first).await + second.await, 84);
/// # }
/// ```
#[macro_export]
macro_rules! pin {
    ($($name:ident),* $(,)?) => {$(
        #[allow(unused_mut)]
        let mut $name = $crate::macros::support::pin!($name);
    )*};
    ($(let $name:ident = $value:expr;)*) => {$(
        let $name = $value;
        #[allow(unused_mut)]
        let mut $name = $crate::macros::support::pin!($name);
    )*};
}

/// Declares keys of task-local values: see [`LocalKey`](crate::task::LocalKey).
///
/// ```text
/// task_local! {
///     /// Attributes and a visibility are allowed.
///     pub static NAME: Type;
/// }
/// ```
///
/// # Examples
///
/// ```
/// mini_tokio::task_local! {
///     static REQUEST: u64;
/// }
///
/// # #[mini_tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let logged = REQUEST.scope(7, async { format!("request {}", REQUEST.get()) });
/// assert_eq!(mini_tokio::spawn(logged).await.unwrap(), "request 7");
/// # }
/// ```
#[macro_export]
macro_rules! task_local {
    ($($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty);* $(;)?) => {$(
        $(#[$attribute])*
        $visibility static $name: $crate::task::LocalKey<$type> = {
            ::std::thread_local! {
                static SLOT: ::std::cell::RefCell<::std::option::Option<$type>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::task::LocalKey::new(SLOT)
        };
    )*};
}
