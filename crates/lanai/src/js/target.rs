//! The elements that a command is for.

use lanai_core::protocol::Target as Written;

/// The elements that a command is for.
///
/// A string is a CSS selector, and means all elements of the page that match, wherever the command runs. (Commands that
/// make sense for one element only, such as [`focus`](super::focus), take the first.)
///
/// [`this`], [`closest`] and [`inside`] start from the element that has the handler. Prefer them in lists: they are the
/// same for all rows, so the page learns them once, while a selector such as `#row-17` makes each row a template of its
/// own.
///
/// ```
/// use lanai::js;
/// # use lanai::prelude::*;
/// # struct Faq { questions: Vec<(u32, String, String)> }
/// # impl View for Faq { fn render(&self) -> Html<Self> {
/// html! {
///     @for (id, question, answer) in &self.questions {
///         section key=(id) {
///             button onclick=(js::toggle(js::closest("section").inside("p"))) { (question) }
///             p hidden { (answer) }
///         }
///     }
/// }
/// # } }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(pub(super) Written);

/// The element that has the handler.
#[must_use]
pub fn this() -> Target {
    Target(Written::Handler { closest: None, inside: None })
}

/// The closest element that matches a CSS selector: the one that has the handler, or one around it.
#[must_use]
pub fn closest(selector: impl Into<String>) -> Target {
    Target(Written::Handler { closest: Some(selector.into()), inside: None })
}

/// The elements inside the one that has the handler that match a CSS selector.
#[must_use]
pub fn inside(selector: impl Into<String>) -> Target {
    this().inside(selector)
}

impl Target {
    /// The elements inside of these that match a CSS selector.
    #[must_use]
    pub fn inside(self, selector: impl Into<String>) -> Self {
        let selector = selector.into();
        Self(match self.0 {
            Written::Document(around) => Written::Document(format!(":is({around}) :is({selector})")),
            Written::Handler { closest, inside: None } => Written::Handler { closest, inside: Some(selector) },
            Written::Handler { closest, inside: Some(around) } => {
                Written::Handler { closest, inside: Some(format!(":is({around}) :is({selector})")) }
            }
        })
    }
}

impl From<&str> for Target {
    fn from(selector: &str) -> Self {
        Self(Written::Document(selector.into()))
    }
}

impl From<String> for Target {
    fn from(selector: String) -> Self {
        Self(Written::Document(selector))
    }
}

impl From<&String> for Target {
    fn from(selector: &String) -> Self {
        selector.as_str().into()
    }
}
