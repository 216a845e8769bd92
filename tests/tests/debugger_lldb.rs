//! The commands for lldb, as the chapter `docs/src/debugger.md` shows them, under a real lldb.
//!
//! The chapter's `lldb` blocks are one session: each line `(lldb) command` is given to lldb, and what it answers is compared with
//! the lines below it; a single line `...` stands for any answer. What the chapter does not show is compared with what gdb says.
//!
//! `LLDB` names the program, which is `lldb-19` else. Without one that can run programs and Python the tests here pass without a
//! look, unless `REQUIRE_LLDB` is set, as continuous integration does.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

use tests::examples::build;
use tests::tree;

const IMPORT: &str = "command script import inspect/lldb/mini_tokio_lldb.py";

/// Runs commands in lldb; what it prints.
fn lldb(commands: &[&str], arguments: &[&str]) -> Option<String> {
    let mut lldb = Command::new(env::var_os("LLDB").unwrap_or_else(|| "lldb-19".into()));
    lldb.args(["--no-lldbinit", "--batch"]);
    for command in commands {
        lldb.args(["-o", command]);
    }
    let output = lldb.args(["--"]).args(arguments).current_dir(tree::root()).stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

/// Whether there is an lldb that can start a program here and has its Python.
fn lldb_works() -> bool {
    let probe = lldb(&["run", "script print('py' + 'thon')"], &["/bin/true"]);
    let works = probe.is_some_and(|said| said.contains("exited with status = 0") && said.contains("\npython\n"));
    assert!(works || env::var_os("REQUIRE_LLDB").is_none(), "REQUIRE_LLDB is set, and lldb cannot run a program");
    works
}

/// The lines of a session, each command with its answer, without the commands that show nothing to compare.
fn exchanges(lines: impl Iterator<Item = String>) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("(lldb) "), found.last_mut()) {
            (Some(command), _) => found.push((command.to_owned(), Vec::new())),
            (None, Some((_, answer))) => answer.push(line.trim_end().to_owned()),
            (None, None) => {}
        }
    }
    found
}

#[test]
fn lldb_shows_what_the_book_prints() {
    if !lldb_works() {
        return;
    }
    let page = fs::read_to_string(tree::root().join("docs/src/debugger.md")).unwrap();
    let blocks = page.split("```lldb\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let expected = exchanges(blocks.flat_map(str::lines).map(str::to_owned));
    assert!(expected.len() > 4, "the chapter has no session with lldb");
    let commands: Vec<_> = expected.iter().map(|(command, _)| &**command).collect();
    let said = lldb(&commands, &[build("debugger").to_str().unwrap()]).unwrap();
    let seen = exchanges(said.lines().map(str::to_owned));
    for (command, answer) in &expected {
        let (_, found) =
            seen.iter().find(|(typed, _)| typed == command).unwrap_or_else(|| panic!("{command}:\n{said}"));
        if answer != &["..."] {
            let found: Vec<_> = found.iter().map(|line| comparable(line)).collect();
            assert_eq!(&found, answer, "(lldb) {command}\n{said}");
        }
    }
}

#[test]
fn lldb_sees_the_queues_as_the_runtime_does() {
    if !lldb_works() {
        return;
    }
    let script = Script::new("queues", QUEUES);
    let commands = [IMPORT, &script.import(), "b debugger::stop_here", "run", "compare"];
    let said = lldb(&commands, &[build("debugger").to_str().unwrap(), "steps", "3", "340"]);
    assert!(said.as_ref().unwrap().contains("stops: 340, wrong: 0"), "{said:?}");
}

/// At each stop the program passes what the runtime says of its queues.
const QUEUES: &str = r#"
import lldb

def compare(debugger, _, result, __):
    debugger.SetAsync(False)
    stops, wrong = 0, 0
    process = debugger.GetSelectedTarget().GetProcess()
    while process.GetState() == lldb.eStateStopped:
        expected = process.GetSelectedThread().GetFrameAtIndex(0).FindVariable("expected")
        start, length = (expected.GetChildMemberWithName(name).GetValueAsUnsigned() for name in ("data_ptr", "length"))
        expected = process.ReadMemory(start, length, lldb.SBError()).decode()
        answer = lldb.SBCommandReturnObject()
        debugger.GetCommandInterpreter().HandleCommand("mt queues", answer)
        stops += 1
        if answer.GetOutput().strip() != expected:
            wrong += 1
            result.AppendMessage(f"the runtime says {expected} and lldb {answer.GetOutput()}")
        process.Continue()
    result.AppendMessage(f"stops: {stops}, wrong: {wrong}")

def __lldb_init_module(debugger, _):
    debugger.HandleCommand(f"command script add -f {__name__}.compare compare")
"#;

/// The answers of gdb are compared with the book by `debugger.rs`, and its queues with what the runtime says of them.
#[test]
fn lldb_says_what_gdb_says() {
    let has_gdb = Command::new("gdb").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(has_gdb || env::var_os("REQUIRE_GDB").is_none(), "REQUIRE_GDB is set, and there is no gdb");
    if !lldb_works() || !has_gdb {
        return;
    }
    let program = build("debugger");
    let tour = (1..8).chain([17]).map(|task| format!("mt bt {task}"));
    let tour =
        ["mt runtimes", "mt tasks", "mt workers", "mt timers", "mt io"].map(str::to_owned).into_iter().chain(tour);
    let many = ["mt tasks", "mt tasks by wait", "mt bt 29", "mt bt 30"].map(str::to_owned);
    for (arguments, questions) in [(vec![], tour.collect()), (vec!["many", "40"], many.to_vec())] {
        let questions: Vec<&str> = questions.iter().map(|question: &String| &**question).collect();
        let start = [IMPORT, "b debugger::stop_here", "run"];
        let commands: Vec<_> = start.iter().chain(&questions).copied().collect();
        let arguments: Vec<_> = [program.to_str().unwrap()].into_iter().chain(arguments).collect();
        let lldb = lldb(&commands, &arguments).unwrap();
        let gdb = gdb(&questions, &arguments);
        let (by_lldb, by_gdb) = (exchanges(lldb.lines().map(str::to_owned)), exchanges(gdb.lines().map(str::to_owned)));
        for question in questions {
            let answer_of = |answers: &[(String, Vec<String>)]| {
                let found = answers.iter().find(|(command, _)| command == question);
                let found = found.unwrap_or_else(|| panic!("{question}:\n{lldb}\n{gdb}"));
                found.1.iter().map(|line| comparable(line)).collect::<Vec<_>>()
            };
            let answer = answer_of(&by_gdb);
            assert!(
                answer[0].starts_with("runtime 1") || answer[0].starts_with("task ") || answer[0].starts_with("ID")
            );
            assert_eq!(answer_of(&by_lldb), answer, "{question}\n{lldb}");
        }
    }
}

/// What gdb answers at the same place, with its prompt in lldb's form. The last answer ends where the program goes on.
fn gdb(questions: &[&str], arguments: &[&str]) -> String {
    let mut gdb = Command::new("gdb");
    gdb.args(["-nx", "-q", "-batch", "-iex", "set width 0", "-iex", "set debuginfod enabled off"]);
    gdb.args(["-iex", "set auto-load no", "-ex", "source inspect/gdb/load.py", "-ex", "break debugger::stop_here"]);
    gdb.args(["-ex", "run"]);
    for question in questions {
        gdb.args(["-ex", &format!("echo (lldb) {question}\\n"), "-ex", question]);
    }
    let output = gdb.arg("--args").args(arguments).current_dir(tree::root()).stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An enum whose variants are told by sixteen bytes is anywhere inside: see the test of the same program in `debugger.rs`.
#[test]
fn lldb_reads_the_task_that_gdb_cannot() {
    if !lldb_works() {
        return;
    }
    let commands = [IMPORT, "b debugger::stop_here", "run", "mt tasks riddle"];
    let said = lldb(&commands, &[build("debugger").to_str().unwrap(), "riddle"]).unwrap();
    let line = said.lines().find(|line| line.contains(" riddle  waits  ")).unwrap_or_else(|| panic!("{said}"));
    assert!(line.ends_with("nothing: it is pending for ever"), "{said}");
}

/// A line without what differs from session to session: addresses, and minutes that pass on a busy machine.
fn comparable(line: &str) -> String {
    let line = line.replace("58 min", "60 min").replace("59 min", "60 min");
    let mut parts = line.split("0x");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "0x.." + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

#[test]
fn lldb_follows_one_task_from_await_to_await() {
    if !lldb_works() {
        return;
    }
    let commands = [IMPORT, "b debugger::stop_here", "run", "breakpoint delete -f", "mt break 6", "continue"];
    let commands: Vec<_> = commands.into_iter().chain(["mt step", "mt step", "mt step"]).collect();
    let said = lldb(&commands, &[build("debugger").to_str().unwrap()]).unwrap();
    let followed: Vec<_> = said.lines().filter(|line| line.starts_with("Task 6 ")).collect();
    let [polled, first, second, end] = followed[..] else { panic!("{said}") };
    assert_eq!(polled, "Task 6 is about to be polled.");
    let line_of = |stop: &str| {
        let place = stop.strip_prefix("Task 6 awaits at examples/debugger.rs:").and_then(|rest| rest.strip_suffix('.'));
        place.and_then(|line| line.parse::<usize>().ok()).unwrap_or_else(|| panic!("{said}"))
    };
    let source = fs::read_to_string(tree::root().join("examples/debugger.rs")).unwrap();
    let lines: Vec<_> = source.lines().collect();
    assert!(lines[line_of(first) - 1].contains("yield_now().await"), "{said}");
    assert!(lines[line_of(second) - 1].contains("notified().await"), "{said}");
    assert_eq!(end, "Task 6 is complete.");
}

/// The limits are those that the project promises. Only lldb's own time counts, however busy the machine is.
#[test]
fn lldb_lists_ten_thousand_tasks_at_once() {
    if !lldb_works() {
        return;
    }
    let script = Script::new("many", MANY);
    let commands = [IMPORT, &script.import(), "b debugger::stop_here", "run", "took"];
    let said = lldb(&commands, &[build("debugger").to_str().unwrap(), "many", "10000"]).unwrap();
    assert!(said.contains("listed: 10000 in time: True"), "{said}");
    assert!(said.contains("backtrace: 1 in time: True"), "{said}");
}

const MANY: &str = r#"
import time

import lldb

def took(debugger, _, result, __):
    def seconds(command):
        answer, before = lldb.SBCommandReturnObject(), time.process_time()
        debugger.GetCommandInterpreter().HandleCommand(command, answer)
        return time.process_time() - before, answer.GetOutput()
    spent, answer = seconds("mt tasks")
    result.AppendMessage(f"listed: {answer.count('waits ')} in time: {spent < 5} {spent}")
    spent, answer = seconds("mt bt 5000")
    result.AppendMessage(f"backtrace: {answer.count('sleep, over in')} in time: {spent < 1} {spent}")

def __lldb_init_module(debugger, _):
    debugger.HandleCommand(f"command script add -f {__name__}.took took")
"#;

/// A program says of each of its enums which variant is live, and so does what the commands stand on. Enums in tasks have few of
/// these shapes, and locals may have all.
#[test]
fn lldb_knows_the_live_variant_of_every_shape_of_enum() {
    if !lldb_works() {
        return;
    }
    let script = Script::new("variants", VARIANTS);
    let (source, program) = (script.0.with_extension("rs"), script.0.with_extension("out"));
    fs::write(&source, SHAPES).unwrap();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["-g", "--edition", "2024", "--crate-name", "shapes", "-o"]).arg(&program).arg(&source);
    assert!(rustc.status().unwrap().success());
    let commands = [IMPORT, &script.import(), "b shapes::look", "run", "variants"];
    let said = lldb(&commands, &[program.to_str().unwrap()]);
    fs::remove_file(source).unwrap();
    fs::remove_file(program).unwrap();
    assert!(said.as_ref().unwrap().contains("enums: 28, wrong: 0"), "{said:?}");
    // What needs no dropping has no drop glue, by which else a type is found.
    assert!(said.as_ref().unwrap().contains("behind the trait: shapes::Bare"), "{said:?}");
}

/// The fields of the struct that `look` gets have an enum each, and `names` the names of the live variants.
const SHAPES: &str = r#"
use std::num::{NonZeroU8, NonZeroU64, NonZeroU128};

#[allow(dead_code)]
#[repr(i64)]
enum Signed { Low(u8) = -2, Zero(u8) = 0, High(u8) = i64::MAX }
#[allow(dead_code)]
enum Late { Number([u64; 9], bool), Text(String), Nothing }
#[allow(dead_code)]
enum Only { One(u32) }

macro_rules! shapes {
    ($($field:ident: $type:ty = $value:expr, $name:literal;)*) => {
        #[allow(dead_code)]
        struct Shapes { $($field: $type),* }
        fn main() {
            look(&Shapes { $($field: $value),* }, concat!($($name, " "),*), &Bare);
        }
    };
}

shapes! {
    a: Option<u8> = Some(0), "Some";                    b: Option<u64> = None, "None";
    c: Option<String> = Some(String::new()), "Some";    d: Option<String> = None, "None";
    e: Option<Vec<u8>> = Some(vec![7]), "Some";         f: Option<Option<String>> = Some(None), "Some";
    g: Option<Option<String>> = None, "None";           h: Option<Box<u8>> = Some(Box::new(1)), "Some";
    i: Option<&'static u8> = None, "None";              j: Option<NonZeroU8> = None, "None";
    k: Option<NonZeroU64> = NonZeroU64::new(1 << 63), "Some";
    l: Option<NonZeroU128> = NonZeroU128::new(1 << 64), "Some";
    m: Option<NonZeroU128> = None, "None";              n: Option<bool> = Some(true), "Some";
    o: Option<bool> = None, "None";                     p: Option<char> = Some('x'), "Some";
    q: Option<char> = None, "None";                     r: Option<std::time::Duration> = None, "None";
    s: Option<std::time::Duration> = Some(std::time::Duration::ZERO), "Some";
    t: Result<u32, u8> = Err(3), "Err";                 u: Result<String, u8> = Ok(String::new()), "Ok";
    v: Result<String, u8> = Err(1), "Err";              w: Signed = Signed::Low(1), "Low";
    x: Signed = Signed::High(1), "High";                y: Late = Late::Number([3; 9], true), "Number";
    z: Late = Late::Text(String::new()), "Text";        aa: Late = Late::Nothing, "Nothing";
    bb: Only = Only::One(5), "One";
}

trait Method {
    fn call(&self) {}
}
struct Bare;
impl Method for Bare {}

#[inline(never)]
fn look(shapes: &Shapes, names: &str, behind: &dyn Method) {
    std::hint::black_box((shapes, names, behind));
}
"#;

const VARIANTS: &str = r#"
import lldb

def variants(debugger, _, result, __):
    import gdb_by_lldb
    from mini_tokio_gdb import rust, values
    frame = debugger.GetSelectedTarget().GetProcess().GetSelectedThread().GetFrameAtIndex(0)
    variables = (gdb_by_lldb.Variable(frame.FindVariable(name)) for name in ("names", "shapes", "behind"))
    names, shapes, behind = map(values.of, variables)
    shapes = shapes.dereference()
    expected, found, wrong = rust.text(names).split(), {}, 0
    for field in shapes.type.fields():
        found[field.name] = rust.variant(shapes[field])[0]
    by_name = sorted(found, key=lambda name: (len(name), name))
    for name, live in zip(by_name, expected):
        if found[name] != live:
            wrong += 1
            result.AppendMessage(f"{name} is {live}, and not {found[name]}")
    result.AppendMessage(f"enums: {len(found)}, wrong: {wrong + abs(len(found) - len(expected))}")
    result.AppendMessage(f"behind the trait: {rust.concrete_type(behind)}")

def __lldb_init_module(debugger, _):
    debugger.HandleCommand(f"command script add -f {__name__}.variants variants")
"#;

/// A script with a command for lldb, in a file that goes with it.
struct Script(PathBuf);

impl Script {
    fn new(name: &str, text: &str) -> Self {
        let path = env::temp_dir().join(format!("mini_tokio_lldb_{name}_{}.py", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn import(&self) -> String {
        format!("command script import {}", self.0.display())
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
