//! The project's own chores: `cargo xtask test | client | e2e | cluster | bench | tidy | deny | package`.

mod bench;
mod client;
mod cluster;
mod command;
mod deny;
mod e2e;
mod install;
mod lane;
mod package;
mod test;
mod tidy;
mod wheel;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <chore>

  test      every test there is: formatting, lints, Rust, client, bundle, tidy, browser
  client    build the browser client and put it where the Rust side embeds it
  e2e       the browser tests alone, in a real Chromium
  cluster   three nodes of the gallery and a NATS server, to try; Ctrl-C ends them
            (`cluster --chaos` instead kills leaders fifty times, and says what was lost: nothing)
  bench     the figures: bytes, sizes, round trips, broadcasts, memory (`bench --list` names them);
            `bench broker` is the broker alone, beside tokio's broadcast channel
  tidy      what must change together has changed together
  deny      licenses, sources and known vulnerabilities of the dependencies
  package   builds each published crate from its package
";

/// What a chore comes to: nothing, or what went wrong and what to do about it.
type Result<T = ()> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match chore.as_str() {
        "test" => test::run(),
        "client" => client::build(),
        "e2e" => e2e::run(&rest),
        "cluster" => cluster::run(&rest),
        "bench" => bench::run(&rest),
        "tidy" => tidy::run(),
        "deny" => deny::check().map(|skipped| skipped.iter().for_each(|skipped| println!("Skipped: {skipped}."))),
        "package" => package::run(),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(format!("there is no chore `{other}`\n\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}
