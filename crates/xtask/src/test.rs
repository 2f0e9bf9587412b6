//! Every test there is, the cheap ones first.

use crate::Result;
use crate::command::cargo;
use crate::{client, e2e, tidy};

/// Runs them all.
pub(crate) fn run() -> Result {
    cargo(&["fmt", "--all", "--check"])?;
    tidy::run()?;
    client::check()?;
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    cargo(&["test", "--quiet", "--workspace"])?;
    e2e::run(&[])?;
    println!("\nAll tests passed.");
    Ok(())
}
