//! Checks the documents: the tests that they name exist, and their links lead somewhere.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()))
}

/// Returns the code spans of a line: the text between runs of backticks of equal length, without the space that
/// separates inner backticks from the run.
fn code_spans(line: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = &rest[start..start + ticks];
        let Some(end) = rest[start + ticks..].find(fence) else { break };
        spans.push(rest[start + ticks..start + ticks + end].trim());
        rest = &rest[start + ticks + end + ticks..];
    }
    spans
}

/// Checks that the tests exist which a line of the form "- `file`: `test`, `test`" names, and returns their number.
fn look_up(line: &str, problems: &mut Vec<String>) -> usize {
    let spans = code_spans(line);
    let (file, tests) = spans.split_first().expect("the line starts with a code span");
    let source = read(file);
    for test in tests.iter().filter(|test| !source.contains(*test)) {
        problems.push(format!("{file} has no `{test}`"));
    }
    tests.len()
}

/// Each table of guarantees is followed by the tests that verify them.
#[test]
fn named_tests_of_guarantees_exist() {
    let document = read("docs/GUARANTEES.md");
    let (mut problems, mut named) = (Vec::new(), 0);
    for section in document.split("\n## ").skip(1) {
        let tests: Vec<&str> = section.lines().filter(|line| line.starts_with("- `tests/")).collect();
        if tests.is_empty() {
            problems.push(format!("no test is named for: {}", section.lines().next().unwrap_or_default()));
        }
        named += tests.iter().map(|line| look_up(line, &mut problems)).sum::<usize>();
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(named > 30, "only {named} tests were found in the document: has its form changed?");
}

/// Each invariant is followed by lines of the form "- `file`: `test`, `test`".
#[test]
fn named_tests_exist() {
    let document = read("docs/ARCHITECTURE.md");
    let (_, section) = document.split_once("\n## Invariants\n").expect("there is a section of invariants");
    let (section, _) = section.split_once("\n## ").expect("another section follows");
    let mut problems = Vec::new();
    let mut named = 0;
    let mut lines = section.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("- ") {
            // Skips the rest of the sentence.
            while lines.peek().is_some_and(|next| next.starts_with("  ") && !next.starts_with("  - ")) {
                lines.next();
            }
            if !lines.peek().is_some_and(|next| next.starts_with("  - `")) {
                problems.push(format!("no test is named for: {line}"));
            }
        } else if line.starts_with("  - `") {
            named += look_up(line, &mut problems);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(named > 50, "only {named} tests were found in the document: has its form changed?");
}

#[test]
fn links_lead_somewhere() {
    let mut documents: Vec<String> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "client-js/README.md"].map(Into::into).into();
    for directory in ["docs", "docs/guide"] {
        let entries = std::fs::read_dir(root().join(directory)).expect("the directory is there");
        let names =
            entries.map(|entry| entry.expect("it can be read").file_name().into_string().expect("a plain name"));
        documents.extend(names.filter(|name| name.ends_with(".md")).map(|name| format!("{directory}/{name}")));
    }
    let mut problems = Vec::new();
    for document in &documents {
        let text = read(document);
        let directory = root().join(document).parent().expect("a file is in a directory").to_path_buf();
        for (start, _) in text.match_indices("](") {
            let target = text[start + 2..].split(')').next().unwrap_or_default();
            if target.starts_with("https://") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { root().join(document) } else { directory.join(path) };
            if !file.exists() {
                problems.push(format!("{document}: there is no {target}"));
            } else if !anchor.is_empty() {
                let headings = std::fs::read_to_string(&file).unwrap_or_default();
                let slug = |heading: &str| {
                    heading.trim_start_matches('#').trim().to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-")
                };
                if !headings.lines().any(|line| line.starts_with('#') && slug(line) == anchor) {
                    problems.push(format!("{document}: {path} has no heading #{anchor}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns the files of the chapters, ordered by number.
fn chapters() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("docs/guide")).expect("the directory is there");
    let names = entries.map(|entry| entry.expect("it can be read").file_name().into_string().expect("a plain name"));
    let mut chapters: Vec<String> = names.filter(|name| name.ends_with(".md") && name != "README.md").collect();
    chapters.sort();
    chapters
}

/// Each chapter has a file, a line in the index, a module in `lanai::guide`, and a module here that compiles its
/// snippets.
#[test]
fn every_chapter_is_in_the_index_in_rustdoc_and_in_the_tests() {
    let documents = [
        ("docs/guide/README.md", "]("),
        ("crates/lanai/src/guide.rs", "docs/guide/"),
        ("tests/guide/src/lib.rs", "/docs/guide/"),
    ];
    let mut problems = Vec::new();
    for (document, before) in documents {
        let text = read(document);
        let missing = chapters().into_iter().filter(|chapter| !text.contains(&format!("{before}{chapter}")));
        problems.extend(missing.map(|chapter| format!("{document} does not mention {chapter}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
