//! The stepping console, run by scripts: `tests/transcripts/step/*.txt`.
//!
//! A file is a session as a terminal shows it: `$ step` and its arguments, then what is printed, with `> ` before what is typed.
//! The test types the same and compares. `UPDATE_TRANSCRIPTS=1 cargo test -p tests --test step_console` writes the files anew
//! (a new session needs its `$` line and its `> ` lines only); read the diff.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

use tests::examples::build;

/// What the console prints when it is started by `invocation` and given `typed`.
fn session(invocation: &str, typed: &str) -> String {
    let arguments = invocation.strip_prefix("$ step").expect("a session begins with `$ step`").split_whitespace();
    let mut console = Command::new(build("step"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a built example starts");
    console.stdin.take().expect("it is piped").write_all(typed.as_bytes()).unwrap();
    let output = console.wait_with_output().unwrap();
    assert!(output.status.success(), "{invocation}");
    String::from_utf8(output.stdout).unwrap()
}

/// Plays a session again. It ends by `quit`, so that the end of the input is no command of its own.
fn check(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts/step").join(format!("{name}.txt"));
    let expected = fs::read_to_string(&path).unwrap();
    let invocation = expected.lines().next().expect("a session is not empty");
    let typed: String =
        expected.lines().filter_map(|line| line.strip_prefix("> ")).map(|line| format!("{line}\n")).collect();
    assert!(typed.ends_with("quit\n"), "{name} does not end with `quit`");
    let played = format!("{invocation}\n{}", session(invocation, &typed));
    if env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, played).unwrap();
        return;
    }
    for (number, (got, want)) in played.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, want, "{name}.txt, line {}", number + 1);
    }
    assert_eq!(played.lines().count(), expected.lines().count(), "{name}.txt has another length");
}

#[test]
fn without_a_program_the_lessons_are_listed() {
    let list = session("$ step", "");
    for lesson in ["steal", "overflow", "lifo", "budget", "starvation", "lost-wakeup", "timer", "shutdown"] {
        assert!(list.lines().any(|line| line.starts_with(lesson)), "{list}");
    }
}

#[test]
fn a_thief_is_chosen_by_hand_and_taken_back() {
    check("steal");
}

#[test]
fn a_full_queue_overflows() {
    check("overflow");
}

#[test]
fn the_bystander_waits_for_three_polls_of_the_lifo_slot() {
    check("lifo");
}

#[test]
fn the_budget_lets_the_bystander_in() {
    check("budget");
}

#[test]
fn without_a_budget_the_eater_ends_first() {
    check("starvation");
}

#[test]
fn the_wake_up_is_lost_or_not_by_who_goes_first() {
    check("lost-wakeup");
}

#[test]
fn the_clock_jumps_from_deadline_to_deadline() {
    check("timer");
}

#[test]
fn a_shutdown_can_be_taken_back() {
    check("shutdown");
}

#[test]
fn what_cannot_be_done_is_said() {
    check("complaints");
}
