//! Every test there is, the cheap ones first.

use crate::Result;
use crate::command::{cargo, cargo_with};
use crate::install::nats_server;
use crate::{client, e2e, tidy};

/// Runs them all.
pub(crate) fn run() -> Result {
    cargo(&["fmt", "--all", "--check"])?;
    tidy::run()?;
    client::check()?;
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    let nats_server = nats_server()?;
    cargo_with(&["test", "--quiet", "--workspace"], &[("NATS_SERVER", &nats_server)])?;
    documentation()?;
    e2e::run(&[])?;
    println!("\nAll tests passed.");
    Ok(())
}

/// Links and examples of the documentation, of the crates that users read.
fn documentation() -> Result {
    let mut arguments = vec!["doc", "--quiet", "--no-deps"];
    arguments.extend([
        "-p",
        "lanai",
        "-p",
        "lanai-core",
        "-p",
        "lanai-pubsub",
        "-p",
        "lanai-macros",
        "-p",
        "lanai-nats",
    ]);
    cargo_with(&arguments, &[("RUSTDOCFLAGS", "--deny warnings")])
}
