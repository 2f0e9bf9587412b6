//! The browser client.

use crate::Result;
use crate::command::run;
use crate::install::npm_packages;

/// Builds the bundle that is committed in `crates/lanai/assets`.
pub(crate) fn build() -> Result {
    npm_packages("client-js")?;
    run("client-js", "npm", &["run", "--silent", "build"])
}

/// Checks the client's types, runs its unit tests, and checks that the committed bundle is current and small enough.
pub(crate) fn check() -> Result {
    npm_packages("client-js")?;
    for script in ["check", "test", "current"] {
        run("client-js", "npm", &["run", "--silent", script])?;
    }
    Ok(())
}
