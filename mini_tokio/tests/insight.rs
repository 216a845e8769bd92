//! What a program can be told of its runtime from inside, and by the environment.

use std::process::{Command, Stdio};
use std::sync::Arc;

use mini_tokio::insight::{TaskState, dump, tasks, waits};
use mini_tokio::runtime::Builder;
use mini_tokio::sync::Notify;
use mini_tokio::task;

#[test]
fn a_dump_tells_each_task_with_state_name_and_place() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let text = runtime.block_on(async {
        let bell = Arc::new(Notify::new());
        let (inside, handle) = (bell.clone(), runtime.handle().clone());
        let waiting = task::Builder::new().name("listener").spawn(async move { inside.notified().await }).unwrap();
        let joiner = task::spawn(waiting);
        task::yield_now().await;
        let queued = task::spawn(async {});
        let looker = task::spawn(async move {
            let states: Vec<_> = tasks(&handle).into_iter().map(|task| (task.state, task.joined)).collect();
            assert!(states.contains(&(TaskState::Waiting, true)), "{states:?}");
            dump(&handle)
        });
        let text = looker.await.unwrap();
        bell.notify_one();
        joiner.await.unwrap().unwrap();
        queued.await.unwrap();
        text
    });
    let line = |what: &str| text.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}:\n{text}"));
    assert!(line("runtime ").contains("workers=1") && line("runtime ").contains("tasks="), "{text}");
    let listener = line("\"listener\"");
    assert!(listener.contains(" waits, spawned at ") && listener.contains("tests/insight.rs:"), "{text}");
    assert!(listener.ends_with(", somebody awaits its end"), "{text}");
    assert_eq!(line("waits: "), "waits: 2");
    assert_eq!(line("runs: "), "runs: 1");
}

/// Nobody drives the runtime, so the task that a dump from outside sends is still in the queue when that has given up.
#[test]
fn a_dump_does_not_list_the_task_that_another_sent_to_ask() {
    let runtime = Builder::new_current_thread().build().unwrap();
    assert_eq!(waits(runtime.handle()), None);
    runtime.block_on(async { assert_eq!(waits(runtime.handle()), Some(vec![])) });
}

/// Runs one test of this file in a process of its own, where the environment is what the test wants.
fn run_child(name: &str, variable: &str, value: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(variable, value)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Says nothing by itself: the child of the tests below. Two runtimes, one after another.
#[test]
fn child() {
    for workers in [2, 1] {
        let runtime = Builder::new_multi_thread().worker_threads(workers).enable_time().build().unwrap();
        runtime.block_on(async {
            task::spawn(std::future::pending::<()>());
            // As long as several lines of the trace.
            mini_tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        });
    }
}

#[test]
fn the_environment_has_a_line_printed_every_so_often() {
    let said = run_child("child", "MINI_TOKIO_SCHEDTRACE", "5");
    let lines: Vec<_> = said.lines().filter(|line| line.starts_with("schedtrace ")).collect();
    assert!(lines.len() >= 2, "{said}");
    for label in
        ["ms runtime ", "workers=", "running=", "parked=", "searching=", "queues=[", "global=", "timers=", "blocking: "]
    {
        assert!(lines.iter().all(|line| line.contains(label)), "{label}: {said}");
    }
    assert!(lines.iter().any(|line| line.contains("workers=2") && line.contains("tasks=1 timers=1")), "{said}");
}

#[test]
fn the_environment_has_each_runtime_recorded_to_a_file_of_its_own() {
    let path = std::env::temp_dir().join(format!("mini-tokio-environment-{}", std::process::id()));
    run_child("child", "MINI_TOKIO_RECORD", path.to_str().unwrap());
    for (suffix, workers) in [("", 2), (".2", 1)] {
        let path = format!("{}{suffix}", path.display());
        let recording = mini_tokio::recording::read(&std::fs::read(&path).unwrap()).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((recording.end, recording.header.workers), (mini_tokio::recording::End::Whole, workers));
        assert!(!recording.events.is_empty());
    }
}

#[test]
fn a_file_that_cannot_be_made_fails_the_build_by_name() {
    let mut builder = Builder::new_current_thread();
    let error = mini_tokio::insight::record_to(&mut builder, "/no such folder/rec").build().unwrap_err();
    assert!(error.to_string().contains("/no such folder/rec"), "{error}");
}
