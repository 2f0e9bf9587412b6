//! [`Viewer`]: a few hundred lines of all that there are, around the place where the reader is.

use lanai::prelude::*;

use crate::service::{LINES, Line, Severity, count};

/// How many lines are loaded at once.
const PAGE: usize = 150;

/// How many lines the page has at most.
const MOST: usize = 600;

pub(crate) struct Viewer {
    least: Severity,
    lines: LiveList<Line>,
    /// Whether the last line is the newest of all.
    is_at_end: bool,
    /// How often the newest lines were asked for.
    showing: u32,
}

impl Viewer {
    pub(crate) fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(LINES, Self::written);
        let mut viewer = Self { least: Severity::Debug, lines: LiveList::new(), is_at_end: true, showing: 0 };
        viewer.show_newest();
        viewer
    }

    fn show_newest(&mut self) {
        self.lines = self.before(count()).into_iter().rev().collect();
        self.is_at_end = true;
        self.showing += 1;
    }

    /// A line was written.
    fn written(&mut self, number: &u64) {
        let line = Line::new(*number);
        if self.is_at_end && line.severity >= self.least && self.lines.last().is_none_or(|last| last.number < *number) {
            self.lines.push(line);
            self.trim_start();
        }
    }

    /// The start has come into view.
    fn older(&mut self) {
        let Some(first) = self.lines.first().map(|line| line.number) else { return };
        for line in self.before(first) {
            self.lines.insert(0, line);
        }
        if self.lines.len() > MOST {
            self.lines.truncate(MOST);
            self.is_at_end = false;
        }
    }

    /// The end has come into view.
    fn newer(&mut self) {
        let Some(last) = self.lines.last().map(|line| line.number).filter(|_| !self.is_at_end) else { return };
        let newer: Vec<Line> =
            (last + 1..count()).map(Line::new).filter(|line| line.severity >= self.least).take(PAGE).collect();
        self.is_at_end = newer.len() < PAGE;
        newer.into_iter().for_each(|line| self.lines.push(line));
        self.trim_start();
    }

    /// Returns up to [`PAGE`] lines before this one, the newest first.
    fn before(&self, number: u64) -> Vec<Line> {
        (0..number).rev().map(Line::new).filter(|line| line.severity >= self.least).take(PAGE).collect()
    }

    fn trim_start(&mut self) {
        while self.lines.len() > MOST {
            self.lines.remove(0);
        }
    }

    fn choose(&mut self, Value(name): Value<String>) {
        self.least = Severity::ALL.into_iter().find(|severity| severity.name() == name).unwrap_or(Severity::Debug);
        self.show_newest();
    }
}

impl View for Viewer {
    fn render(&self) -> Html<Self> {
        html! {
            section.logs aria-label="Lines of the services" {
                form.logs-bar {
                    label {
                        "Show "
                        select name="least" onchange=(Self::choose) {
                            @for severity in Severity::ALL {
                                option key=(severity.name()) value=(severity.name()) selected[severity == self.least] {
                                    @match severity {
                                        Severity::Debug => "everything",
                                        Severity::Info => "information and worse",
                                        Severity::Warning => "warnings and errors",
                                        Severity::Error => "errors",
                                    }
                                }
                            }
                        }
                    }
                    button.outline type="button" onclick=(Self::show_newest) disabled[self.is_at_end] { "Newest" }
                }
                // What scrolls is a reversed column with one child: see chapter 14 of the guide. With
                // another key it is another element, which starts at its end.
                @for showing in [self.showing] {
                    div.logs-lines key=(showing) tabindex="0" role="log" aria-live="off" aria-label="Lines" {
                        div {
                            p.logs-more.logs-older onenterview=(on(Self::older).margin(600)) { "Older lines …" }
                            @for line in &self.lines {
                                p class={ "logs-line is-" (line.severity.name()) } key=(line.number) {
                                    time { (line.time()) } " "
                                    span.logs-severity { (line.severity.name()) } " "
                                    b { (line.service) } " " (line.text)
                                }
                            }
                            @if self.is_at_end {
                                p #newest { "Waiting for the next line …" }
                            } @else {
                                p.logs-more #newest onenterview=(on(Self::newer).margin(600)) { "Newer lines …" }
                            }
                        }
                    }
                }
            }
        }
    }
}
