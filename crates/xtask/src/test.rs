//! All tests, the cheap ones first.
//!
//! The Rust tests and the browser tests run at the same time, in lanes, because both spend much of their time waiting.
//! The tests of several nodes run after them: they suspend servers, and measure what is sent again. They run twice, at
//! the same time, since they mostly wait: with the installed NATS server, which on Debian is the oldest supported one,
//! and with a current one.

use std::process::Command;
use std::time::Instant;

use crate::Result;
use crate::command::{cargo, cargo_command};
use crate::install::{current_nats_server, nats_server};
use crate::lane::{Lane, run_lanes};
use crate::runner::Tests;
use crate::{client, deny, e2e, package, tidy};

/// Runs all tests.
pub(crate) fn run() -> Result {
    let started = Instant::now();
    cargo(&["fmt", "--all", "--check"])?;
    tidy::run()?;
    let denied = deny::check()?;
    client::check()?;
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    let nats_server = nats_server()?;
    let current = current_nats_server()?;
    let browsers = e2e::install()?;
    // All at once: to build a program alone would choose other features for what it shares with the tests, and so build
    // that again.
    cargo(&["build", "--quiet", "--workspace", "--bins", "--examples", "--tests"])?;
    e2e::generate_cases()?;
    let (browser_tests, later) = browsers.in_two()?;

    run_lanes(vec![
        Lane::new("browser tests").then([browser_tests]),
        Lane::new("Rust tests and the other browser tests").then([Tests::Others.command()?, documentation()?, later]),
    ])?;
    let mut nodes = vec![Lane::new("tests of several nodes").then([several_nodes(&nats_server)?])];
    if let Ok(current) = &current {
        nodes.push(Lane::new("tests of several nodes with a current server").then([several_nodes(current)?]));
    }
    run_lanes(nodes)?;
    package::check()?;

    println!("\nAll tests passed, in {} s.", started.elapsed().as_secs());
    if let Some(skipped) = denied {
        println!("Skipped: {skipped}.");
    }
    if let Err(reason) = current {
        println!(
            "Skipped: the tests of several nodes with a current NATS server. {reason}. \
             To run them, set NATS_SERVER_CURRENT to the path of one (https://nats.io/download)."
        );
    }
    Ok(())
}

/// The tests of several nodes, with a NATS server.
fn several_nodes(nats_server: &str) -> Result<Command> {
    let mut command = Tests::Nodes.command()?;
    command.env("NATS_SERVER", nats_server);
    Ok(command)
}

/// Checks the links and examples in the documentation of the published crates.
fn documentation() -> Result<Command> {
    let names = package::published()?;
    let arguments: Vec<&str> = ["doc", "--quiet", "--no-deps"].into_iter().chain(package::arguments(&names)).collect();
    let mut command = cargo_command(&arguments);
    command.env("RUSTDOCFLAGS", "--deny warnings");
    Ok(command)
}
