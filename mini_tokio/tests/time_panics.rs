//! Where time panics: with which words, and that it blames the caller's line.

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::task::Context;

use futures::task::noop_waker_ref;
use mini_tokio::runtime::{Builder, Runtime};
use mini_tokio::time::{self, Duration, Instant, interval, interval_at, sleep, sleep_until, timeout, timeout_at};

const NO_RUNTIME: &str = "there is no reactor running, must be called from the context of a Tokio 1.x runtime";
const DISABLED: &str = "A Tokio 1.x context was found, but timers are disabled. Call `enable_time` on the runtime builder to \
                        enable timers.";
const SHUTDOWN: &str = "A Tokio 1.x context was found, but it is being shutdown.";
const SECOND: Duration = Duration::from_secs(1);

/// One at a time: the panic hook is the process's.
static HOOK: Mutex<()> = Mutex::new(());

/// The message of the panic in `f`, which must come from a line of this file.
fn panic_of(f: impl FnOnce()) -> String {
    thread_local!(static FILE: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) });
    let _one = HOOK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| FILE.set(info.location().unwrap().file().to_owned())));
    let result = catch_unwind(AssertUnwindSafe(f));
    std::panic::set_hook(previous);
    let payload = result.expect_err("no panic");
    assert!(FILE.take().ends_with(file!()), "the panic blames another file");
    match payload.downcast::<&str>() {
        Ok(text) => (*text).to_owned(),
        Err(payload) => *payload.downcast::<String>().unwrap(),
    }
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Each way to make something that waits.
fn makers() -> [fn(); 6] {
    [
        || drop(sleep(SECOND)),
        || drop(sleep_until(Instant::now())),
        || drop(timeout(SECOND, pending::<()>())),
        || drop(timeout_at(Instant::now(), pending::<()>())),
        || drop(interval(SECOND)),
        || drop(interval_at(Instant::now(), SECOND)),
    ]
}

#[test]
fn nothing_that_waits_can_be_made_outside_a_runtime() {
    for make in makers() {
        assert_eq!(panic_of(make), NO_RUNTIME);
    }
    for rt in [current_thread(), multi_thread()] {
        assert_eq!(panic_of(|| rt.block_on(sleep(SECOND))), NO_RUNTIME);
    }
}

#[test]
fn nothing_that_waits_can_be_made_where_time_is_disabled() {
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let rt = builder.worker_threads(1).enable_io().build().unwrap();
        for make in makers() {
            assert_eq!(panic_of(|| rt.block_on(async { make() })), DISABLED);
        }
        rt.block_on(async { Instant::now() }); // reads the machine's clock
    }
}

#[test]
fn an_interval_needs_a_period() {
    assert_eq!(panic_of(|| drop(interval(Duration::ZERO))), "`period` must be non-zero.");
    assert_eq!(panic_of(|| drop(interval_at(Instant::now(), Duration::ZERO))), "`period` must be non-zero.");
}

#[test]
fn the_clock_of_many_threads_cannot_be_paused() {
    let rt = multi_thread();
    let message = panic_of(|| rt.block_on(async { time::pause() }));
    assert!(message.starts_with("`time::pause()` requires the `current_thread` Tokio runtime."), "{message}");
    assert!(rt.block_on(async { mini_tokio::spawn(async { time::pause() }).await }).unwrap_err().is_panic());
}

#[test]
fn pause_and_resume_take_turns() {
    let rt = current_thread();
    assert_eq!(panic_of(|| rt.block_on(async { time::resume() })), "time is not frozen");
    rt.block_on(async { time::pause() });
    assert_eq!(panic_of(|| rt.block_on(async { time::pause() })), "time is already frozen");
    rt.block_on(async { time::resume() });
    assert_eq!(panic_of(|| rt.block_on(async { time::resume() })), "time is not frozen");
}

#[test]
fn the_clock_is_that_of_a_runtime() {
    assert_eq!(panic_of(|| time::pause()), "time cannot be frozen from outside the Tokio runtime");
    assert_eq!(panic_of(|| time::resume()), "time cannot be frozen from outside the Tokio runtime");
    let disabled = Builder::new_current_thread().build().unwrap();
    assert_eq!(panic_of(|| disabled.block_on(async { time::pause() })), DISABLED);
}

#[test]
fn advance_refuses_a_running_clock_and_the_end_of_time() {
    let message = |rt: &Runtime, by| {
        let payload = catch_unwind(AssertUnwindSafe(|| rt.block_on(time::advance(by)))).unwrap_err();
        payload.downcast_ref::<&str>().map(ToString::to_string).or(payload.downcast_ref::<String>().cloned()).unwrap()
    };
    let rt = current_thread();
    assert_eq!(message(&rt, SECOND), "time is not frozen");
    assert_eq!(message(&multi_thread(), SECOND), "time is not frozen");
    rt.block_on(async { time::pause() });
    assert_eq!(message(&rt, Duration::MAX), "the clock cannot be advanced that far");
    rt.block_on(time::advance(SECOND)); // nothing was broken
}

#[test]
fn a_sleep_that_outlives_its_runtime_says_so() {
    for rt in [current_thread(), multi_thread()] {
        let (mut polled, unpolled, mut due) = rt.block_on(async {
            (Box::pin(sleep(SECOND * 3600)), Box::pin(sleep(SECOND)), Box::pin(sleep(Duration::ZERO)))
        });
        let mut cx = Context::from_waker(noop_waker_ref());
        assert!(polled.as_mut().poll(&mut cx).is_pending());
        assert!(due.as_mut().poll(&mut cx).is_ready());
        drop(rt);
        for mut sleep in [polled, unpolled] {
            assert_eq!(panic_of(|| assert!(sleep.as_mut().poll(&mut cx).is_pending())), SHUTDOWN);
        }
    }
}

#[test]
fn a_sleep_that_waits_elsewhere_is_woken_by_the_shutdown() {
    for rt in [current_thread(), multi_thread()] {
        let handle = rt.handle().clone();
        let (tx, rx) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let _entered = handle.enter();
            let mut sleep = Box::pin(sleep(SECOND * 3600));
            assert!(sleep.as_mut().poll(&mut Context::from_waker(noop_waker_ref())).is_pending());
            tx.send(()).unwrap();
            futures::executor::block_on(sleep)
        });
        rx.recv().unwrap();
        drop(rt);
        let payload = thread.join().expect_err("the sleep was over in time");
        assert_eq!(payload.downcast_ref::<String>().unwrap(), SHUTDOWN);
    }
}

#[test]
fn a_sleep_dropped_after_its_runtime_is_harmless() {
    for rt in [current_thread(), multi_thread()] {
        let (mut kept, mut unpolled) = {
            let _entered = rt.enter();
            (Box::pin(sleep(SECOND)), Box::pin(sleep(SECOND)))
        };
        assert!(kept.as_mut().poll(&mut Context::from_waker(noop_waker_ref())).is_pending());
        drop(rt);
        kept.as_mut().reset(Instant::now());
        unpolled.as_mut().reset(Instant::now());
        drop((kept, unpolled));
    }
}
