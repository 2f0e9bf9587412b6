//! The views inside the root: they arrive with frames, and are forgotten when they are no longer on the page.

use serde_json::Value;

use super::{Millis, Page, Session};
use crate::dom::Id;
use crate::edits::Of;
use crate::instance::{Instance, Place};
use crate::wire::{Boot, Result, VERSION, ensure, violation};

impl Page {
    pub(super) fn hydrate(&mut self, now: Millis, data: &Value) -> Result<()> {
        ensure!(data["v"] == VERSION, "the page is of another version of the protocol: {data}");
        let mut boot = Boot::read(data, None)?;
        boot.build = self.build();
        let Some(live) = self.live else { return Ok(()) };
        self.edits.adopt(&mut self.dom, live.parent);
        let mut instance = Instance::hydrate(&mut self.dom, live, &boot, false)?;
        let arrived = instance.arrived();
        self.sessions.insert(None, Session::new(boot, instance));
        for (number, data, place) in arrived {
            self.adopt_inside(number, data, place)?;
        }
        self.tell_untold(now);
        Ok(())
    }

    /// The hash in the URL of the client's script, `/_lanai/client-<hash>.js`.
    fn build(&self) -> String {
        let scripts = self.dom.named(self.document, "script");
        let hash = |src: &str| Some(src.rsplit_once("/_lanai/client-")?.1.strip_suffix(".js")?.to_owned());
        scripts.filter_map(|id| self.dom.attribute(id, "src")).find_map(hash).unwrap_or_default()
    }

    pub(super) fn adopt_inside(&mut self, number: String, data: Option<Value>, place: Place) -> Result<()> {
        let Some(data) = data else { violation!("view {number} inside has no data") };
        // It may have moved from another slot, in the same frame.
        self.forget(&number);
        let boot = Boot::read(&data, Some(&number))?;
        let mut instance = Instance::hydrate(&mut self.dom, place, &boot, true)?;
        let arrived = instance.arrived();
        let mut session = Session::new(boot, instance);
        if let Some((acknowledged, queue)) = self.past.remove(&number) {
            session.acknowledged = acknowledged;
            session.queue = queue;
        }
        let of = Some(number);
        self.sessions.insert(of.clone(), session);
        if self.sessions.get(&None).is_some_and(|root| root.is_attached) {
            self.attach_inside(&of);
        }
        for (number, data, place) in arrived {
            self.adopt_inside(number, data, place)?;
        }
        Ok(())
    }

    /// Forgets the views that are no longer on the page.
    pub(super) fn prune(&mut self) {
        let mut here: Vec<Of> = [None].into_iter().chain(self.sticky.keys().cloned().map(Some)).collect();
        let mut at = 0;
        while let Some(of) = here.get(at) {
            let inside = self.sessions.get(of).map(|session| session.instance.inside()).unwrap_or_default();
            let inside: Vec<Of> = inside.into_iter().map(|number| Some(number.to_owned())).collect();
            here.extend(inside);
            at += 1;
        }
        let gone: Vec<String> = self.sessions.keys().filter(|of| !here.contains(of)).flatten().cloned().collect();
        gone.iter().for_each(|number| self.forget(number));
    }

    pub(super) fn forget(&mut self, number: &str) {
        if let Some(session) = self.sessions.remove(&Some(number.to_owned())) {
            self.past.insert(number.into(), (session.acknowledged, session.queue));
        }
    }

    /// Returns the innermost view around a node.
    pub(super) fn view_at(&self, node: Id) -> Of {
        let is_in = |place: Place| match place.nodes(&self.dom) {
            Ok(nodes) => nodes.iter().any(|&outer| self.dom.contains(outer, node)),
            Err(_) => false,
        };
        let around = self.sessions.iter().filter(|(of, session)| of.is_some() && is_in(session.instance.place()));
        around
            .max_by_key(|(_, session)| self.dom.ancestors(session.instance.place().parent).count())
            .and_then(|(of, _)| of.clone())
    }
}
