//! The lines of a few services, of which there are a million from the start.
//!
//! A line depends only on its number, so that none is stored.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lanai::prelude::*;

/// Says that there is a new line: its number.
pub(crate) const LINES: Topic<u64> = Topic::local("logs/lines");

/// How many lines there are.
static COUNT: AtomicU64 = AtomicU64::new(1_000_000);

/// The number of the next line.
pub(crate) fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Debug,
    Info,
    Warning,
    Error,
}

impl Severity {
    pub(crate) const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warning, Self::Error];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) severity: Severity,
    pub(crate) service: &'static str,
    pub(crate) text: String,
}

impl Line {
    /// Returns the line with this number.
    pub(crate) fn new(number: u64) -> Self {
        // (The last step of splitmix64, which makes numbers look random.)
        let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mixed = mixed ^ (mixed >> 31);
        let service = ["web", "mail", "search", "billing"][mixed as usize % 4];
        let (severity, text) = match mixed >> 2 & 63 {
            0 => (Severity::Error, "the connection to the database was lost; trying again in 2 s".to_owned()),
            1..=3 => (Severity::Warning, format!("a request took {} ms", 800 + mixed % 4000)),
            4..=40 => (Severity::Info, format!("GET /orders/{} 200 in {} ms", mixed % 90_000, 2 + mixed % 90)),
            _ => (Severity::Debug, format!("cache: {} hits, {} misses", mixed % 1000, mixed % 37)),
        };
        Self { number, severity, service, text }
    }

    /// The time of day when the line was written: four lines a second.
    pub(crate) fn time(&self) -> String {
        let seconds = self.number / 4;
        format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    }
}

/// A daemon that no page shows: it writes lines, whether or not anyone reads them.
pub(crate) struct Services;

impl Services {
    pub(crate) fn new(cx: Cx<Self>) -> Self {
        cx.every(Duration::from_millis(250), |_: &mut Self, cx: &Cx<Self>| {
            cx.publish(LINES, COUNT.fetch_add(1, Ordering::Relaxed));
        });
        Self
    }
}

impl View for Services {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}
