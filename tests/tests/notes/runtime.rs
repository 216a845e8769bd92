//! Note C, section 3.1: a runtime from its beginning to its end.

use super::{Lines, block_thread, current_thread, multi_thread, panic_of};
use crate::rt::io::{AsyncReadExt, AsyncWriteExt};
use crate::rt::net::{TcpListener, TcpStream};
use crate::rt::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use crate::rt::task::{self, JoinHandle};
use crate::rt::time::{Duration, sleep};
use std::sync::{Arc, mpsc};
use std::thread;

/// C3.1: a runtime is a scheduler, an I/O driver and a timer; each driver is enabled by name, or all at once
#[test]
fn a_runtime_has_a_scheduler_and_two_drivers() {
    async fn use_all_of_it() -> u8 {
        sleep(Duration::from_millis(1)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = task::spawn(async move { TcpStream::connect(address).await.unwrap().write_u8(7).await });
        let (mut server, _) = listener.accept().await.unwrap();
        let byte = server.read_u8().await.unwrap();
        client.await.unwrap().unwrap();
        byte
    }

    let one_by_one = Builder::new_current_thread().enable_io().enable_time().build().unwrap();
    assert_eq!(one_by_one.block_on(use_all_of_it()), 7);
    let all = Builder::new_multi_thread().enable_all().build().unwrap();
    assert_eq!(all.block_on(use_all_of_it()), 7);
    // Neither driver: tasks run.
    let none = Builder::new_current_thread().build().unwrap();
    assert_eq!(none.block_on(async { task::spawn(async { 7 }).await.unwrap() }), 7);
}

/// C3.8: what a runtime can do, and that it cannot block inside of itself
#[test]
fn a_runtime_spawns_and_blocks_but_not_inside_of_itself() {
    let runtime = Runtime::new().unwrap();
    assert_eq!(runtime.handle().runtime_flavor(), RuntimeFlavor::MultiThread);
    assert_eq!(runtime.metrics().num_alive_tasks(), 0);
    let task = runtime.spawn(async { 1 });
    let closure = runtime.spawn_blocking(|| 2);
    let sum = runtime.block_on(async { task.await.unwrap() + closure.await.unwrap() });
    assert_eq!(sum, 3);

    let inner = current_thread();
    assert_eq!(
        panic_of(|| runtime.block_on(async { inner.block_on(async {}) })),
        "Cannot start a runtime from within a runtime. This happens because a function (like `block_on`) attempted to block \
         the current thread while the thread is being used to drive asynchronous tasks. If you are in an async function, use \
         `.await` on the future instead of blocking on it."
    );
}

/// C3.8: a task is on its way as soon as it is spawned, whether its handle is awaited or not
#[test]
fn block_on_does_not_wait_for_other_tasks() {
    let runtime = multi_thread(1);
    let (done, wait) = mpsc::channel();
    let (release, held) = mpsc::channel();
    let returned = runtime.block_on(async move {
        task::spawn(async move {
            block_thread(&held);
            done.send("the task").unwrap();
        });
        "block_on"
    });
    assert_eq!(returned, "block_on");
    assert!(wait.try_recv().is_err());
    release.send(()).unwrap();
    assert_eq!(block_thread(&wait), "the task");
}

/// C3.9: dropping a runtime waits until running tasks yield and blocking closures return; what has yielded is dropped
#[test]
fn drop_waits_for_what_is_running() {
    struct Said(Lines, &'static str);
    impl Drop for Said {
        fn drop(&mut self) {
            self.0.say(self.1);
        }
    }

    let lines = Lines::default();
    let runtime = multi_thread(2);
    let (entered, inside) = mpsc::channel();
    let (release_task, task_held) = mpsc::channel();
    let (release_closure, closure_held) = mpsc::channel();
    runtime.spawn({
        let (said, entered, lines) = (Said(lines.clone(), "task dropped"), entered.clone(), lines.clone());
        async move {
            let _said = said;
            entered.send(()).unwrap();
            block_thread(&task_held);
            lines.say("task yields");
            task::yield_now().await;
            std::future::pending::<()>().await;
        }
    });
    runtime.spawn_blocking({
        let lines = lines.clone();
        move || {
            entered.send(()).unwrap();
            block_thread(&closure_held);
            lines.say("closure returns");
        }
    });
    block_thread(&inside);
    block_thread(&inside);
    let dropper = thread::spawn({
        let lines = lines.clone();
        move || {
            drop(runtime);
            lines.say("runtime dropped");
        }
    });
    release_task.send(()).unwrap();
    release_closure.send(()).unwrap();
    dropper.join().unwrap();
    let mut lines = lines.all();
    assert_eq!(lines.pop().as_deref(), Some("runtime dropped"));
    lines.sort();
    assert_eq!(lines, ["closure returns", "task dropped", "task yields"]);
}

/// C3.9: `shutdown_timeout` gives up after a while and `shutdown_background` at once; what runs goes on without them
#[test]
fn the_other_shutdowns_do_not_wait() {
    let background = |runtime: Runtime| runtime.shutdown_background();
    let timeout = |runtime: Runtime| runtime.shutdown_timeout(Duration::from_millis(1));
    for shut_down in [background as fn(Runtime), timeout] {
        let runtime = multi_thread(1);
        let (entered, inside) = mpsc::channel();
        let (release, held) = mpsc::channel();
        let (finished, end) = mpsc::channel();
        runtime.spawn_blocking(move || {
            entered.send(()).unwrap();
            block_thread(&held);
            finished.send("on its own").unwrap();
        });
        block_thread(&inside);
        shut_down(runtime);
        // The closure cannot have ended: it waits for this.
        assert!(end.try_recv().is_err());
        release.send(()).unwrap();
        assert_eq!(block_thread(&end), "on its own");
    }
}

/// C3.10: the free `spawn` needs a runtime around it; `enter` puts one there, its guard takes it away
#[test]
fn enter_makes_spawn_work_outside_of_tasks() {
    fn function_that_spawns(text: &str) -> JoinHandle<String> {
        let text = text.to_owned();
        task::spawn(async move { text })
    }

    let no_runtime = "there is no reactor running, must be called from the context of a Tokio 1.x runtime";
    assert_eq!(panic_of(|| function_that_spawns("too early")), no_runtime);
    let runtime = Runtime::new().unwrap();
    let guard = runtime.enter();
    let handle = function_that_spawns("Hello World!");
    assert_eq!(runtime.block_on(handle).unwrap(), "Hello World!");
    drop(guard);
    assert_eq!(panic_of(|| function_that_spawns("too late")), no_runtime);
    assert_eq!(panic_of(Handle::current), no_runtime);
}

/// C3.11: three ways to share a runtime between threads: an `Arc` of it, a handle, the entered context
#[test]
fn a_runtime_is_shared_between_threads() {
    let runtime = Arc::new(multi_thread(2));
    let by_arc = thread::spawn({
        let runtime = runtime.clone();
        move || runtime.block_on(async { task::spawn(async { "arc" }).await.unwrap() })
    });
    let by_handle = thread::spawn({
        let handle = runtime.handle().clone();
        move || handle.block_on(async { task::spawn(async { "handle" }).await.unwrap() })
    });
    let by_context = thread::spawn({
        let runtime = runtime.clone();
        move || {
            let _guard = runtime.enter();
            Handle::current().block_on(task::spawn(async { "context" })).unwrap()
        }
    });
    let shared = [by_arc, by_handle, by_context].map(|thread| thread.join().unwrap());
    assert_eq!(shared, ["arc", "handle", "context"]);
}

/// C3.11: `Handle::block_on` runs a future on another thread, on the runtime of `main`
#[test]
fn a_handle_blocks_on_the_runtime_of_main() {
    let lines = Lines::default();
    let runtime = multi_thread(1);
    runtime.block_on(async {
        let (handle, lines) = (Handle::current(), lines.clone());
        let thread = thread::spawn(move || handle.block_on(async move { lines.say("hello") }));
        // A thread joined inside of a task blocks its thread; this is `main`, which is no worker.
        thread.join().unwrap();
    });
    assert_eq!(lines.all(), ["hello"]);
}
