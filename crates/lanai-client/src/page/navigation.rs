//! Where views lead the page. A browser follows; here, the owner of the page does.

use serde_json::Value;

use super::{Millis, Page};
use crate::dom::{Element, Kind, Namespace};
use crate::edits::Of;
use crate::wire::{Result, array, string, violation};

/// Something that a view asks the browser to do with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Navigate {
    /// Go to a URL: a path or a query of the program, or a URL with a scheme. With `replace`, in place of the current
    /// entry.
    To {
        /// The URL.
        url: String,
        /// Whether the current entry of the history becomes that of the new page.
        replace: bool,
    },
    /// Go back.
    Back,
    /// Show another query in the URL, without a navigation.
    Query {
        /// The query, without the question mark.
        query: String,
        /// Whether the current entry of the history changes.
        replace: bool,
    },
}

/// What is known of the page's place in the history.
#[derive(Debug, Default)]
pub(super) struct History {
    /// What views have asked for.
    asked: Vec<Navigate>,
    /// The views that want to know when the query changes.
    watching: Vec<Of>,
    /// Messages that are shown once, here or on the next page.
    flashes: Vec<(String, String)>,
}

impl History {
    /// Forgets the views of a page that is mounted again.
    pub(super) fn forget(&mut self) {
        self.watching.clear();
    }
}

impl Page {
    /// Returns what the views have asked for since the last call, in order.
    pub fn take_navigation(&mut self) -> Vec<Navigate> {
        std::mem::take(&mut self.history.asked)
    }

    /// Whether a view has asked for a navigation that was not taken yet.
    #[must_use]
    pub fn is_to_navigate(&self) -> bool {
        !self.history.asked.is_empty()
    }

    /// Tells the views that the query of the page's URL has changed: the part after the path, with the question mark,
    /// or empty. Returns false if no view wants to know.
    pub fn query_changed(&mut self, now: Millis, query: &str) -> bool {
        let watching: Vec<Of> =
            self.history.watching.iter().filter(|of| self.sessions.contains_key(*of)).cloned().collect();
        for of in &watching {
            self.post_on_channel(now, of, "", "query", Value::from(query).to_string());
        }
        !watching.is_empty()
    }

    /// Returns the messages for the next page, since this one is being left.
    pub fn take_flashes(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.history.flashes)
    }

    /// Shows a message of a level, as a view does.
    pub fn show_flash(&mut self, level: &str, text: &str) {
        let elements = self.dom.elements(self.document);
        let Some(region) = elements.into_iter().find(|&id| self.dom.has_attribute(id, "data-lanai-flash")) else {
            return self.notify(text);
        };
        let mut element = Element::new("p", Namespace::Html);
        element.attributes.insert("data-level".into(), level.into());
        if level == "error" {
            element.attributes.insert("role".into(), "alert".into());
        }
        let message = self.dom.create(Kind::Element(element));
        self.dom.set_text(message, text);
        self.dom.insert(region, message, None);
    }

    /// Applies an operation on the history.
    pub(super) fn navigation(&mut self, of: &Of, op: i64, argument: &Value) -> Result<()> {
        let address = || match &array(argument)?[..] {
            [url] => Ok((string(url)?.to_owned(), false)),
            [url, replace] if *replace == 1 => Ok((string(url)?.to_owned(), true)),
            _ => violation!("{argument} is not a URL"),
        };
        match op {
            -16 if *argument == 0 => self.history.asked.push(Navigate::Back),
            -16 => {
                let (url, replace) = address()?;
                self.history.asked.push(Navigate::To { url, replace });
            }
            -17 if *argument == 0 => {
                if !self.history.watching.contains(of) {
                    self.history.watching.push(of.clone());
                }
            }
            -17 => {
                let (query, replace) = address()?;
                self.history.asked.push(Navigate::Query { query, replace });
            }
            _ => {
                let [level, text] = &array(argument)?[..] else { violation!("{argument} is not a message") };
                self.history.flashes.push((string(level)?.into(), string(text)?.into()));
            }
        }
        Ok(())
    }

    /// Shows the messages of a frame, unless the page is being left.
    pub(super) fn show_flashes(&mut self) {
        if !self.history.asked.iter().any(|asked| matches!(asked, Navigate::To { .. })) {
            for (level, text) in self.take_flashes() {
                self.show_flash(&level, &text);
            }
        }
    }
}
