//! Sticky views: views in the layout, which stay when the browser navigates.
//!
//! A page of this crate is one document, so the next one takes them over: [`Page::keep_sticky`] writes them into its
//! own, which the server sends whole.

use serde_json::{Value, json};

use super::events::{Queue, Sent};
use super::{Page, Session};
use crate::dom::Id;
use crate::instance::{Instance, Place};
use crate::wire::{Boot, Result};

/// The element of a sticky view, and the attribute with its data.
const ELEMENT: &str = "lanai-sticky";
const DATA: &str = "data-lanai";

/// The sticky views of a page that is being left.
#[derive(Debug, Default)]
pub struct StickyViews {
    views: Vec<Sticky>,
    /// What is known of the events of the views inside them, by number.
    inside: Vec<(String, Events)>,
}

#[derive(Debug)]
struct Sticky {
    id: String,
    number: String,
    secret: String,
    frames: u64,
    events: Events,
    /// The name of the page that attached first.
    page: String,
}

/// The events of a view: those in flight, and the last that was sent and acknowledged.
#[derive(Debug)]
struct Events {
    sent: Vec<Sent>,
    last: u64,
    acknowledged: u64,
}

impl Events {
    fn of(acknowledged: u64, queue: &Queue) -> Self {
        Self { sent: queue.sent.clone(), last: queue.last, acknowledged }
    }

    fn into_queue(self) -> Queue {
        Queue { sent: self.sent, last: self.last, ..Queue::default() }
    }
}

impl StickyViews {
    /// Returns the keys of the views.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.views.iter().map(|view| view.id.strip_prefix("lanai-sticky-").unwrap_or(&view.id))
    }
}

impl Page {
    /// Makes the sticky views in the document live.
    pub(super) fn adopt_sticky(&mut self) -> Result<()> {
        for element in self.dom.named(self.document, ELEMENT).collect::<Vec<_>>() {
            let data = self.dom.attribute(element, DATA).and_then(|data| serde_json::from_str::<Value>(data).ok());
            let Some(data) = data else { continue };
            let number = data["i"].as_str().unwrap_or_default().to_owned();
            self.dom.set_attribute(element, DATA, None);
            self.edits.adopt(&mut self.dom, element);
            self.adopt_inside(number.clone(), Some(data), Place { parent: element, comments: None })?;
            self.sticky.insert(number, element);
        }
        Ok(())
    }

    /// Puts the sticky views of a fetched document into the place of those of this one.
    pub(super) fn replace_sticky(&mut self, fetched: Id) {
        for (_, old) in std::mem::take(&mut self.sticky) {
            let id = self.dom.attribute(old, "id").map(str::to_owned);
            for node in self.dom.children(old).to_vec() {
                self.dom.remove(node);
            }
            let next = self.dom.named(fetched, ELEMENT).find(|&next| self.dom.attribute(next, "id") == id.as_deref());
            let Some(next) = next else { continue };
            for node in self.dom.children(next).to_vec() {
                self.dom.insert(old, node, None);
            }
            if let Some(data) = self.dom.attribute(next, DATA).map(str::to_owned) {
                self.dom.set_attribute(old, DATA, Some(&data));
            }
        }
    }

    /// Returns the sticky views, for the next page: their keys, which the request for it names, and what it needs to
    /// go on with them.
    #[must_use]
    pub fn sticky(&self) -> StickyViews {
        let views = self.sticky.iter().filter_map(|(number, &element)| {
            let session = self.sessions.get(&Some(number.clone()))?;
            Some(Sticky {
                id: self.dom.attribute(element, "id")?.to_owned(),
                number: number.clone(),
                secret: session.boot.secret.clone(),
                frames: session.frames,
                events: Events::of(session.acknowledged, &session.queue),
                page: session.page_name.clone().unwrap_or_else(|| self.name.clone()),
            })
        });
        let inside = self.sessions.iter().filter_map(|(of, session)| {
            let number = of.clone().filter(|number| !self.sticky.contains_key(number))?;
            Some((number, Events::of(session.acknowledged, &session.queue)))
        });
        let past =
            self.past.iter().map(|(number, (acknowledged, queue))| (number.clone(), Events::of(*acknowledged, queue)));
        StickyViews { views: views.collect(), inside: past.chain(inside).collect() }
    }

    /// Takes over the sticky views that the document has an empty element for. The others have ended.
    ///
    /// # Errors
    ///
    /// Returns an error if the page cannot show them.
    pub fn keep_sticky(&mut self, kept: StickyViews) -> Result<()> {
        for Sticky { id, number, secret, frames, events, page } in kept.views {
            let Some(element) = self.by_id(&id).filter(|&element| self.dom.children(element).is_empty()) else {
                continue;
            };
            let boot = Boot::read(&json!({ "i": number, "s": secret, "t": [] }), None)?;
            let place = Place { parent: element, comments: None };
            let instance = Instance::hydrate(&mut self.dom, place, &boot, true)?;
            let mut session = Session::new(boot, instance);
            session.frames = frames;
            session.acknowledged = events.acknowledged;
            session.queue = events.into_queue();
            session.is_blank = true;
            session.page_name = Some(page);
            self.sessions.insert(Some(number.clone()), session);
            self.sticky.insert(number, element);
        }
        let inside =
            kept.inside.into_iter().map(|(number, events)| (number, (events.acknowledged, events.into_queue())));
        self.past.extend(inside);
        Ok(())
    }
}
