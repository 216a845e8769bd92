//! A runtime of thirty lines with the builder's interface: enough to run what the attributes write, and to see which calls
//! they make. The real one depends on this crate, so it cannot be asked here.

pub mod runtime {
    use std::future::Future;
    use std::task::{Context, Waker};

    #[derive(Clone, Copy, Debug)]
    #[allow(dead_code)] // the attribute names one of them
    pub enum UnhandledPanic {
        Ignore,
        ShutdownRuntime,
    }

    #[derive(Default)]
    pub struct LocalOptions {}

    /// Notes every call.
    pub struct Builder(String);

    impl Builder {
        pub fn new_multi_thread() -> Self {
            Self("multi_thread".to_owned())
        }

        pub fn new_current_thread() -> Self {
            Self("current_thread".to_owned())
        }

        pub fn enable_all(&mut self) -> &mut Self {
            self.note("enable_all".to_owned())
        }

        pub fn name(&mut self, name: &str) -> &mut Self {
            self.note(format!("name {name}"))
        }

        pub fn worker_threads(&mut self, threads: usize) -> &mut Self {
            self.note(format!("worker_threads {threads}"))
        }

        pub fn start_paused(&mut self, paused: bool) -> &mut Self {
            self.note(format!("start_paused {paused}"))
        }

        pub fn unhandled_panic(&mut self, behaviour: UnhandledPanic) -> &mut Self {
            self.note(format!("unhandled_panic {behaviour:?}"))
        }

        pub fn build(&mut self) -> std::io::Result<Runtime> {
            Ok(Runtime(self.0.clone()))
        }

        pub fn build_local(&mut self, _: LocalOptions) -> std::io::Result<Runtime> {
            self.note("local".to_owned()).build()
        }

        fn note(&mut self, call: String) -> &mut Self {
            self.0 = format!("{}, {call}", self.0);
            self
        }
    }

    pub struct Runtime(String);

    thread_local! {
        static CALLS: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
    }

    /// The calls that built the runtime this thread is in.
    pub fn calls() -> String {
        CALLS.take()
    }

    impl Runtime {
        pub fn block_on<F: Future>(&self, future: F) -> F::Output {
            CALLS.set(self.0.clone());
            let mut future = std::pin::pin!(future);
            loop {
                if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    return output;
                }
            }
        }
    }
}

/// What `select!` and `join!` call, with just enough in it to compile.
#[allow(dead_code, unused_imports, unused_variables)] // nobody runs it
pub mod macros {
    pub mod support {
        use std::future::IntoFuture;

        pub use std::future::{Future, poll_fn};
        pub use std::option::Option;
        pub use std::pin::Pin;
        pub use std::result::Result;
        pub use std::task::{Context, Poll};

        pub enum Order {
            Random,
            Declared,
        }

        pub fn select_round<O>(
            cx: &mut Context<'_>,
            disabled: &mut [bool],
            order: Order,
            poll_branch: impl FnMut(usize, &mut Context<'_>) -> Poll<Option<O>>,
        ) -> Poll<Option<O>> {
            panic!("nobody runs it")
        }

        pub fn into_future<F: IntoFuture>(branch: F) -> F::IntoFuture {
            branch.into_future()
        }

        pub fn not(precondition: bool) -> bool {
            !precondition
        }

        pub fn all_branches_disabled() -> ! {
            panic!("nobody runs it")
        }

        pub fn no_such_branch() -> ! {
            panic!("nobody runs it")
        }

        pub fn matched_before() -> ! {
            panic!("nobody runs it")
        }

        pub struct MaybeDone<F: Future>(F);

        impl<F: Future> MaybeDone<F> {
            pub fn poll_done(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                panic!("nobody runs it")
            }

            pub fn take_output(self: Pin<&mut Self>) -> F::Output {
                panic!("nobody runs it")
            }
        }

        pub fn maybe_done<F: IntoFuture>(future: F) -> MaybeDone<F::IntoFuture> {
            panic!("nobody runs it")
        }

        pub fn rotate(next: &mut u32, branches: usize) -> usize {
            panic!("nobody runs it")
        }

        pub fn join_round(
            cx: &mut Context<'_>,
            branches: usize,
            first: usize,
            poll_branch: impl FnMut(usize, &mut Context<'_>) -> Poll<()>,
        ) -> Poll<()> {
            panic!("nobody runs it")
        }
    }
}
