//! A tape as HTML.

use crate::escape::escape;
use crate::tape::{Entry, SharedValue, Tape};
use crate::template::{Part, Slot, Template};

impl<H> Tape<H> {
    /// Returns the HTML without any markers: what a browser without JavaScript sees, and what maud would have printed.
    ///
    /// # Panics
    ///
    /// Panics if the rendering is [partial](Self::is_partial).
    #[must_use]
    pub fn to_html(&self) -> String {
        assert!(!self.is_partial(), "a partial rendering lacks the rows that the page already has");
        let mut out = String::with_capacity(self.text.len() * 2);
        if !self.entries.is_empty() {
            let mut at = 0;
            self.node(&mut at, &mut out);
        }
        out
    }

    fn node(&self, at: &mut usize, out: &mut String) {
        match self.entries[*at] {
            Entry::Text { start, len } => {
                *at += 1;
                escape(self.slice(start, len), out);
            }
            Entry::Raw { start, len } => {
                *at += 1;
                out.push_str(self.slice(start, len));
            }
            Entry::Shared { index } => {
                *at += 1;
                match &self.shared[index as usize] {
                    SharedValue::Text(text) => text.with(|text| escape(text, out)),
                    SharedValue::Html(html) => out.push_str(html.as_str()),
                }
            }
            Entry::Nothing => *at += 1,
            Entry::Open { template, .. } => {
                *at += 1;
                self.template(template, at, out);
            }
            Entry::View { index } => {
                *at += 1;
                out.push_str(&self.views[index as usize].to_html());
            }
            entry => unreachable!("{entry:?} in a node slot"),
        }
    }

    /// Returns the number of rows of the list at `at`, and the index of its end.
    pub(crate) fn list_head(&self, at: usize) -> (u32, u32) {
        match self.entries[at] {
            Entry::List { rows, end, .. } => (rows, end),
            Entry::LiveList { index, end } => (self.live_lists[index as usize].rows, end),
            _ => unreachable!("a list slot holds a list"),
        }
    }

    fn template(&self, template: &'static Template, at: &mut usize, out: &mut String) {
        for part in template.parts {
            match part {
                Part::Static(html) => out.push_str(html),
                Part::Mark => {}
                Part::Slot(Slot::Node(_) | Slot::Text) => self.node(at, out),
                Part::Slot(Slot::List(_)) => {
                    let (rows, _) = self.list_head(*at);
                    *at += 1;
                    for _ in 0..rows {
                        *at += 1;
                        self.node(at, out);
                    }
                }
                Part::Slot(Slot::Attribute { name, .. }) => {
                    if let Entry::Text { start, len } = self.entries[*at] {
                        out.push(' ');
                        out.push_str(name);
                        out.push_str("=\"");
                        escape(self.slice(start, len), out);
                        out.push('"');
                    }
                    *at += 1;
                }
                Part::Slot(Slot::Toggle { name, .. }) => {
                    if let Entry::Toggle(true) = self.entries[*at] {
                        out.push(' ');
                        out.push_str(name);
                    }
                    *at += 1;
                }
                Part::Slot(Slot::Event { .. }) => *at += 1,
            }
        }
    }
}
