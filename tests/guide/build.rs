//! Takes the program of the chapter on authentication out of it, so that a test can run what readers copy.

use std::path::Path;
use std::{env, fs};

fn main() {
    let chapter = Path::new("../../docs/guide/16-authentication.md");
    println!("cargo::rerun-if-changed={}", chapter.display());
    let text = fs::read_to_string(chapter).expect("the chapter is there");
    let program = text.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it has a program");
    // The last line is for the reader.
    let (items, _) = program.rsplit_once("\nlet ").expect("it ends in a statement");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("authentication.rs"), items).expect("the directory is there");
}
