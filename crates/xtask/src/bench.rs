//! The figures.

use crate::Result;
use crate::command::cargo;

/// Builds the benchmark for release and runs it; the arguments choose tables.
pub(crate) fn run(arguments: &[String]) -> Result {
    let mut cargo_arguments = vec!["run", "--quiet", "--release", "-p", "bench", "--"];
    cargo_arguments.extend(arguments.iter().map(String::as_str));
    cargo(&cargo_arguments)
}
