//! The packages that are published.

use crate::Result;
use crate::command::{cargo, output, root};

/// Returns the names of the published crates: all in `crates` except those whose manifest says `publish = false`.
pub(crate) fn published() -> Result<Vec<String>> {
    let cannot = |error: std::io::Error| format!("crates cannot be read: {error}");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("crates")).map_err(cannot)? {
        let directory = entry.map_err(cannot)?;
        let Ok(manifest) = std::fs::read_to_string(directory.path().join("Cargo.toml")) else { continue };
        if !manifest.contains("publish = false") {
            names.push(directory.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Returns the arguments `-p name` for each of the published crates.
pub(crate) fn arguments(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().flat_map(|name| ["-p", name])
}

/// Creates the packages, and builds each from its own contents. Cargo orders packages that depend on each other, and
/// takes them from a temporary registry below `target`, so they need not be published.
pub(crate) fn run() -> Result {
    check()?;
    let names = published()?;
    cargo(&["package", "--allow-dirty"].into_iter().chain(arguments(&names)).collect::<Vec<_>>())
}

/// Creates the packages without building them, and checks that each contains the files that it needs.
pub(crate) fn check() -> Result {
    let names = published()?;
    // Offline is enough: the workspace was built before, so cargo has all dependencies.
    let package = ["package", "--quiet", "--offline", "--allow-dirty", "--no-verify"];
    cargo(&package.into_iter().chain(arguments(&names)).collect::<Vec<_>>())?;
    let mut problems = Vec::new();
    for name in &names {
        let packaged = lines("cargo", &["package", "--list", "--quiet", "--allow-dirty", "-p", name])?;
        let mut expected: Vec<String> = ["README.md", "LICENSE-MIT", "LICENSE-APACHE"].map(Into::into).into();
        let directory = root().join("crates").join(name);
        let tracked = lines("git", &["-C", &directory.to_string_lossy(), "ls-files", "src", "assets"])?;
        expected.extend(tracked.into_iter().filter(|path| directory.join(path).exists()));
        if name == "lanai" {
            let guide = lines("git", &["-C", &root().to_string_lossy(), "ls-files", "docs/guide"])?;
            expected.extend(guide.into_iter().filter(|path| root().join(path).exists()));
        }
        let missing = expected.iter().filter(|path| !packaged.contains(path));
        problems.extend(missing.map(|path| format!("the package {name} has no {path}")));
        let tests = packaged.iter().filter(|path| path.starts_with("tests/") || path.starts_with("benches/"));
        problems.extend(
            tests.map(|path| format!("the package {name} has {path}, which its users do not need: exclude it")),
        );
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n  ")) }
}

fn lines(program: &str, arguments: &[&str]) -> Result<Vec<String>> {
    let text = output(program, arguments).ok_or_else(|| format!("`{program} {}` failed", arguments.join(" ")))?;
    // Cargo prints paths with the separators of the platform.
    Ok(text.lines().map(|line| line.replace('\\', "/")).collect())
}
