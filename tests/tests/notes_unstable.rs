//! Builds the one tokio that has what mini_tokio has without a flag, and runs the programs that use it.

use std::path::Path;
use std::process::Command;

#[test]
fn the_unstable_programs_run_on_tokio() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notes_unstable");
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--locked", "--test", "on_tokio"])
        .current_dir(&fixture)
        .env("RUSTFLAGS", "--cfg tokio_unstable")
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("notes_unstable"))
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    let programs = include_str!("notes/unstable.rs").matches("#[test]").count();
    assert!(stdout.contains(&format!("{programs} passed")), "{stdout}");
}
