//! Rules for the source tree: files that must change together, dependencies, and code that must not be committed.

mod layers;

use std::path::Path;

use crate::Result;
use crate::command::{output, root};

/// The three descriptions of the protocol. They have one version, and if one of them changes, so must the others. The
/// first is a directory.
const PROTOCOL: [&str; 3] = ["crates/lanai-core/src/protocol", "client-js/src/protocol.ts", "docs/PROTOCOL.md"];

/// The file that contains the fingerprint of the three.
const FINGERPRINT: &str = "docs/protocol.fingerprint";

/// Checks the tree. With `LANAI_BLESS=1`, the three files of the protocol are recorded as being in agreement.
pub(crate) fn run() -> Result {
    println!("\n▸ tidy");
    let mut problems = Vec::new();
    protocol(&mut problems)?;
    core_stays_pure(&mut problems)?;
    layers::check(&mut problems)?;
    sources(&mut problems)?;
    if problems.is_empty() { Ok(()) } else { Err(format!("the tree is not tidy:\n  {}", problems.join("\n  "))) }
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).map_err(|error| format!("{path} cannot be read: {error}"))
}

/// Returns the text of a file, or the texts of all files in a directory, in the order of their names.
fn read_all(path: &str) -> Result<String> {
    let directory = root().join(path);
    if !directory.is_dir() {
        return read(path);
    }
    let entries = std::fs::read_dir(&directory).map_err(|error| format!("{path} cannot be read: {error}"))?;
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(|error| format!("{path} cannot be read: {error}"))?;
    names.sort();
    names.iter().map(|name| read(&format!("{path}/{name}"))).collect()
}

fn protocol(problems: &mut Vec<String>) -> Result {
    let texts = PROTOCOL.iter().map(|path| read_all(path)).collect::<Result<Vec<_>>>()?;
    let versions = [
        between(&texts[0], "pub const VERSION: u32 = ", ";"),
        between(&texts[1], "export const VERSION = ", ";"),
        between(&texts[2], "**protocol version: ", "**"),
    ];
    if versions[0].is_none() || versions.iter().any(|version| *version != versions[0]) {
        problems
            .push(format!("the protocol's version differs: {:?}", PROTOCOL.iter().zip(versions).collect::<Vec<_>>()));
    }
    let fingerprint =
        texts.iter().zip(PROTOCOL).map(|(text, path)| format!("{:016x} {path}\n", fnv1a(text))).collect::<String>();
    if std::env::var_os("LANAI_BLESS").is_some() {
        std::fs::write(root().join(FINGERPRINT), fingerprint).map_err(|error| format!("{FINGERPRINT}: {error}"))?;
    } else if read(FINGERPRINT).unwrap_or_default() != fingerprint {
        problems.push(format!(
            "{} have changed: see that they still agree, then run `LANAI_BLESS=1 cargo xtask tidy`",
            PROTOCOL.join(", ")
        ));
    }
    Ok(())
}

/// Checks that `lanai-core` does not depend on tokio, axum or views, and that the broker does not depend on axum or
/// views.
fn core_stays_pure(problems: &mut Vec<String>) -> Result {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    for (package, forbidden) in
        [("lanai-core", &["tokio", "axum", "lanai"][..]), ("lanai-pubsub", &["axum", "lanai", "lanai-core"][..])]
    {
        let tree = output(&cargo, &["tree", "--edges", "normal", "--prefix", "none", "--package", package])
            .ok_or_else(|| format!("`cargo tree --package {package}` failed"))?;
        for name in tree.lines().filter_map(|line| line.split(' ').next()) {
            if forbidden.contains(&name) {
                problems.push(format!("{package} depends on {name}"));
            }
        }
    }
    Ok(())
}

/// Checks that no test is disabled and no code is unfinished.
fn sources(problems: &mut Vec<String>) -> Result {
    let files =
        output("git", &["-C", &root().to_string_lossy(), "ls-files", "--cached", "--others", "--exclude-standard"])
            .ok_or("`git ls-files` failed")?;
    let signs = ["todo!(", "unimplemented!(", "FIXME", "#[ignore", "test.only(", "test.skip("];
    for path in files.lines().filter(|path| path.ends_with(".rs") || path.ends_with(".ts") || path.ends_with(".mjs")) {
        if Path::new(path).ends_with("xtask/src/tidy.rs") {
            continue;
        }
        let Ok(text) = read(path) else { continue };
        for sign in signs {
            if let Some(line) = text.lines().position(|line| line.contains(sign)) {
                problems.push(format!("{path}:{}: {sign}", line + 1));
            }
        }
    }
    Ok(())
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let start = text.find(before)? + before.len();
    let end = text[start..].find(after)? + start;
    Some(&text[start..end])
}

/// [FNV-1a](http://www.isthe.com/chongo/tech/comp/fnv/).
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
