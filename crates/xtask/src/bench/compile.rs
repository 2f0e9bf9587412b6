//! How long a crate of 2,000 lines of views takes to compile after an edit of one line, next to the same markup in maud.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::Result;
use crate::command::{root, run_with};

/// With 20 lines each, 2,000 lines.
const VIEWS: usize = 100;
/// How many edits are measured. The median counts.
const EDITS: usize = 5;

/// Prints the table.
pub(super) fn run() -> Result {
    let directory = root().join("target/bench-compile");
    let lanai = Generated::new(&directory, "lanai-views", "lanai", lanai_view)?;
    let maud = Generated::new(&directory, "maud-views", "maud", maud_view)?;
    let mut rows = Vec::new();
    for command in ["check", "build"] {
        let [ours, peer] = [lanai.median(command)?, maud.median(command)?];
        rows.push((command, ours, peer));
    }
    println!("\n{:<40}{:>12}{:>12}{:>8}", "2,000 lines, one edited", "Lanai", "maud", "ratio");
    for (command, ours, peer) in rows {
        let ratio = ours.as_secs_f64() / peer.as_secs_f64();
        println!("{:<40}{:>9} ms{:>9} ms{ratio:>8.2}", format!("cargo {command}"), ours.as_millis(), peer.as_millis());
    }
    Ok(())
}

/// A crate that was generated to be compiled.
struct Generated {
    directory: PathBuf,
    view: fn(usize, usize) -> String,
}

impl Generated {
    fn new(parent: &Path, name: &str, dependency: &str, view: fn(usize, usize) -> String) -> Result<Self> {
        let directory = parent.join(name);
        let dependency = match dependency {
            "maud" => "maud = \"0.27\"".to_owned(),
            _ => format!("lanai = {{ path = {:?} }}", root().join("crates/lanai")),
        };
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n\n[workspace]\n"
        );
        write(&directory.join("Cargo.toml"), &manifest)?;
        // The same versions as in this workspace, whatever has been published since.
        fs::copy(root().join("Cargo.lock"), directory.join("Cargo.lock")).map_err(|error| error.to_string())?;
        Ok(Self { directory, view })
    }

    /// Compiles once, then after each edit, and returns the median of the latter.
    fn median(&self, command: &str) -> Result<Duration> {
        let mut times = Vec::new();
        for edit in 0..=EDITS {
            self.write_source(edit)?;
            let start = Instant::now();
            self.cargo(command)?;
            if edit > 0 {
                times.push(start.elapsed());
            }
        }
        times.sort();
        Ok(times[EDITS / 2])
    }

    /// Writes the crate, with the line that `edit` changes in the middle.
    fn write_source(&self, edit: usize) -> Result {
        let mut source = String::from("#![allow(missing_docs)]\n");
        for number in 0..VIEWS {
            source += &(self.view)(number, if number == VIEWS / 2 { edit } else { 0 });
        }
        write(&self.directory.join("src/lib.rs"), &source)
    }

    fn cargo(&self, command: &str) -> Result {
        let target = root().join("target/bench-compile/target");
        let target = target.to_str().ok_or("the path of the workspace is not UTF-8")?;
        run_with(
            self.directory.strip_prefix(root()).expect("it is below the root").to_str().unwrap_or_default(),
            "cargo",
            &[command, "--quiet"],
            &[("CARGO_TARGET_DIR", target)],
        )
    }
}

fn write(path: &Path, text: &str) -> Result {
    let parent = path.parent().expect("a file has a parent");
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// A view in 20 lines: a form, a condition, a list, three handlers.
fn lanai_view(number: usize, edit: usize) -> String {
    let mut view = String::new();
    write!(
        view,
        r##"
pub mod view{number} {{
    use lanai::prelude::*;
    pub struct Page {{ pub name: String, pub rows: Vec<(u64, String)>, pub open: bool }}
    impl Page {{
        pub fn toggle(&mut self) {{ self.open = !self.open; }}
        pub fn rename(&mut self, Value(name): Value<String>) {{ self.name = name; }}
    }}
    impl View for Page {{
        fn render(&self) -> Html<Self> {{ html! {{
            h1 class="title" {{ "Edit {edit} of " (self.name) }}
            input name="name" value=(self.name) oninput=(Self::rename);
            @if self.open {{ p {{ "There are " (self.rows.len()) " rows." }} }}
            ul {{ @for (id, text) in &self.rows {{
                li key=(id) id={{ "row" (id) }} {{ (text) button onclick=(move |page: &mut Self| page.rows.clear()) {{ "×" }} }}
            }} }}
            button class={{ "more" }} onclick=(Self::toggle) {{ "Toggle" }}
        }} }}
    }}
}}
"##
    )
    .expect("writing to a string cannot fail");
    view
}

/// The same markup in maud, where nothing handles events.
fn maud_view(number: usize, edit: usize) -> String {
    let mut view = String::new();
    write!(
        view,
        r##"
pub mod view{number} {{
    use maud::{{Markup, html}};
    pub struct Page {{ pub name: String, pub rows: Vec<(u64, String)>, pub open: bool }}
    impl Page {{
        pub fn toggle(&mut self) {{ self.open = !self.open; }}
        pub fn rename(&mut self, name: String) {{ self.name = name; }}
    }}
    impl Page {{
        pub fn render(&self) -> Markup {{ html! {{
            h1 class="title" {{ "Edit {edit} of " (self.name) }}
            input name="name" value=(self.name);
            @if self.open {{ p {{ "There are " (self.rows.len()) " rows." }} }}
            ul {{ @for (id, text) in &self.rows {{
                li id={{ "row" (id) }} {{ (text) button {{ "×" }} }}
            }} }}
            button class={{ "more" }} {{ "Toggle" }}
        }} }}
    }}
}}
"##
    )
    .expect("writing to a string cannot fail");
    view
}
