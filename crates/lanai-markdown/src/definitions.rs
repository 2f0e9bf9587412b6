//! The definitions that links refer to.

use std::collections::HashMap;

use pulldown_cmark::{BrokenLink, BrokenLinkCallback, CowStr, Event, OffsetIter, Options, Parser};

/// The longest definition that later blocks can refer to, in bytes. A short reference repeats all of it.
const LONGEST: usize = 1_024;

/// The definitions in finished blocks, by label.
#[derive(Debug, Clone, Default)]
pub(crate) struct Definitions(HashMap<String, (String, String)>);

/// Finds the definitions of links that the text itself does not define.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lookup<'d>(&'d Definitions);

impl<'i> BrokenLinkCallback<'i> for Lookup<'_> {
    fn handle_broken_link(&mut self, link: BrokenLink<'i>) -> Option<(CowStr<'i>, CowStr<'i>)> {
        let (url, title) = self.0.0.get(&label(&link.reference))?;
        Some((url.clone().into(), title.clone().into()))
    }
}

impl Definitions {
    /// Parses a text, which may refer to these definitions.
    pub(crate) fn parse<'i, 'd: 'i>(&'d self, text: &'i str) -> OffsetIter<'i, Lookup<'d>> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
        Parser::new_with_broken_link_callback(text, options, Some(Lookup(self))).into_offset_iter()
    }

    /// Adds the definitions in a text, unless their labels have one.
    pub(crate) fn add_from(&mut self, text: &str) {
        if !text.contains("]:") {
            return;
        }
        let parsed = self.parse(text);
        let found: Vec<_> = parsed
            .reference_definitions()
            .iter()
            .map(|(name, link)| (label(name), (link.dest.to_string(), link.title.as_deref().unwrap_or("").to_owned())))
            .collect();
        for (name, link) in found.into_iter().filter(|(_, (address, title))| address.len() + title.len() <= LONGEST) {
            self.0.entry(name).or_insert(link);
        }
    }
}

/// Returns a label in the form in which labels are compared.
fn label(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// An event, and where it is in the text.
pub(crate) type Located<'i> = (Event<'i>, std::ops::Range<usize>);
