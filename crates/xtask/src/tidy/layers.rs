//! Checks which modules of a crate import which. A module may import those of its own layer and of lower layers.
//!
//! `docs/ARCHITECTURE.md` shows the layers, and describes what each contains.

use std::path::Path;

use crate::Result;
use crate::command::root;

/// A layer: its name, and its modules.
type Layer = (&'static str, &'static [&'static str]);

/// The crates with layers, from the lowest layer to the highest. The root of a crate may import all.
const CRATES: [(&str, &[Layer]); 2] = [
    (
        "lanai-core",
        &[
            (
                "ground",
                &["hash", "escape", "style", "url", "nesting", "raw", "frozen_html", "streamed_text", "template"],
            ),
            ("renderings and the wire", &["nested", "tape", "html", "live_list", "protocol"]),
            ("what a page shows", &["baseline"]),
            ("comparing", &["diff", "first"]),
        ],
    ),
    (
        "lanai",
        &[
            (
                "ground",
                &[
                    "assets",
                    "authority",
                    "called",
                    "close_reason",
                    "error",
                    "error_page",
                    "event",
                    "flash",
                    "limits",
                    "location",
                    "log",
                    "notify",
                    "panic",
                    "stall",
                    "visitors",
                ],
            ),
            ("page", &["page"]),
            ("instance", &["instance"]),
            ("connection", &["connection"]),
            (
                "views",
                &[
                    "browser",
                    "channel",
                    "cx",
                    "form",
                    "handler",
                    "html",
                    "js",
                    "live_list",
                    "loadable",
                    "macro_support",
                    "message",
                    "mount",
                    "mounted",
                    "navigation",
                    "nested",
                    "presence",
                    "replicated",
                    "task",
                    "upload",
                    "view",
                    "virtual_list",
                ],
            ),
            (
                "server",
                &[
                    "base",
                    "document",
                    "download",
                    "error_response",
                    "files",
                    "flow",
                    "gate",
                    "handle",
                    "hosts",
                    "live",
                    "live_navigation",
                    "origin",
                    "proxy",
                    "receive",
                    "redirect",
                    "route",
                    "server",
                    "sessions",
                    "sticky",
                    "socket",
                ],
            ),
            ("program", &["app", "guide", "serve"]),
        ],
    ),
];

/// Checks all crates with layers.
pub(super) fn check(problems: &mut Vec<String>) -> Result {
    for (name, layers) in CRATES {
        let sources = format!("crates/{name}/src");
        for file in rust_files(&root().join(&sources))? {
            let Some(module) = module_of(&file) else { continue };
            let path = format!("{sources}/{file}");
            let text = std::fs::read_to_string(root().join(&path)).map_err(|error| format!("{path}: {error}"))?;
            problems.extend(problems_in(layers, module, &text).into_iter().map(|problem| format!("{path}: {problem}")));
        }
    }
    Ok(())
}

/// Returns the Rust files below a directory, with paths relative to it.
fn rust_files(directory: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        let entries = std::fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| format!("{}: {error}", next.display()))?.path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && let Ok(file) = path.strip_prefix(directory)
            {
                files.push(file.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Returns the top-level module that a file belongs to, or `None` for the crate's root.
fn module_of(file: &str) -> Option<&str> {
    let module = file.split('/').next()?.trim_end_matches(".rs");
    (module != "lib").then_some(module)
}

fn layer_of(layers: &[Layer], module: &str) -> Option<usize> {
    layers.iter().position(|(_, modules)| modules.contains(&module))
}

/// Returns the problems with the imports of a file of `module`.
fn problems_in(layers: &[Layer], module: &str, text: &str) -> Vec<String> {
    let Some(own) = layer_of(layers, module) else {
        return vec![format!("the module `{module}` has no layer: add it in crates/xtask/src/tidy/layers.rs")];
    };
    let mut problems = Vec::new();
    for imported in imports(text) {
        // A name that is not a module is an item that the crate's root re-exports.
        if let Some(layer) = layer_of(layers, &imported)
            && layer > own
        {
            problems.push(format!(
                "`{module}` (layer \"{}\") imports `{imported}` (layer \"{}\"), which is above it: \
                 move what it needs down, or what needs it up",
                layers[own].0, layers[layer].0
            ));
        }
    }
    problems
}

/// Returns the first segment of each path that starts at the crate's root, without duplicates. Comments and the tests
/// at the end of a file are ignored.
fn imports(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let is_whole = !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        if is_whole {
            found.extend(first_segments(&code[at + "crate::".len()..]));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Returns the first segments after `crate::`: one, or those of a group in braces.
fn first_segments(text: &str) -> Vec<String> {
    let identifier = |text: &str| -> String {
        text.trim_start().chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
    };
    let Some(group) = text.strip_prefix('{') else { return vec![identifier(text)] };
    let (mut depth, mut segments, mut start) = (1, Vec::new(), 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || depth == 1 && character == ',' {
            segments.push(identifier(&group[start..at]));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    segments.retain(|segment| !segment.is_empty());
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYERS: &[Layer] = &[("low", &["a", "b"]), ("high", &["c"])];

    #[test]
    fn imports_are_found_wherever_they_stand() {
        let text = "use crate::a::{X, Y};\n\
                    use crate::{b, c::{self, d}};\n\
                    /// See [`crate::comment`].\n\
                    fn f() -> crate::e::Z { $crate::g!() }\n\
                    use other_crate::h;\n\
                    #[cfg(test)]\nmod tests {\n    use crate::test;\n}\n";
        assert_eq!(imports(text), ["a", "b", "c", "e", "g"]);
    }

    #[test]
    fn a_module_imports_its_own_layer_and_those_below() {
        assert!(problems_in(LAYERS, "a", "use crate::b::X;").is_empty());
        assert!(problems_in(LAYERS, "c", "use crate::{a, b};").is_empty());
        assert!(problems_in(LAYERS, "a", "use crate::Reexported;").is_empty());
        let problems = problems_in(LAYERS, "a", "use crate::c::X;");
        assert!(problems[0].contains("`a` (layer \"low\") imports `c` (layer \"high\")"), "{problems:?}");
        assert!(problems_in(LAYERS, "new", "")[0].contains("has no layer"));
    }

    #[test]
    fn the_root_of_a_crate_has_no_layer() {
        assert_eq!(module_of("lib.rs"), None);
        assert_eq!(module_of("page/mod.rs"), Some("page"));
        assert_eq!(module_of("page.rs"), Some("page"));
    }
}
