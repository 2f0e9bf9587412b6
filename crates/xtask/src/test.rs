//! Every test there is, the cheap ones first. Those of several nodes run twice: with the oldest NATS server that is
//! supported, if that is the one installed, and with a current one.

use crate::Result;
use crate::command::{cargo, cargo_with};
use crate::install::{current_nats_server, nats_server};
use crate::{client, deny, e2e, package, tidy};

/// Runs them all.
pub(crate) fn run() -> Result {
    cargo(&["fmt", "--all", "--check"])?;
    tidy::run()?;
    let denied = deny::check()?;
    client::check()?;
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    package::check()?;
    let nats_server = nats_server()?;
    cargo_with(&["test", "--quiet", "--workspace"], &[("NATS_SERVER", &nats_server)])?;
    let current = current_nats_server()?;
    if let Ok(server) = &current {
        cargo_with(&["test", "--quiet", "-p", "cluster"], &[("NATS_SERVER", server)])?;
    }
    documentation()?;
    e2e::run(&[])?;
    println!("\nAll tests passed.");
    if let Some(skipped) = denied {
        println!("Skipped: {skipped}.");
    }
    if let Err(reason) = current {
        println!(
            "Skipped: the tests of several nodes with a current NATS server. {reason}. To run them, set NATS_SERVER_CURRENT to the path of \
             one (https://nats.io/download)."
        );
    }
    Ok(())
}

/// Links and examples of the documentation, of the crates that users read.
fn documentation() -> Result {
    let names = package::published()?;
    let arguments: Vec<&str> = ["doc", "--quiet", "--no-deps"].into_iter().chain(package::arguments(&names)).collect();
    cargo_with(&arguments, &[("RUSTDOCFLAGS", "--deny warnings")])
}
