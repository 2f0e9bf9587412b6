//! Takes the programs of chapters out of them, so that tests can run what readers copy.

use std::path::Path;
use std::{env, fs};

fn main() {
    // The last line of this program is for the reader.
    let login = snippets("16-authentication.md").next().expect("the chapter has a program").to_owned();
    let (items, _) = login.rsplit_once("\nlet ").expect("it ends in a statement");
    write("authentication.rs", items);
    // The tests of this chapter belong to one program.
    write("tests.rs", &snippets("18-tests.md").collect::<Vec<_>>().join("\n"));
}

/// The Rust snippets of a chapter.
fn snippets(chapter: &str) -> impl Iterator<Item = String> {
    let chapter = Path::new("../../docs/guide").join(chapter);
    println!("cargo::rerun-if-changed={}", chapter.display());
    let text = fs::read_to_string(chapter).expect("the chapter is there");
    let blocks: Vec<String> = text.split("```rust\n").skip(1).map(str::to_owned).collect();
    blocks.into_iter().map(|block| block.split("```").next().unwrap_or_default().to_owned())
}

fn write(name: &str, items: &str) {
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join(name), items).expect("the directory is there");
}
