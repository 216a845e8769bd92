//! What `insight::waits` and `insight::dump` say of tasks that wait: for what, and where.

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::os::fd::AsRawFd;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier as ThreadBarrier, Mutex as StdMutex};
use std::task::Poll;
use std::time::Duration;

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use mini_tokio::insight::{TaskInfo, TaskState, dump, tasks, waits};
use mini_tokio::io::{AsyncReadExt, AsyncWriteExt};
use mini_tokio::net::{TcpListener, TcpStream};
use mini_tokio::runtime::{Builder, Handle, LocalRuntime, Runtime};
use mini_tokio::stepper::Stepper;
use mini_tokio::sync::{Barrier, Mutex, Notify, RwLock, Semaphore, SetOnce, broadcast, mpsc, oneshot, watch};
use mini_tokio::task::{self, JoinSet, LocalSet};
use mini_tokio::time::{interval, sleep, timeout};
use mini_tokio::util::CancellationToken;

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// What one task says it waits for, after it was polled: `what` at the line of this file, as text.
fn answers(future: impl Future<Output = ()> + Send + 'static) -> Vec<String> {
    let runtime = current_thread();
    runtime.block_on(async {
        let task = task::spawn(future);
        settled(runtime.handle()).await;
        let said = said(runtime.handle(), task.id());
        task.abort();
        said
    })
}

/// Returns when every task of the runtime waits.
async fn settled(runtime: &Handle) {
    while tasks(runtime).iter().any(|info| info.state != TaskState::Waiting) {
        task::yield_now().await;
    }
}

fn said(runtime: &Handle, id: task::Id) -> Vec<String> {
    words(waits(runtime).expect("a worker had time").iter().find(|info| info.id == id).expect("it is alive"))
}

fn words(info: &TaskInfo) -> Vec<String> {
    let waits = info.waits_for.iter().flatten();
    waits.map(|wait| wait.to_string().replace(file!(), "here")).map(|text| without_column(&text)).collect()
}

/// `what at file:line`, as columns are the business of rustfmt.
fn without_column(text: &str) -> String {
    match text.rsplit_once(':') {
        Some((rest, column)) if column.chars().all(|c| c.is_ascii_digit()) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

fn at(what: &str, line: u32) -> Vec<String> {
    vec![format!("{what} at here:{line}")]
}

#[test]
fn who_sleeps_says_how_long_and_where() {
    let line = line!() + 1;
    assert_eq!(answers(async { sleep(Duration::from_secs(5)).await }), at("sleep, over in 5s", line));
    let later = mini_tokio::time::Duration::from_secs(7);
    let line = line!() + 1;
    assert_eq!(answers(async move { drop(timeout(later, pending::<()>()).await) }), at("sleep, over in 7s", line));
    let ticks = async move {
        let mut interval = interval(later);
        interval.tick().await;
        interval.tick().await;
    };
    assert_eq!(answers(ticks), at("sleep, over in 7s", line + 4));
}

#[test]
fn who_waits_for_a_lock_says_which() {
    let mutex = Arc::new(Mutex::new(()));
    let _held = mutex.clone().try_lock_owned().unwrap();
    let (first, second) = (mutex.clone(), mutex.clone());
    let line = line!() + 1;
    assert_eq!(answers(async move { drop(first.lock().await) }), at("Mutex::lock", line));
    assert_eq!(answers(async move { drop(second.lock_owned().await) }), at("Mutex::lock", line + 1));

    let rwlock = Arc::new(RwLock::new(()));
    let _held = rwlock.clone().try_write_owned().unwrap();
    let (first, second) = (rwlock.clone(), rwlock.clone());
    let line = line!() + 1;
    assert_eq!(answers(async move { drop(first.read().await) }), at("RwLock::read", line));
    assert_eq!(answers(async move { drop(second.write().await) }), at("RwLock::write", line + 1));

    let semaphore = Arc::new(Semaphore::new(1));
    let line = line!() + 1;
    let said = answers(async move { drop(semaphore.acquire_many(2).await) });
    assert_eq!(said, at("Semaphore::acquire_many", line));
}

#[test]
fn who_waits_for_a_signal_says_for_which() {
    let (notify, set_once, token) = (Notify::new(), SetOnce::<()>::new(), CancellationToken::new());
    let line = line!() + 1;
    assert_eq!(answers(async move { notify.notified().await }), at("Notify::notified", line));
    assert_eq!(answers(async move { _ = Barrier::new(2).wait().await }), at("Barrier::wait", line + 1));
    assert_eq!(answers(async move { _ = set_once.wait().await }), at("SetOnce::wait", line + 2));
    assert_eq!(answers(async move { token.cancelled().await }), at("CancellationToken::cancelled", line + 3));
}

#[test]
fn who_waits_on_a_channel_says_at_which_end() {
    let (sender, mut receiver) = mpsc::channel::<u8>(1);
    sender.try_send(1).unwrap();
    let (keep, line) = (sender.clone(), line!() + 1);
    assert_eq!(answers(async move { _ = sender.send(2).await }), at("mpsc::Sender::send", line));
    receiver.try_recv().unwrap();
    let line = line!() + 1;
    assert_eq!(answers(async move { _ = receiver.recv().await }), at("mpsc::Receiver::recv", line));
    drop(keep);
    let (unbounded, mut receiver) = mpsc::unbounded_channel::<u8>();
    let line = line!() + 1;
    assert_eq!(answers(async move { _ = receiver.recv().await }), at("mpsc::UnboundedReceiver::recv", line));
    drop(unbounded);
    let (mut sender, receiver) = oneshot::channel::<u8>();
    let line = line!() + 1;
    assert_eq!(answers(async move { drop(receiver.await) }), at("oneshot::Receiver", line));
    drop(sender);
    let (again, receiver) = oneshot::channel::<u8>();
    sender = again;
    let line = line!() + 1;
    assert_eq!(answers(async move { sender.closed().await }), at("oneshot::Sender::closed", line));
    drop(receiver);
    let (sender, mut receiver) = broadcast::channel::<u8>(1);
    let line = line!() + 1;
    assert_eq!(answers(async move { drop(receiver.recv().await) }), at("broadcast::Receiver::recv", line));
    drop(sender);
    let (sender, mut receiver) = watch::channel(1);
    let line = line!() + 1;
    assert_eq!(answers(async move { drop(receiver.changed().await) }), at("watch::Receiver::changed", line));
    drop(sender);
}

#[test]
fn who_joins_says_whom() {
    let runtime = current_thread();
    runtime.block_on(async {
        let joined = task::spawn(pending::<()>());
        let (id, line) = (joined.id(), line!() + 1);
        let joiner = task::spawn(async move { drop(joined.await) });
        let mut set = JoinSet::new();
        set.spawn(pending::<()>());
        let in_set = task::spawn(async move { drop(set.join_next().await) });
        settled(runtime.handle()).await;
        assert_eq!(said(runtime.handle(), joiner.id()), at(&format!("join of task {id}"), line));
        settled(runtime.handle()).await;
        assert_eq!(said(runtime.handle(), in_set.id()), at("JoinSet::join_next", line + 3));
    });
}

#[test]
fn who_waits_on_a_socket_says_on_which() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let fd = server.as_raw_fd();
        let accept = format!("fd {}, to become readable", listener.as_raw_fd());
        let line = line!() + 1;
        let reader = task::spawn(async move { server.read_u8().await.unwrap() });
        let accepter = task::spawn(async move { drop(listener.accept().await) });
        settled(runtime.handle()).await;
        let readable = format!("fd {fd}, to become readable");
        assert_eq!(said(runtime.handle(), reader.id()), at(&readable, line));
        settled(runtime.handle()).await;
        assert_eq!(said(runtime.handle(), accepter.id()), at(&accept, line + 1));
        client.write_u8(7).await.unwrap();
        assert_eq!(reader.await.unwrap(), 7);
        accepter.abort();
    });
}

#[test]
fn who_waits_for_several_things_names_them_all() {
    let notify = Notify::new();
    let line = line!() + 2;
    let select = async move {
        mini_tokio::select! {
            () = notify.notified() => {}
            () = sleep(Duration::from_secs(3)) => {}
        }
    };
    let mut said = answers(select);
    said.sort();
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("Notify::notified at here:") && said[1].starts_with("sleep, over in 3s at here:"));
    assert!(said.iter().all(|said| said.ends_with(&format!(":{line}"))), "the place is that of the select!: {said:?}");

    let mutex = Arc::new(Mutex::new(()));
    let held = mutex.clone().try_lock_owned().unwrap();
    let join = async move {
        mini_tokio::join!(async { drop(mutex.lock().await) }, async { sleep(Duration::from_secs(4)).await });
        drop(held);
    };
    let mut said = answers(join);
    said.sort(); // whose turn it is to be polled first changes from poll to poll
    assert_eq!(said, [at("Mutex::lock", line + 14), at("sleep, over in 4s", line + 14)].concat());
}

#[test]
fn a_limit_does_not_hide_what_is_limited() {
    let (_sender, mut receiver) = mpsc::channel::<u8>(1);
    let line = line!() + 1;
    let said = answers(async move { drop(timeout(Duration::from_secs(9), receiver.recv()).await) });
    assert_eq!(said, [at("mpsc::Receiver::recv", line), at("sleep, over in 9s", line)].concat());
    let unconstrained = async { task::unconstrained(sleep(Duration::from_secs(2))).await };
    assert!(answers(unconstrained)[0].starts_with("sleep, over in 2s"));
}

/// Rust passes no place through a vtable, and the standard library none through a reference.
#[test]
fn in_a_box_the_operation_is_known_and_its_place_is_not() {
    assert_eq!(answers(async { sleep(Duration::from_secs(1)).boxed().await }), ["sleep, over in 1s"]);
    assert_eq!(answers(async { Box::pin(sleep(Duration::from_secs(1))).await }), ["sleep, over in 1s"]);
    assert_eq!(answers(async { (&mut pin!(sleep(Duration::from_secs(1)))).await }), ["sleep, over in 1s"]);
    let line = line!() + 1;
    assert_eq!(answers(async { sleep(Duration::from_secs(1)).await }.boxed()), at("sleep, over in 1s", line));
    assert_eq!(answers(pending()), Vec::<String>::new());
}

/// The place is that of the combinator; in a `timeout` and a `select!` also for what is in a box or behind a reference.
#[test]
fn what_a_combinator_polls_is_where_the_combinator_is() {
    let sleeper = |seconds| sleep(Duration::from_secs(seconds)).boxed();
    let line = line!() + 1;
    let said = answers(async move { drop(timeout(Duration::from_secs(9), sleeper(1)).await) });
    assert_eq!(said, [at("sleep, over in 1s", line), at("sleep, over in 9s", line)].concat());
    let select = async move {
        let (notify, mut other) = (Notify::new(), sleeper(2));
        mini_tokio::select! { biased; () = &mut other => {}, () = notify.notified() => {} }
    };
    assert_eq!(answers(select), [at("sleep, over in 2s", line + 4), at("Notify::notified", line + 4)].concat());
    let ((_sender, receiver), line) = (oneshot::channel::<u8>(), line!() + 1);
    let join = async move { _ = mini_tokio::try_join!(biased; sleep(Duration::from_secs(3)).map(Ok), receiver) };
    assert_eq!(answers(join)[1..], at("oneshot::Receiver", line));
    let join = async move { mini_tokio::join!(biased; sleep(Duration::from_secs(3)), sleep(Duration::from_secs(4))) };
    assert_eq!(
        answers(async { _ = join.await }),
        [at("sleep, over in 3s", line + 2), at("sleep, over in 4s", line + 2)].concat()
    );
}

/// A set that polls only those that were woken: they are stopped, wake themselves, and are asked like anybody else.
#[test]
fn a_set_of_futures_answers_for_those_that_it_polls() {
    let set = async {
        let mut set: FuturesUnordered<_> = (0..3).map(|_| pending::<()>()).collect();
        set.next().await;
    };
    assert_eq!(answers(set), Vec::<String>::new());
}

#[test]
fn who_is_asked_goes_on_as_if_nothing_had_been() {
    let runtime = current_thread();
    runtime.block_on(async {
        let polls = Arc::new(AtomicUsize::new(0));
        let (counted, (sender, mut receiver)) = (polls.clone(), mpsc::channel(1));
        let task = task::spawn(async move {
            let mut receive = pin!(async {
                let mut sum = 0;
                while let Some(number) = receiver.recv().await {
                    sum += number;
                }
                sum
            });
            poll_fn(|cx| {
                counted.fetch_add(1, SeqCst);
                receive.as_mut().poll(cx)
            })
            .await
        });
        sender.send(1).await.unwrap();
        for _ in 0..10 {
            settled(runtime.handle()).await;
            let before = polls.load(SeqCst);
            waits(runtime.handle()).unwrap();
            assert_eq!(polls.load(SeqCst), before + 1, "polled once, here");
            settled(runtime.handle()).await;
            assert_eq!(polls.load(SeqCst), before + 2, "and once more in its turn");
        }
        sender.send(2).await.unwrap();
        drop(sender);
        assert_eq!(task.await.unwrap(), 3);
    });
}

#[test]
fn who_runs_or_is_queued_is_not_asked() {
    let runtime = current_thread();
    runtime.block_on(async {
        let handle = runtime.handle().clone();
        let waiting = task::spawn(pending::<()>());
        let asker = task::spawn(async move {
            let queued = task::spawn(pending::<()>());
            let tasks = waits(&handle).unwrap();
            let state = |id| tasks.iter().find(|info| info.id == id).map(|info| (info.state, info.waits_for.is_some()));
            assert_eq!(state(waiting.id()), Some((TaskState::Waiting, true)));
            assert_eq!(state(queued.id()), Some((TaskState::Queued, false)));
            assert_eq!(state(task::id()), Some((TaskState::Running, false)));
            dump(&handle)
        });
        let text = asker.await.unwrap();
        assert!(text.contains("\nruns: 1\n") && text.contains("    for something of another library\n"), "{text}");
    });
}

/// From a thread that is no worker a worker is asked to ask; the task that does so is not among those in the list.
#[test]
fn another_thread_has_a_worker_ask() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let line = line!() + 1;
    let task = runtime.spawn(async { sleep(Duration::from_secs(3600)).await });
    loop {
        let Some(tasks) = waits(runtime.handle()) else { continue }; // the machine is that busy
        assert_eq!(tasks.len(), 1);
        if tasks[0].state == TaskState::Waiting {
            let said = words(&tasks[0]);
            assert!(said[0].starts_with("sleep, over in 3") && said[0].ends_with(&format!("here:{line}")), "{said:?}");
            break;
        }
    }
    task.abort();
    runtime.block_on(task).unwrap_err();
    // The root of a multi-thread runtime is on no worker either.
    runtime.block_on(async { assert!(waits(&Handle::current()).is_none_or(|tasks| tasks.is_empty())) });
}

#[test]
fn a_runtime_in_which_nobody_has_time_is_told_of_without_waits() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (begin, end) = (Arc::new(ThreadBarrier::new(2)), Arc::new(ThreadBarrier::new(2)));
    let (inside, outside) = (begin.clone(), end.clone());
    runtime.spawn(async move {
        inside.wait();
        outside.wait();
    });
    begin.wait();
    let text = dump(runtime.handle());
    end.wait();
    assert!(text.contains("\nno worker had time: ") && text.contains("\nruns: 1\n"), "{text}");
}

/// Tasks that take a lock of threads, while the thread that asks holds it: the worker is stuck, the asker is not.
#[test]
fn a_lock_that_the_asking_thread_holds_is_no_deadlock() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let lock = Arc::new(StdMutex::new(()));
    let (inside, polled) = (lock.clone(), Arc::new(AtomicUsize::new(0)));
    let count = polled.clone();
    runtime.spawn(poll_fn(move |_| {
        drop(inside.lock());
        count.fetch_add(1, SeqCst);
        Poll::<()>::Pending
    }));
    while polled.load(SeqCst) == 0 {
        std::thread::yield_now();
    }
    let held = lock.lock().unwrap();
    assert!(waits(runtime.handle()).is_none());
    drop(held);
}

#[test]
fn a_task_that_panics_when_it_is_asked_is_a_task_that_panicked() {
    let runtime = current_thread();
    runtime.block_on(async {
        let mut polls = 0;
        let task = task::spawn(poll_fn(move |_| {
            polls += 1;
            assert!(polls < 2, "polled too often");
            Poll::<()>::Pending
        }));
        task::yield_now().await;
        waits(runtime.handle()).unwrap();
        assert!(task.await.unwrap_err().is_panic());
    });
}

/// An executor inside a task polls until its future is ready, and does not care that there is no budget.
#[test]
fn a_task_with_an_executor_inside_is_not_asked_for_ever() {
    let runtime = current_thread();
    runtime.block_on(async {
        let (sender, mut receiver) = mpsc::unbounded_channel::<u8>();
        let mut polls = 0;
        let task = task::spawn(poll_fn(move |_| {
            polls += 1;
            if polls == 1 { Poll::Pending } else { Poll::Ready(futures::executor::block_on(receiver.recv())) }
        }));
        task::yield_now().await;
        sender.send(7).unwrap();
        waits(runtime.handle()).unwrap();
        assert_eq!(task.await.unwrap(), Some(7));
    });
}

#[test]
fn the_tasks_of_a_stepper_are_asked_where_it_is_stepped() {
    let mut stepper = Stepper::builder().workers(2).build();
    let line = line!() + 1;
    let task = stepper.spawn(async { sleep(Duration::from_secs(5)).await });
    while !stepper.queues().armed_timers.eq(&1) {
        stepper.step();
    }
    assert_eq!(said(stepper.handle(), task.id()), at("sleep, over in 5s", line));
    assert!(!task.is_finished());
    assert!(dump(stepper.handle()).contains(" is queued, spawned at "), "stopped, so it is polled again");
    stepper.run_until_quiescent();
    assert!(task.is_finished());
}

#[test]
fn tasks_that_are_not_send_are_asked_on_their_thread() {
    let runtime = LocalRuntime::new().unwrap();
    let text = runtime.block_on(async {
        let cell = Rc::new(());
        task::spawn_local(async move {
            sleep(Duration::from_secs(3600)).await;
            drop(cell);
        });
        task::yield_now().await;
        let handle = runtime.handle().clone();
        let from_elsewhere = task::spawn_blocking(move || {
            loop {
                let text = dump(&handle);
                if !text.contains("no worker had time") {
                    break text; // it may take more than a second on a machine that is busy
                }
            }
        });
        let from_elsewhere = from_elsewhere.await.unwrap();
        task::yield_now().await;
        assert!(dump(runtime.handle()).contains("    for sleep, over in "));
        from_elsewhere
    });
    assert!(text.contains("    for sleep, over in "), "{text}");
}

/// `LEAF-1`: what a set's tasks wait for is theirs, and is not told as their set's.
#[test]
fn a_local_set_that_is_asked_does_not_answer_for_its_tasks() {
    let runtime = LocalRuntime::new().unwrap();
    runtime.block_on(async {
        let (bell, set) = (Arc::new(Notify::new()), LocalSet::new());
        let (inside, rung) = (bell.clone(), Rc::new(Cell::new(0)));
        let count = rung.clone();
        set.spawn_local(async move {
            loop {
                inside.notified().await;
                count.set(count.get() + 1);
            }
        });
        // Each poll of the root rings, and the set polls its task within the same poll.
        let root = poll_fn(move |_| {
            bell.notify_one();
            Poll::<()>::Pending
        });
        let task = task::spawn_local(async move { set.run_until(root).await });
        settled(runtime.handle()).await;
        let before = rung.get();
        assert_eq!(said(runtime.handle(), task.id()), Vec::<String>::new());
        assert!(rung.get() > before, "it was polled while its set was asked");
    });
}

#[test]
fn ten_thousand_tasks_are_asked_in_one_go() {
    let runtime = current_thread();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..10_000).map(|_| task::spawn(sleep(Duration::from_secs(60)))).collect();
        settled(runtime.handle()).await;
        let text = dump(runtime.handle());
        assert_eq!(text.matches("    for sleep, over in 60s").count(), 10_000);
        for task in tasks {
            task.await.unwrap();
        }
    });
}
