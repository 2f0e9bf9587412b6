//! Runs programs at the same time, without mixing their output.

use std::fs::File;
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::Result;
use crate::command::{announce, line, root};

/// Commands that run one after the other, at the same time as those of other lanes.
pub(crate) struct Lane {
    name: &'static str,
    commands: Vec<Command>,
}

impl Lane {
    /// Creates a lane without commands.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, commands: Vec::new() }
    }

    /// Adds `commands` to the end of the lane.
    pub(crate) fn then(mut self, commands: impl IntoIterator<Item = Command>) -> Self {
        self.commands.extend(commands);
        self
    }

    /// Runs the commands until one fails. Their output goes to a file first, and to the terminal when the lane ends.
    fn run(self) -> Result {
        let path = root().join("target").join(format!("{}.log", self.name.replace(' ', "-")));
        let started = Instant::now();
        let result = File::create(&path)
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))
            .and_then(|log| self.commands.into_iter().try_for_each(|command| run(command, &log)));
        let output = std::fs::read(&path).unwrap_or_default();
        let output = String::from_utf8_lossy(&output);
        println!("\n▸ {} ({} s)\n{output}", self.name, started.elapsed().as_secs());
        // Named once more at the end, since the output is long.
        result.map_err(|error| {
            let mut lines = vec![format!("{}: {error}", self.name)];
            lines.extend(failed_tests(&output).map(str::to_owned));
            lines.join("\n    ")
        })
    }
}

/// Runs a command.
fn run(mut command: Command, log: &File) -> Result {
    let line = line(&command);
    let status = log
        .try_clone()
        .and_then(|output| command.stdout(output).stderr(log.try_clone()?).status())
        .map_err(|error| format!("`{line}` cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}

/// Returns the lines in which `node --test` and `cargo test` name the tests that failed.
fn failed_tests(output: &str) -> impl Iterator<Item = &str> {
    output.lines().map(str::trim).filter(|line| line.starts_with("not ok ") || line.ends_with(" FAILED"))
}

/// Runs all lanes at the same time. Returns the errors of all of them.
pub(crate) fn run_lanes(lanes: Vec<Lane>) -> Result {
    let names: Vec<_> = lanes.iter().map(|lane| lane.name).collect();
    announce(&names.join(" and "));
    let failures: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = lanes.into_iter().map(|lane| scope.spawn(|| lane.run())).collect();
        running.into_iter().filter_map(|lane| lane.join().expect("a lane does not panic").err()).collect()
    });
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n  ")) }
}
