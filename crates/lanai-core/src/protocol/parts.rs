//! The parts of the client that a page loads only when it needs them.

use crate::template::{self, AttributeKind, Part, Slot, Template};

/// A set of parts of the client: the argument of the operation *need*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts(u16);

impl Parts {
    /// No part.
    pub const NONE: Self = Self(0);
    /// For elements with their own state: controls and forms, dialogs, `details`, media, and elements with `autofocus`.
    pub const ELEMENTS: Self = Self(1);
    /// For views inside views, channels and hooks.
    pub const EXTRAS: Self = Self(2);
    /// For links to other pages.
    pub const NAVIGATION: Self = Self(4);
    /// For the query of the URL, messages that are shown once, unsaved changes, and transitions between pages.
    pub const HISTORY: Self = Self(8);
    /// For commands, and for what the server asks of the browser.
    pub const COMMANDS: Self = Self(16);
    /// For the attribute `style`.
    pub const STYLE: Self = Self(32);
    /// For files that people send.
    pub const UPLOADS: Self = Self(64);
    /// For events that need more than a listener. No frame needs it: the client loads it when it meets such an event.
    pub const EVENTS: Self = Self(128);
    /// For keyboard shortcuts, as for events.
    pub const SHORTCUTS: Self = Self(256);
    /// For virtual lists.
    pub const ROWS: Self = Self(512);
    /// For lists that people sort by hand, as for events.
    pub const SORT: Self = Self(1024);

    /// Returns the number of the set on the wire.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all parts of the other set are in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the parts that are in either set.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the parts that are in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the parts that some HTML needs. (Text with the word `autofocus` counts too; then the page loads a part
    /// that it does not use.)
    #[must_use]
    pub fn of_html(html: &str) -> Self {
        const TAGS: [&str; 8] = ["input", "textarea", "select", "form", "dialog", "details", "audio", "video"];
        let has_tag = |at| TAGS.iter().any(|tag| html.as_bytes()[at + 1..].starts_with(tag.as_bytes()));
        let needed = html.match_indices('<').any(|(at, _)| has_tag(at)) || html.contains("autofocus");
        let elements = if needed { Self::ELEMENTS } else { Self::NONE };
        if html.contains(template::STYLE) { elements.with(Self::STYLE) } else { elements }
    }

    /// Returns the parts that the literal HTML and the slots of a template need.
    pub(crate) fn of_template(template: &Template) -> Self {
        template.parts.iter().fold(Self::NONE, |parts, part| match part {
            Part::Static(html) => parts.with(Self::of_html(html)),
            Part::Slot(Slot::Toggle { name: "autofocus", .. } | Slot::Attribute { name: "autofocus", .. }) => {
                parts.with(Self::ELEMENTS)
            }
            Part::Slot(Slot::Attribute { kind: AttributeKind::Style, .. }) => parts.with(Self::STYLE),
            Part::Mark | Part::Slot(_) => parts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_needs_the_part_for_it() {
        assert_eq!(Parts::of_html("<p data-lanai-style=\"color:red\"><input></p>"), Parts::STYLE.with(Parts::ELEMENTS));
        assert_eq!(Parts::of_html("<p style=\"color:red\"></p>"), Parts::NONE);
    }

    #[test]
    fn controls_and_what_opens_need_the_part_for_elements() {
        for html in ["<p><input></p>", "<form", "a<dialog open>", "<button autofocus>", "<details>"] {
            assert_eq!(Parts::of_html(html), Parts::ELEMENTS, "{html}");
        }
        for html in ["", "<", "<p>a &lt;input</p>", "<in", "</input>", "<button>form</button>"] {
            assert_eq!(Parts::of_html(html), Parts::NONE, "{html}");
        }
    }
}
