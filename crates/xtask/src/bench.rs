//! The benchmarks.

mod compile;

use crate::Result;
use crate::command::{cargo, run_with};
use crate::install::{chromium, nicegui, npm_packages};

/// The table that is a separate benchmark of `lanai-pubsub`, since it needs neither a server nor a page.
const BROKER: &str = "broker";
/// The tables that are measured in a browser.
const IN_BROWSER: [&str; 5] = [ANSWERS, "loads", "navigation", "rows", "uploads"];
/// The table that has a peer in Python.
const ANSWERS: &str = "answers";
/// The table of compile times. It takes minutes, so only an argument selects it.
const COMPILE: &str = "compile";

/// Builds the benchmarks in release mode and runs them. The arguments select tables.
pub(crate) fn run(arguments: &[String]) -> Result {
    if arguments == [COMPILE] {
        return compile::run();
    }
    if let [table] = arguments
        && IN_BROWSER.contains(&table.as_str())
    {
        return in_browser(table);
    }
    let (broker, others): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|argument| *argument == BROKER);
    if !others.is_empty() || broker.is_empty() {
        let mut cargo_arguments = vec!["run", "--quiet", "--release", "-p", "bench", "--"];
        cargo_arguments.extend(&others);
        cargo(&cargo_arguments)?;
    }
    if !broker.is_empty() || arguments.is_empty() {
        cargo(&["bench", "--quiet", "-p", "lanai-pubsub", "--bench", "fan_out"])?;
    }
    Ok(())
}

/// Measures a table in Chromium.
fn in_browser(table: &str) -> Result {
    npm_packages("tests/browser")?;
    let chromium = chromium()?;
    cargo(&["build", "--quiet", "--release", "-p", "pages", "-p", "gallery"])?;
    let mut environment = vec![("CHROMIUM", chromium.as_str()), ("LANAI_PROFILE", "release")];
    let peer = if table == ANSWERS { nicegui()? } else { None };
    environment.extend(peer.as_deref().map(|path| ("NICEGUI", path)));
    run_with("tests/browser", "node", &[&format!("bench/{table}.mjs")], &environment)
}
