//! The chapter `docs/src/debugger.md`, taken step by step under a real gdb.
//!
//! The chapter's `console` blocks are one session. Each line `(gdb) command` is given to gdb, and what it answers is compared
//! with the lines below, addresses and what else differs from run to run left out; a single line `...` stands for any answer.
//! `UPDATE_DEBUGGER_TOUR=1` writes the answers into the chapter anew; read the diff.
//!
//! Without a gdb that can run programs the tests here pass without a look, unless `REQUIRE_GDB` is set, as continuous
//! integration does.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use tests::examples::build;
use tests::tree;

/// Whether there is a gdb that can start a program here.
fn gdb_works() -> bool {
    let probe = Command::new("gdb").args(["-nx", "-batch", "-ex", "run", "--args", "/bin/true"]).output();
    let works = probe.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("exited normally"));
    assert!(works || env::var_os("REQUIRE_GDB").is_none(), "REQUIRE_GDB is set, and gdb cannot run a program");
    works
}

/// A directory of its own for a test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("mini-tokio-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a gdb script on the example. The commands load by themselves: only the safe path is set.
fn gdb(scratch: &Scratch, script: &str, arguments: &[&str]) -> String {
    let program = build("debugger");
    let file = scratch.0.join("script");
    fs::write(&file, script).unwrap();
    let safe = format!("set auto-load safe-path {}", program.parent().unwrap().display());
    let output = Command::new("gdb")
        .args(["-nx", "-q", "-batch", "-iex", &safe, "-iex", "set width 0", "-iex", "set debuginfod enabled off", "-x"])
        .arg(&file)
        .arg("--args")
        .arg(&program)
        .args(arguments)
        .current_dir(&scratch.0)
        .stdin(Stdio::null())
        .output();
    let Output { stdout, stderr, .. } = output.unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(!stderr.contains("Traceback") && !stderr.contains("Error"), "{stdout}\n{stderr}");
    stdout.into_owned()
}

/// A command of the chapter, and the lines that are printed below it there.
#[derive(Debug, PartialEq)]
struct Exchange {
    command: String,
    answer: Vec<String>,
}

/// The exchanges in the `console` blocks of a page.
fn exchanges(page: &str) -> Vec<Exchange> {
    let mut found: Vec<Exchange> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            match line.strip_prefix("(gdb) ") {
                Some(command) => found.push(Exchange { command: command.to_owned(), answer: Vec::new() }),
                None => found.last_mut().expect("a block begins with a command").answer.push(line.to_owned()),
            }
        }
    }
    found
}

/// What a reader would see, without what differs from run to run: addresses, notices of threads, numbers of processes.
fn plain(answer: &str) -> Vec<String> {
    let noise =
        ["[New ", "[Switching ", "[Thread ", "[Inferior ", "[Current thread", "Using host libthread_db", "warning:"];
    let lines = answer.lines().filter(|line| !line.is_empty() && !noise.iter().any(|noise| line.starts_with(noise)));
    lines.map(without_addresses).collect()
}

fn without_addresses(line: &str) -> String {
    let mut parts = line.split("0x");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("0x..");
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    text.trim_end().to_owned()
}

/// The page with the answers of a session in place of its own. An answer that it does not show stays unshown.
fn rewritten(page: &str, answers: &[Vec<String>]) -> String {
    let old = exchanges(page);
    let mut new = old.iter().zip(answers).map(|(old, new)| if old.answer == ["..."] { &old.answer } else { new });
    let (mut text, mut inside) = (String::new(), false);
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside && !line.starts_with("(gdb) ") {
            continue;
        }
        text.push_str(&format!("{line}\n"));
        if inside && line.starts_with("(gdb) ") {
            new.next().expect("an answer for each command").iter().for_each(|line| text.push_str(&format!("{line}\n")));
        }
    }
    text
}

#[test]
fn the_tour_of_the_book_goes_as_it_is_printed() {
    if !gdb_works() {
        return;
    }
    let chapter: &Path = &tree::root().join("docs/src/debugger.md");
    let page = fs::read_to_string(chapter).unwrap();
    let expected = exchanges(&page);
    let mut script = "set pagination off\nset confirm off\n".to_owned();
    for exchange in &expected {
        script.push_str(&format!("echo \\n@@@\\n\n{}\n", exchange.command));
    }
    let session = gdb(&Scratch::new("tour"), &script, &[]);
    let answers: Vec<_> = session.split("\n@@@\n").skip(1).map(plain).collect();
    assert_eq!(answers.len(), expected.len(), "the session broke off:\n{session}");
    if env::var_os("UPDATE_DEBUGGER_TOUR").is_some() {
        fs::write(chapter, rewritten(&page, &answers)).unwrap();
        return;
    }
    for (exchange, answer) in expected.iter().zip(&answers) {
        if exchange.answer != ["..."] {
            let printed: Vec<_> = exchange.answer.iter().map(|line| line.trim_end()).collect();
            assert_eq!(&printed, answer, "(gdb) {}", exchange.command);
        }
    }
}

#[test]
fn gdb_sees_the_queues_as_the_runtime_does() {
    if !gdb_works() {
        return;
    }
    let script = "
set pagination off
break debugger::stop_here
python
gdb.execute('run', to_string=True)
stops, wrong = 0, 0
while gdb.selected_inferior().pid and gdb.selected_frame().name() == 'debugger::stop_here':
    expected = gdb.selected_frame().read_var('expected')
    expected = expected['data_ptr'].string(length=int(expected['length']))
    seen = gdb.execute('mt queues', to_string=True).strip()
    stops += 1
    if seen != expected:
        wrong += 1
        print('the runtime says', expected, 'and gdb', seen)
    gdb.execute('continue', to_string=True)
print(f'stops: {stops}, wrong: {wrong}')
end
";
    for seed in ["3", "4", "5"] {
        let output = gdb(&Scratch::new(&format!("queues-{seed}")), script, &["steps", seed, "340"]);
        assert!(output.contains("stops: 340, wrong: 0"), "{output}");
    }
}

/// The limits are those that the project promises. Only gdb's own time counts, however busy the machine is.
#[test]
fn ten_thousand_tasks_are_listed_at_once() {
    if !gdb_works() {
        return;
    }
    let script = "
set pagination off
break debugger::stop_here
run
python
import time
def took(command):
    before = time.process_time()
    answer = gdb.execute(command, to_string=True)
    return time.process_time() - before, answer
seconds, answer = took('mt tasks')
print('listed:', answer.count('waits '), 'in time:', seconds < 5, seconds)
seconds, answer = took('mt bt 5000')
print('backtrace:', answer.count('sleep, over in'), 'in time:', seconds < 1, seconds)
end
";
    let output = gdb(&Scratch::new("many"), script, &["many", "10000"]);
    assert!(output.contains("listed: 10000 in time: True"), "{output}");
    assert!(output.contains("backtrace: 1 in time: True"), "{output}");
}

/// gdb 13 fails on a value that has, anywhere inside, an enum whose variants are told by sixteen bytes.
#[test]
fn a_task_that_gdb_cannot_read_is_counted_and_hides_no_other() {
    if !gdb_works() {
        return;
    }
    let script = "
set pagination off
break debugger::stop_here
run
mt tasks
mt workers
mt bt 2
python
try:
    gdb.execute('mt bt 1')
except gdb.error as error:
    print(error)
end
";
    let output = gdb(&Scratch::new("riddle"), script, &["riddle"]);
    let lines: Vec<_> = output.lines().collect();
    let tasks = lines.iter().position(|line| *line == "runtime 1: 3 tasks").expect(&output);
    if lines[tasks + 1].contains("of a type without debug information") {
        assert_eq!(lines[tasks + 1].trim(), "1 of a type without debug information, or that gdb cannot read");
        let dark = "a future whose type is not known, or that gdb cannot read";
        assert_eq!(output.matches(dark).count(), 2, "the list and the backtrace say where it ends: {output}");
        assert!(output.contains("#0 debugger::riddle::{async block 0} at examples/debugger.rs:"), "{output}");
        assert!(output.contains("There is no task 1: it is finished, or never was. Or its type is one"), "{output}");
    } else {
        assert!(output.contains("riddle  waits"), "a later gdb reads it: {output}");
    }
    assert!(output.contains("plain  waits") || output.contains("plain   waits"), "{output}");
    assert!(output.contains("runtime 1: 1 worker, global queue: empty"), "{output}");
}

/// But for how many milliseconds are gone, and which branch of a `select!` came first.
#[test]
fn the_dump_of_the_book_is_what_the_program_prints() {
    let comparable = |text: &str| {
        let mut lines: Vec<_> =
            text.lines().map(|line| line.split_once(" over in ").unwrap_or((line, "")).0.to_owned()).collect();
        lines.sort();
        lines
    };
    let page = fs::read_to_string(tree::root().join("docs/src/debugger.md")).unwrap();
    let printed =
        page.split("```text\n").find_map(|block| block.starts_with("runtime 1: ").then(|| block.split("```").next()));
    let output = Command::new(build("debugger")).arg("dump").output().unwrap();
    assert_eq!(comparable(&String::from_utf8_lossy(&output.stdout)), comparable(printed.flatten().unwrap()));
}

#[test]
fn a_page_is_read_as_commands_and_answers() {
    let page = "Text\n```console\n(gdb) a b\none\ntwo\n(gdb) c\n```\n```text\n(gdb) no\n```\n";
    let exchange = |command: &str, answer: &[&str]| Exchange {
        command: command.to_owned(),
        answer: answer.iter().map(|&line| line.to_owned()).collect(),
    };
    assert_eq!(exchanges(page), [exchange("a b", &["one", "two"]), exchange("c", &[])]);
    assert_eq!(plain("[New Thread 7]\nself = 0x7f12 (x0x9)\n\n"), ["self = 0x.. (x0x..)"]);
    let answers = [vec!["new".to_owned()], vec![]];
    assert_eq!(rewritten(page, &answers), page.replace("one\ntwo", "new"));
}
