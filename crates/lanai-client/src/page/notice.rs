//! What a person sees of the connection: its state, and a notice.

use super::{Connection, Millis, Page};
use crate::dom::{Element, Kind, Namespace};

/// How long a connection may be lost before the person is notified.
const LOST_DELAY: Millis = 1000;

impl Page {
    pub(super) fn show_state(&mut self, state: Connection, now: Millis) {
        if self.state == state {
            return;
        }
        self.state = state;
        let text = match state {
            Connection::None => return,
            Connection::Connecting => "connecting",
            Connection::Open => "open",
            Connection::Lost => "lost",
            Connection::Closed => "closed",
        };
        if let Some(html) = self.dom.elements(self.document).first().copied() {
            self.dom.set_attribute(html, "data-lanai-connection", Some(text));
        }
        self.notice_at = (state == Connection::Lost).then_some(now + LOST_DELAY);
        if let Some(notice) = self.notice.filter(|&id| self.dom.text(id).starts_with("Connection lost")) {
            self.dom.remove(notice);
        }
    }

    pub(super) fn notify(&mut self, text: &str) {
        let notice = match self.notice {
            Some(notice) => notice,
            None => {
                let mut element = Element::new("div", Namespace::Html);
                element.attributes.insert("class".into(), "lanai-notice".into());
                element.attributes.insert("role".into(), "status".into());
                let notice = self.dom.create(Kind::Element(element));
                self.notice = Some(notice);
                notice
            }
        };
        self.dom.set_text(notice, text);
        let body = self.dom.named(self.document, "body").next();
        self.dom.insert(body.unwrap_or(self.document), notice, None);
    }
}
