//! [`Log`]: lines of text, the newest in view.

use std::fmt;

use lanai_core::Tape;
use lanai_macros::html;

use super::LiveList;
use crate::html::{Html, Inert};
use crate::macro_support::{Fragment, Rendering};

/// Lines of text, such as the output of a program. The last line stays in view, unless the reader has scrolled up.
///
/// ```
/// use lanai::{Log, prelude::*};
///
/// const BUILD: Topic<String> = Topic::new("build");
///
/// struct Build { output: Log }
///
/// impl Build {
///     async fn mount(cx: Cx<Self>) -> Self {
///         cx.subscribe(BUILD, |build: &mut Self, line: &String| build.output.write_line(line));
///         Self { output: Log::new("Output of the build").limit(5_000) }
///     }
/// }
///
/// impl View for Build {
///     fn render(&self) -> Html<Self> {
///         html! { div.build { (self.output) } }
///     }
/// }
/// ```
///
/// A new line costs its own rendering and its own bytes, however many there are. The newest 10,000 lines are kept, or
/// as many as [`limit`](Self::limit) says.
///
/// `writeln!` works as well, and `write!` for lines that grow piece by piece.
///
/// # Markup
///
/// ```html
/// <div class="lanai-log">
///   <div role="log" aria-label="Output of the build" tabindex="0">
///     <pre><span>the first line
/// </span><span>the second line
/// </span></pre>
///   </div>
/// </div>
/// ```
///
/// Screen readers read new lines aloud, and people can scroll with the keyboard. The log scrolls once it has a height:
/// `.lanai-log { height: 20rem }`. Lines that are too wide are wrapped with `.lanai-log pre { white-space: pre-wrap }`.
pub struct Log {
    label: String,
    lines: LiveList<String>,
    /// Whether the last line goes on.
    is_open: bool,
}

impl Log {
    /// Creates an empty log. The label says to a screen reader what it is.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), lines: LiveList::new().limit(10_000), is_open: false }
    }

    /// Keeps only the last `limit` lines.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.lines = self.lines.limit(limit);
        self
    }

    /// Writes a line. A text with line breaks becomes several.
    pub fn write_line(&mut self, text: impl AsRef<str>) {
        self.is_open = false;
        // (A text that ends with a line break has no line after it.)
        let text = text.as_ref();
        let text = text.strip_suffix('\n').unwrap_or(text);
        for line in text.split('\n') {
            self.lines.push(without_return(line).to_owned());
        }
    }

    /// Removes all lines.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.is_open = false;
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.lines.iter().map(String::as_str)
    }

    fn render(&self) -> Html<Inert> {
        html! {
            // Or else the browser scrolls the page, to keep the place of a line in here.
            div.lanai-log style="overflow-anchor:none;display:flex;flex-direction:column" {
                // A reversed column stays at its end, unless it is scrolled.
                div role="log" aria-label=(self.label) tabindex="0"
                    style="flex:auto;min-height:0;display:flex;flex-direction:column-reverse;overflow:auto" {
                    pre style="flex:none" { @for line in &self.lines { span { (line) "\n" } } }
                }
            }
        }
    }
}

fn without_return(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// Writes text whose lines may come in pieces. It never fails.
impl fmt::Write for Log {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive('\n') {
            let line = piece.strip_suffix('\n');
            if self.is_open
                && let Some(open) = self.lines.last_mut()
            {
                open.push_str(line.unwrap_or(piece));
                if line.is_some() && open.ends_with('\r') {
                    open.pop();
                }
            } else {
                self.lines.push(line.map_or(piece, without_return).to_owned());
            }
            self.is_open = line.is_none();
        }
        Ok(())
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("label", &self.label).field("lines", &self.lines.len()).finish_non_exhaustive()
    }
}

impl Fragment<Inert> for Log {
    fn fill<H>(&self, tape: &mut Tape<H>, splice: &mut impl FnMut(&mut Tape<H>, &Html<Inert>)) {
        splice(tape, &self.render());
    }
}

impl Rendering for Log {}
