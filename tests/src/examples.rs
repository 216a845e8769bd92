//! Builds and starts the programs of `examples/`, as their users would.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The path of an example, built in the profile that this test was built in.
pub fn build(example: &str) -> PathBuf {
    let this = env::current_exe().expect("a running test has a path");
    let profile = this.ancestors().nth(2).expect("tests are built in target/PROFILE/deps").to_owned();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "-p", "examples", "--example", example]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
    assert!(built.success(), "the example {example} does not build");
    profile.join("examples").join(example)
}

/// A running example; killed when dropped.
pub struct Running {
    child: Child,
    /// What it has printed after [`Running::start`] saw the line that it waited for.
    pub line: String,
    /// Read no further, and kept open: a program whose output goes nowhere would fail.
    _output: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// Starts the program and waits for a line of its output that holds `sign`.
    pub fn start(example: &str, arguments: &[&str], sign: &str) -> Self {
        let mut child = Command::new(build(example))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a built example starts");
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        while !line.contains(sign) {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "{example} ended before it said {sign:?}");
        }
        Self { child, line, _output: output }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
