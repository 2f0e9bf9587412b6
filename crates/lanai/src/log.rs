//! Logging for programs without a `tracing` subscriber: important events go to standard error.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::sync::LazyLock;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, NoSubscriber};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, dispatcher};

/// Writes events to standard error from now on, if there is no subscriber: errors and warnings, and the address of the
/// server.
///
/// Call it when the program starts to serve: a program with a subscriber has set it up by then.
pub(crate) fn write_to_stderr_without_subscriber() {
    if has_no_subscriber() {
        // If another thread sets up a subscriber at the same moment, either may win.
        let _ = dispatcher::set_global_default(STDERR.clone());
    }
}

/// Makes sure that an important event is written, even if [`App::serve`](crate::App::serve) does not serve the program.
pub(crate) fn essential(event: impl FnOnce()) {
    if has_no_subscriber() { dispatcher::with_default(&STDERR, event) } else { event() }
}

fn has_no_subscriber() -> bool {
    dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>())
}

static STDERR: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Stderr));

/// The target of messages about serving.
pub(crate) const SERVING: &str = "lanai::serve";

/// Writes each event of Lanai as one line, except for backtraces.
struct Stderr;

impl Subscriber for Stderr {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let is_ours = target.split("::").next().is_some_and(|name| name == "lanai" || name.starts_with("lanai_"));
        metadata.is_event()
            && is_ours
            && (*metadata.level() <= Level::WARN || target == SERVING && *metadata.level() <= Level::INFO)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let level = match *event.metadata().level() {
            Level::ERROR => "error: ",
            Level::WARN => "warning: ",
            _ => "",
        };
        // Do not use `eprintln`, which panics if the stream is closed. Write the line at once, so that lines of several
        // threads do not mix.
        let line = format!("lanai: {level}{}\n", Line::of(event));
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// An event's message and fields.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn of(event: &Event<'_>) -> Self {
        let mut line = Self::default();
        event.record(&mut line);
        line
    }

    fn field(&mut self, field: &Field, value: &dyn fmt::Display) {
        let before = if self.fields.is_empty() { "" } else { ", " };
        let _ = write!(Escaped(&mut self.fields, false), "{before}{field}: {value}");
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // A backtrace keeps its line breaks.
            let _ = write!(Escaped(&mut self.message, true), "{value:?}");
        } else {
            self.field(field, &format_args!("{value:?}"));
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.fields.is_empty(), self.message.split_once('\n')) {
            (true, _) => f.write_str(&self.message),
            (false, None) => write!(f, "{} ({})", self.message, self.fields),
            (false, Some((first, rest))) => write!(f, "{first} ({})\n{rest}", self.fields),
        }
    }
}

/// Writes text that may come from a visitor, and escapes characters that would end the line or move the cursor.
struct Escaped<'s>(&'s mut String, bool);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if c.is_control() && !(self.1 && c == '\n') {
                self.0.extend(c.escape_debug());
            } else {
                self.0.push(c);
            }
        }
        Ok(())
    }
}
