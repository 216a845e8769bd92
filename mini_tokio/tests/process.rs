//! Child processes: their streams, their ends, and that no zombie stays.

mod fs_support;

use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Instant;

use fs_support::{current_thread, multi_thread};
use mini_tokio::io::{AsyncReadExt, AsyncWriteExt};
use mini_tokio::process::{Child, ChildStdin, Command};
use mini_tokio::runtime::Builder;

/// A process that runs until its `stdin` is closed.
fn cat() -> Command {
    let mut cat = Command::new("cat");
    cat.stdin(Stdio::piped()).stdout(Stdio::piped());
    cat
}

fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]);
    shell
}

/// The state letter of a process; none if it does not exist, not even as a zombie.
fn state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed().as_secs() < 20, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn what_is_written_to_a_child_comes_back() {
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let mut child = cat().spawn().unwrap();
            let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            let contents = vec![b'x'; 1_000_000]; // more than a pipe holds
            let expected = contents.clone();
            let writer = mini_tokio::spawn(async move { stdin.write_all(&contents).await.unwrap() });
            let mut all = Vec::new();
            stdout.read_to_end(&mut all).await.unwrap();
            writer.await.unwrap();
            assert!(all == expected);
            assert!(child.wait().await.unwrap().success());
            assert_eq!(child.id(), None);
            assert!(child.wait().await.unwrap().success(), "and again");
        });
    }
}

#[test]
fn a_status_says_how_it_ended() {
    current_thread().block_on(async {
        assert_eq!(shell("exit 7").status().await.unwrap().code(), Some(7));
        assert_eq!(shell("kill -9 $$").status().await.unwrap().signal(), Some(9));
        let error = Command::new("/no/such/program").spawn().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    });
}

#[test]
fn output_collects_both_streams_at_once() {
    current_thread().block_on(async {
        // Each more than a pipe holds, one after the other: collecting one first would wait for ever.
        let script = "head -c 200000 /dev/zero >&2; head -c 300000 /dev/zero; exit 3";
        let output = shell(script).output().await.unwrap();
        assert_eq!((output.stdout.len(), output.stderr.len()), (300_000, 200_000));
        assert_eq!(output.status.code(), Some(3));
    });
}

#[test]
fn waiting_closes_stdin_and_trying_does_not() {
    current_thread().block_on(async {
        let mut child = cat().spawn().unwrap();
        assert!(child.try_wait().unwrap().is_none());
        assert!(child.stdin.is_some());
        assert!(child.wait().await.unwrap().success());
        assert!(child.stdin.is_none());
        assert!(child.try_wait().unwrap().unwrap().success());
    });
}

#[test]
fn settings_reach_the_process() {
    let directory = fs_support::Dir::new();
    current_thread().block_on(async {
        let mut command = shell("echo $0 $A $B $(pwd)");
        command
            .arg0("renamed")
            .env_clear()
            .env("A", "1")
            .envs([("B", "2")])
            .env_remove("B")
            .current_dir(directory.path());
        assert_eq!(command.as_std().get_envs().count(), 1);
        let output = command.output().await.unwrap();
        let directory = std::fs::canonicalize(directory.path()).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.trim().split_once(' ').unwrap().1, format!("1 {}", directory.display()));

        let mut command = shell("ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat; echo $$");
        let output = command.process_group(0).output().await.unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let numbers: Vec<_> = said.split_whitespace().collect();
        assert_eq!(numbers[0], numbers[1], "it leads a group of its own");

        let mut command = shell("exit $(umask | tail -c 2)");
        // SAFETY: `umask` is safe in a signal handler.
        unsafe {
            command.pre_exec(|| {
                libc::umask(0o005);
                Ok(())
            })
        };
        assert_eq!(command.status().await.unwrap().code(), Some(5));
    });
}

#[test]
fn a_child_is_killed_on_request() {
    current_thread().block_on(async {
        let mut child = cat().spawn().unwrap();
        let _open = child.stdin.take();
        child.kill().await.unwrap();
        assert_eq!(child.wait().await.unwrap().signal(), Some(9));
        child.start_kill().unwrap(); // harmless
        child.kill().await.unwrap();
    });
}

#[test]
fn a_dropped_child_is_killed_if_that_was_asked_for() {
    current_thread().block_on(async {
        let mut command = cat();
        command.kill_on_drop(true);
        assert!(command.get_kill_on_drop());
        let mut child = command.spawn().unwrap();
        let (pid, _open, mut stdout) = (child.id().unwrap(), child.stdin.take(), child.stdout.take().unwrap());
        drop(child);
        assert_eq!(stdout.read(&mut [0]).await.unwrap(), 0, "nobody holds the other end");
        wait_until("the killed child stays a zombie", || state(pid).is_none());
    });
}

#[test]
fn a_child_outlives_the_interest_in_it_and_the_runtime_and_is_no_zombie() {
    let runtime = current_thread();
    let (pid, stdin) = runtime.block_on(async {
        let mut child = cat().spawn().unwrap();
        let stdin = child.stdin.take().unwrap().into_owned_fd().unwrap();
        (child.id().unwrap(), stdin)
    });
    drop(runtime);
    assert!(matches!(state(pid), Some('S' | 'R')), "it runs");
    drop(stdin);
    wait_until("the orphan stays a zombie", || state(pid).is_none());
}

#[test]
fn no_zombies_stay_behind_many_children() {
    let runtime = multi_thread();
    let pids = runtime.block_on(async {
        let mut pids = Vec::new();
        for i in 0..60 {
            let mut child = if i % 3 == 0 { cat() } else { Command::new("true") }.spawn().unwrap();
            pids.push(child.id().unwrap());
            match i % 4 {
                0 => drop(child), // its stdin with it, so that it ends by and by
                1 => assert!(child.wait().await.unwrap().success()),
                2 => child.kill().await.unwrap(),
                _ => drop(mini_tokio::spawn(async move { child.wait().await })), // perhaps cancelled by the shutdown
            }
        }
        pids
    });
    drop(runtime);
    for pid in pids {
        wait_until("a zombie", || state(pid).is_none());
    }
}

#[test]
fn a_wait_that_is_dropped_can_be_taken_up_in_another_runtime() {
    let first = current_thread();
    let mut child = first.block_on(async {
        let mut child = cat().spawn().unwrap();
        let stdin = child.stdin.take();
        assert!(futures::poll!(Box::pin(child.wait())).is_pending());
        child.stdin = stdin;
        child
    });
    drop(first);
    assert!(current_thread().block_on(child.wait()).unwrap().success());
}

#[test]
fn many_tasks_wait_for_many_children() {
    multi_thread().block_on(async {
        let children: Vec<Child> = (0..30).map(|_| cat().spawn().unwrap()).collect();
        let tasks: Vec<_> =
            children.into_iter().map(|mut child| mini_tokio::spawn(async move { child.wait().await })).collect();
        for task in tasks {
            assert!(task.await.unwrap().unwrap().success());
        }
    });
}

#[test]
fn a_child_that_does_not_read_breaks_the_pipe() {
    current_thread().block_on(async {
        let mut child = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin: ChildStdin = child.stdin.take().unwrap();
        assert!(child.wait().await.unwrap().success());
        // A child that another test is just starting has a copy of the other end, until it becomes its program.
        let error = loop {
            if let Err(error) = stdin.write_all(b"anybody?").await {
                break error;
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn the_pipe_of_one_child_becomes_the_stream_of_another() {
    current_thread().block_on(async {
        let mut first = shell("echo hello").stdout(Stdio::piped()).spawn().unwrap();
        let stdout = first.stdout.take().unwrap();
        assert!(stdout.as_raw_fd() > 2);
        let stdin: Stdio = stdout.try_into().unwrap();
        let second = Command::new("cat").stdin(stdin).output().await.unwrap();
        assert_eq!(second.stdout, b"hello\n");
        assert!(first.wait().await.unwrap().success());
    });
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn a_child_outside_a_runtime_panics() {
    let _ = Command::new("true").spawn();
}

#[test]
#[should_panic(expected = "IO is disabled")]
fn a_child_in_a_runtime_without_io_panics() {
    let _ = Builder::new_current_thread().build().unwrap().block_on(async { Command::new("true").spawn() });
}
