//! The commands for lldb, as the chapter `docs/src/debugger.md` shows them, under a real lldb.
//!
//! The chapter's `lldb` blocks are one session: each line `(lldb) command` is given to lldb, and what it answers is compared with
//! the lines below it; a single line `...` stands for any answer.
//!
//! `LLDB` names the program, which is `lldb-19` else. Without one that can run programs and Python the tests here pass without a
//! look, unless `REQUIRE_LLDB` is set, as continuous integration does.

use std::process::{Command, Stdio};
use std::{env, fs};

use tests::examples::build;
use tests::tree;

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
            assert_eq!(found, answer, "(lldb) {command}\n{said}");
        }
    }
}

#[test]
fn lldb_sees_the_queues_as_the_runtime_does() {
    if !lldb_works() {
        return;
    }
    let script = env::temp_dir().join(format!("mini_tokio_lldb_{}.py", std::process::id()));
    fs::write(&script, SCRIPT).unwrap();
    let import = format!("command script import {}", script.display());
    let commands = ["command script import inspect/lldb/mini_tokio_lldb.py", &import, "b debugger::stop_here", "run"];
    let program = build("debugger");
    let said = lldb(
        &commands.into_iter().chain(["compare"]).collect::<Vec<_>>(),
        &[program.to_str().unwrap(), "steps", "3", "340"],
    );
    fs::remove_file(script).unwrap();
    assert!(said.as_ref().unwrap().contains("stops: 340, wrong: 0"), "{said:?}");
}

/// At each stop the program passes what the runtime says of its queues.
const SCRIPT: &str = r#"
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
