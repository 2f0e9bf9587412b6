//! Extracts the programs from chapters of the guide, so that tests can run what readers copy.

use std::path::Path;
use std::{env, fs};

fn main() {
    // The last line of this program only builds the app for the reader.
    let login = snippets("16-authentication.md").next().expect("the chapter has a program");
    let (items, _) = login.rsplit_once("\nlet ").expect("the program ends with a statement");
    write("authentication.rs", items);
    // The tests of this chapter belong to one program.
    write("tests.rs", &snippets("18-tests.md").collect::<Vec<_>>().join("\n"));
}

/// Returns the Rust snippets of a chapter.
fn snippets(chapter: &str) -> impl Iterator<Item = String> {
    let chapter = Path::new("../../docs/guide").join(chapter);
    println!("cargo::rerun-if-changed={}", chapter.display());
    let text = fs::read_to_string(chapter).expect("the chapter can be read");
    let blocks: Vec<String> = text.split("```rust\n").skip(1).map(str::to_owned).collect();
    blocks.into_iter().map(|block| block.split("```").next().unwrap_or_default().to_owned())
}

fn write(name: &str, items: &str) {
    let out = env::var("OUT_DIR").expect("cargo sets `OUT_DIR`");
    fs::write(Path::new(&out).join(name), items).expect("the directory is writable");
}
