//! What a program recorded that came to no good end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, fs, process, thread};

use inspect::{End, Event, Recording};
use mini_tokio::runtime::Builder;
use mini_tokio::task;

/// In the environment of the program that comes to no good end: which one.
const HOW: &str = "INSPECT_TEST_COMES_TO";

/// Runs many tasks, and then one that says so and ends the program.
fn victim(how: &str) {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let last_words = |how: String| async move {
        println!("now");
        match &how[..] {
            "abort" => process::abort(),
            "exit" => process::exit(0),
            _ => loop {
                thread::park();
            },
        }
    };
    runtime.block_on(async {
        for _ in 0..1000 {
            task::spawn(task::yield_now()).await.unwrap();
        }
        let task = task::Builder::new().name("last words").spawn(last_words(how.to_owned())).unwrap();
        drop(task.await);
    });
}

fn start(how: &str, recording: &Path) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "the_last_events_of_a_program_that_ends_badly_are_there", "--nocapture"]);
    command.env(HOW, how).env("MINI_TOKIO_RECORD", recording).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// All that happened is there, up to the beginning of the poll in which the program ended.
fn assert_complete(recording: &Recording) {
    assert_eq!(recording.end, End::Abrupt);
    let count = |fits: fn(&Event) -> bool| recording.events.iter().filter(|recorded| fits(&recorded.event)).count();
    assert_eq!(count(|event| matches!(event, Event::Spawned { .. })), 1001);
    let named = recording.events.iter().find_map(|recorded| match &recorded.event {
        Event::Named { task, name } if &**name == "last words" => Some(*task),
        _ => None,
    });
    let last = named.expect("its spawn was told");
    let is_polled = |event: &Event| matches!(event, Event::PollStart { task, .. } if *task == last);
    assert!(recording.events.iter().any(|recorded| is_polled(&recorded.event)));
    let state = inspect::State::after(recording.header.workers, &recording.events, recording.events.len());
    assert_eq!(state.contradictions, Vec::<String>::new());
}

#[test]
fn the_last_events_of_a_program_that_ends_badly_are_there() {
    if let Ok(how) = env::var(HOW) {
        return victim(&how);
    }
    let scratch = env::temp_dir().join(format!("inspect-killed-{}", process::id()));
    fs::create_dir_all(&scratch).unwrap();
    for how in ["abort", "exit", "kill"] {
        let path = scratch.join(how);
        let mut child = start(how, &path);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("now")), "{how}");
        if how == "kill" {
            child.kill().unwrap();
        }
        child.wait().unwrap();
        assert_complete(&inspect::open(&path).unwrap());
    }
    fs::remove_dir_all(scratch).unwrap();
}
