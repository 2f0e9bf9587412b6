//! Extracts the program from the chapter on authentication, so that a test can run what readers copy.

use std::path::Path;
use std::{env, fs};

fn main() {
    let chapter = Path::new("../../docs/guide/16-authentication.md");
    println!("cargo::rerun-if-changed={}", chapter.display());
    let text = fs::read_to_string(chapter).expect("the chapter can be read");
    let program =
        text.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the chapter has a program");
    // The last line only builds the app for the reader.
    let (items, _) = program.rsplit_once("\nlet ").expect("the program ends with a statement");
    let out = env::var("OUT_DIR").expect("cargo sets `OUT_DIR`");
    fs::write(Path::new(&out).join("authentication.rs"), items).expect("the directory is writable");
}
