//! The browser tests: the gallery and the test pages in a real Chromium, and the most important tests in Firefox too.

use std::process::Command;

use crate::Result;
use crate::command::{cargo, command, line, root};
use crate::install::{chromium, firefox, npm_packages};

/// Runs all browser tests, or only the files whose names contain the first argument.
pub(crate) fn run(arguments: &[String]) -> Result {
    let mut tests = prepare(arguments)?;
    println!("\n▸ {}", line(&tests));
    let status = tests.status().map_err(|error| format!("node cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("browser tests failed".into()) }
}

/// Installs and builds what they need, and returns the command that runs them.
pub(crate) fn prepare(arguments: &[String]) -> Result<Command> {
    npm_packages("tests/browser")?;
    let (chromium, firefox) = (chromium()?, firefox()?);
    npm_packages("client-js")?;
    cargo(&["build", "--quiet", "-p", "gallery", "-p", "pages", "-p", "accounts", "-p", "tracker"])?;
    // Generates random cases for the real client.
    cargo(&["run", "--quiet", "-p", "lanai-core", "--example", "conformance", "--", "target/conformance.json", "300"])?;

    let mut files: Vec<String> = std::fs::read_dir(root().join("tests/browser"))
        .map_err(|error| format!("tests/browser cannot be read: {error}"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".test.mjs"))
        .filter(|name| arguments.first().is_none_or(|part| name.contains(part.as_str())))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("no file of browser tests has a name that contains {arguments:?}"));
    }
    // The files run one at a time, since a browser needs both cores.
    let mut node = command("tests/browser", "node", &["--test", "--test-concurrency=1"]);
    node.args(files).env("CHROMIUM", chromium).env("FIREFOX", firefox);
    Ok(node)
}
