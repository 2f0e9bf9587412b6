//! The actions of a person on a page, with the browser's default actions. Actions that a person could not perform are
//! refused.

mod forms;
mod keyboard;
mod mouse;

use lanai_client::{Dispatched, Dom, Event, Id, Millis, Page, form};

use crate::aria;

/// The actions of a person, with access to the page.
pub(crate) struct Act<'p> {
    pub(crate) page: &'p mut Page,
    pub(crate) now: Millis,
}

/// The reason why a person cannot do this, to follow "could not …:".
pub(crate) type Refused<T = ()> = Result<T, String>;

/// A request that an action makes the browser send. The response is the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leave {
    pub(crate) post: Option<String>,
    pub(crate) address: String,
    /// Whether it may lead to another program.
    pub(crate) is_external: bool,
    /// Whether a browser would change the page in place, so that sticky views stay.
    pub(crate) in_place: bool,
}

pub(crate) use lanai_client::FileData;

/// The result of an action.
pub(crate) type Then = Option<Leave>;

impl Act<'_> {
    /// Whether a browser follows a link or a form in place.
    fn is_in_place(&self, element: Id) -> bool {
        !self.dom().has_attribute(element, "download")
            && self.dom().closest(element, |around| around.attributes.contains_key("data-lanai-reload")).is_none()
    }

    fn dom(&self) -> &Dom {
        self.page.dom()
    }

    fn dispatch(&mut self, event: &Event) -> Dispatched {
        self.page.dispatch(self.now, event)
    }

    /// Focuses an element or what is around it, as a click there does.
    fn focus_around(&mut self, id: Id) {
        let dom = self.dom();
        let focusable = std::iter::once(id).chain(dom.ancestors(id)).find(|&node| is_focusable(dom, node));
        self.page.set_focus(self.now, focusable);
    }

    /// Checks that a person can reach an element.
    pub(crate) fn reach(&self, id: Id) -> Refused {
        let dom = self.dom();
        let what = aria::described(dom, id);
        if let Some(reason) = aria::hidden_by(dom, id) {
            return Err(format!("{what} is hidden: {reason}"));
        }
        let inert = std::iter::once(id).chain(dom.ancestors(id)).find(|&node| dom.has_attribute(node, "inert"));
        if let Some(inert) = inert {
            let which = if inert == id { "it".into() } else { aria::described(dom, inert) };
            return Err(format!("{what} cannot be reached: {which} is `inert`"));
        }
        if let Some(modal) = aria::modal(dom, self.page.document())
            && !dom.contains(modal, id)
        {
            return Err(format!(
                "{what} cannot be reached: the modal {} is open in front of it",
                aria::described(dom, modal)
            ));
        }
        Ok(())
    }

    /// Checks that a control can be used.
    fn enabled(&self, id: Id) -> Refused {
        self.reach(id)?;
        self.not_disabled(id)
    }

    fn not_disabled(&self, id: Id) -> Refused {
        let dom = self.dom();
        match form::disabled_by(dom, id) {
            None => Ok(()),
            Some(by) if by == id => Err(format!("{} is disabled", aria::described(dom, id))),
            Some(by) => {
                Err(format!("{} is disabled by the {} around it", aria::described(dom, id), aria::described(dom, by)))
            }
        }
    }
}

fn is_focusable(dom: &Dom, id: Id) -> bool {
    match dom.name(id) {
        "a" | "area" => dom.has_attribute(id, "href"),
        "button" | "input" | "select" | "textarea" => form::kind(dom, id) != "hidden" && !form::is_disabled(dom, id),
        "summary" => true,
        _ => {
            dom.has_attribute(id, "tabindex")
                || dom.attribute(id, "contenteditable").is_some_and(|value| value != "false")
        }
    }
}
