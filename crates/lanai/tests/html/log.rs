//! [`Log`]: what is written is what is shown.

use std::fmt::Write as _;

use lanai::Log;
use lanai::prelude::*;

struct Page(Log);

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { (self.0) }
    }
}

fn written(write: impl FnOnce(&mut Log)) -> Vec<String> {
    let mut log = Log::new("A log");
    write(&mut log);
    log.lines().map(str::to_owned).collect()
}

#[test]
fn a_text_is_as_many_lines_as_it_has() {
    let of = |text: &str| written(|log| log.write_line(text));
    assert_eq!(of("one"), ["one"]);
    assert_eq!(of("one\n"), ["one"]);
    assert_eq!(of(""), [""]);
    assert_eq!(of("one\r\ntwo\n\nfour"), ["one", "two", "", "four"]);
}

#[test]
fn pieces_are_put_together() {
    let lines = written(|log| {
        write!(log, "a").unwrap();
        writeln!(log, "b").unwrap();
        write!(log, "c\r\nd").unwrap();
        write!(log, "e\r").unwrap();
        writeln!(log).unwrap();
        write!(log, "f").unwrap();
        // A line of its own.
        log.write_line("g");
        write!(log, "h").unwrap();
    });
    assert_eq!(lines, ["ab", "c", "de", "f", "g", "h"]);
}

#[test]
fn only_the_last_lines_are_kept() {
    let mut log = Log::new("A log").limit(3);
    (0..10).for_each(|line| log.write_line(line.to_string()));
    assert_eq!(log.lines().collect::<Vec<_>>(), ["7", "8", "9"]);
    log.clear();
    assert!(log.is_empty());
    write!(log, "x").unwrap();
    assert_eq!(log.len(), 1);
}

#[test]
fn lines_are_escaped_and_the_label_is_said() {
    let mut page = Page(Log::new("\"Output\""));
    page.0.write_line("<b>&");
    let html = page.render().to_html();
    assert!(html.contains("&lt;b&gt;&amp;"), "{html}");
    assert!(html.contains(r#"aria-label="&quot;Output&quot;""#), "{html}");
}
