//! The project's own tasks: `cargo xtask test | client | e2e | cluster | bench | tidy | deny | package`.

mod bench;
mod client;
mod cluster;
mod command;
mod deny;
mod e2e;
mod install;
mod lane;
mod package;
mod runner;
mod test;
mod tidy;
mod wheel;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <task>

  test      run all tests: formatting, lints, Rust, client, bundle, tidy, browser
  client    build the browser client into the directory that the Rust crate embeds
  e2e       run only the browser tests, in a real Chromium and Firefox
  cluster   start three nodes of the gallery and a NATS server, to try them; Ctrl-C ends them
            (`cluster --chaos` runs the long failure tests: it kills leaders fifty times and counts losses)
  bench     run the benchmarks: bytes, sizes, round trips, broadcasts, memory (`bench --list` lists them);
            `bench broker` compares the broker alone with tokio's broadcast channel;
            `bench compile` compares the time to compile 2,000 lines of views with that of maud
  tidy      check the rules for the source tree
  deny      check the licenses, sources and known vulnerabilities of the dependencies
  package   build each published crate from its package
";

/// The result of a task. The error says what went wrong and what to do about it.
type Result<T = ()> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match task.as_str() {
        "test" => test::run(),
        "client" => client::build(),
        "e2e" => e2e::run(&rest),
        "cluster" => cluster::run(&rest),
        "bench" => bench::run(&rest),
        "tidy" => tidy::run(),
        "deny" => deny::check().map(|skipped| skipped.iter().for_each(|skipped| println!("Skipped: {skipped}."))),
        "package" => package::run(),
        // What cargo runs test programs through: not for people.
        "runner" => runner::run(&rest),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(format!("there is no task `{other}`\n\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}
