//! Which test programs one `cargo test` runs.
//!
//! `cargo test -p one` and `cargo test --workspace` choose other features for what the packages share, and so build it
//! twice. Here cargo always takes the whole workspace, and runs each program through this one, which leaves some out.

use std::env;
use std::process::Command;

use crate::Result;
use crate::command::{cargo_command, output, root};

/// The package whose tests start several nodes, from the top of the tree.
const NODES: &str = "tests/cluster";

/// Some of the test programs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tests {
    /// Those of several nodes.
    Nodes,
    /// All others, and those in the documentation.
    Others,
}

impl Tests {
    /// The command that runs them.
    pub(crate) fn command(self) -> Result<Command> {
        let version = output("rustc", &["--version", "--verbose"]).ok_or("`rustc --version` failed")?;
        let host =
            version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc does not name its host")?;
        let program =
            env::current_exe().map_err(|error| format!("the path of this program cannot be found: {error}"))?;
        let (targets, name) = match self {
            Tests::Nodes => (&["--tests"][..], "nodes"),
            Tests::Others => (&[][..], "others"),
        };
        let mut command = cargo_command(&[&["test", "--quiet", "--workspace"], targets].concat());
        let variable = format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace(['-', '.'], "_"));
        command.env(variable, format!("{} runner {name}", program.display()));
        Ok(command)
    }
}

/// Runs a test program with its arguments, unless it is one of those to leave out. Cargo calls this in the program's
/// package.
pub(crate) fn run(arguments: &[String]) -> Result {
    let [name, program, arguments @ ..] = arguments else { return Err("cargo calls `cargo xtask runner`".into()) };
    let directory = env::current_dir().map_err(|error| format!("the working directory is not there: {error}"))?;
    let is_of_nodes = directory == root().join(NODES);
    if is_of_nodes != (name == "nodes") {
        return Ok(());
    }
    let status = Command::new(program)
        .args(arguments)
        .status()
        .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program}` failed ({status})")) }
}
