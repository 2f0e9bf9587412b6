//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

use crate::Result;

/// Returns the root directory of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("this crate is in crates/xtask").to_path_buf()
}

/// Returns the path of what cargo has built, such as `gallery` or `examples/conformance`.
pub(crate) fn built(program: &str) -> String {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug").join(program).to_string_lossy().into_owned()
}

/// Prints a command, runs it in `directory` (relative to the root of the workspace), and returns an error if it fails.
pub(crate) fn run(directory: &str, program: &str, arguments: &[&str]) -> Result {
    run_with(directory, program, arguments, &[])
}

/// Like [`run`], with environment variables.
pub(crate) fn run_with(directory: &str, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result {
    let mut command = command(directory, program, arguments);
    let line = line(&command);
    let place = if directory == "." { String::new() } else { format!("   (in {directory})") };
    announce(&format!("{line}{place}"));
    let status = command
        .envs(environment.iter().copied())
        .status()
        .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}

/// Prints what begins now, and after how many seconds, so that the output tells where the time goes.
pub(crate) fn announce(what: &str) {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    let seconds = STARTED.get_or_init(Instant::now).elapsed().as_secs();
    println!("\n▸ {what}{}", if seconds == 0 { String::new() } else { format!("   (after {seconds} s)") });
}

/// Whether a program can be started.
pub(crate) fn exists(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Returns what a program prints to its standard output, or `None` if it fails.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

pub(crate) fn command(directory: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root().join(directory));
    command
}

/// A command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// This workspace's cargo, to be run.
pub(crate) fn cargo_command(arguments: &[&str]) -> Command {
    command(".", &cargo_program(), arguments)
}

fn cargo_program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// Runs this workspace's cargo.
pub(crate) fn cargo(arguments: &[&str]) -> Result {
    cargo_with(arguments, &[])
}

/// Runs this workspace's cargo with environment variables.
pub(crate) fn cargo_with(arguments: &[&str], environment: &[(&str, &str)]) -> Result {
    run_with(".", &cargo_program(), arguments, environment)
}
