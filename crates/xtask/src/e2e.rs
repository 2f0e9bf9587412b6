//! The browser tests: the gallery and the test pages in a real Chromium, and the most important tests in Firefox too.

use std::process::Command;

use crate::Result;
use crate::command::{announce, built, cargo, command, line, root, run as run_program};
use crate::install::{chromium, firefox, npm_packages};

/// Runs all browser tests, or only the files whose names contain one of the arguments.
pub(crate) fn run(arguments: &[String]) -> Result {
    let programs = install()?;
    let servers = ["-p", "gallery", "-p", "pages", "-p", "accounts", "-p", "tracker"];
    let cases = ["-p", "lanai-core", "--bins", "--example", "conformance"];
    cargo(&[&["build", "--quiet"], &servers[..], &cases].concat())?;
    generate_cases()?;
    let mut tests = programs.tests(&files(arguments)?);
    announce(&line(&tests));
    let status = tests.status().map_err(|error| format!("node cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("browser tests failed".into()) }
}

/// The browsers that the tests use.
pub(crate) struct Programs {
    chromium: String,
    firefox: String,
}

/// Installs what the tests need.
pub(crate) fn install() -> Result<Programs> {
    npm_packages("tests/browser")?;
    let (chromium, firefox) = (chromium()?, firefox()?);
    npm_packages("client-js")?;
    Ok(Programs { chromium, firefox })
}

/// Generates random cases for the real client, with the program that was built for it.
pub(crate) fn generate_cases() -> Result {
    run_program(".", &built("examples/conformance"), &["target/conformance.json", "300"])
}

/// Returns the files of tests, or only those whose names contain one of the arguments.
fn files(arguments: &[String]) -> Result<Vec<String>> {
    let mut files: Vec<String> = std::fs::read_dir(root().join("tests/browser"))
        .map_err(|error| format!("tests/browser cannot be read: {error}"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".test.mjs"))
        .filter(|name| arguments.is_empty() || arguments.iter().any(|part| name.contains(part.as_str())))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("no file of browser tests has a name that contains {arguments:?}"));
    }
    Ok(files)
}

impl Programs {
    /// Returns two commands that together run all tests. The second runs fewer: other tests run before it, beside the
    /// first.
    pub(crate) fn in_two(&self) -> Result<(Command, Command)> {
        let mut files = files(&[])?;
        let later = files.split_off(files.len() * 5 / 8);
        Ok((self.tests(&files), self.tests(&later)))
    }

    /// Returns the command that runs the tests in these files.
    fn tests(&self, files: &[String]) -> Command {
        // The files run one at a time, since a browser needs both cores.
        let mut node = command("tests/browser", "node", &["--test", "--test-concurrency=1"]);
        node.args(files).env("CHROMIUM", &self.chromium).env("FIREFOX", &self.firefox);
        node
    }
}
