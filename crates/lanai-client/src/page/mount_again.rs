//! Mounting again: another live part takes the place of one that the server no longer has.

use std::collections::BTreeMap;

use super::{Millis, Page, live_part};
use crate::dom::Id;
use crate::form;
use crate::wire::Result;

impl Page {
    /// Replaces the live part by that of another document, which was fetched from the page's own URL. The focus and
    /// what the person has typed are kept. Returns false if that document has no live part: then it is another page.
    ///
    /// # Errors
    ///
    /// Returns an error if its HTML does not match its data.
    pub fn replace(&mut self, now: Millis, html: &str) -> Result<bool> {
        let fetched = self.dom.parse_document(html);
        let (Some((from, data)), Some(place)) = (live_part(&self.dom, fetched)?, self.live) else { return Ok(false) };
        self.undo_advances();
        self.redo_advances(|_, _| false);
        let title = self.dom.named(fetched, "title").next().map(|id| self.dom.text(id));
        let (before, focus) = (self.named(place.parent), self.focus());
        let was_under_way = self.has_events_under_way();
        for node in place.nodes(&self.dom)? {
            self.dom.remove(node);
        }
        for node in from.nodes(&self.dom)? {
            self.dom.insert(place.parent, node, place.comments.map(|(_, end)| end));
        }
        let after = self.named(place.parent);
        for (name, (old, count)) in before {
            // If several elements have no unique name and their number has changed, the right one is unknown.
            let Some(&(new, _)) = after.get(&name).filter(|(_, now)| *now == count) else { continue };
            if form::is_control(&self.dom, old)
                && form::is_control(&self.dom, new)
                && (self.edits.is_touched(old) || form::is_changed(&self.dom, old))
            {
                self.copy(old, new);
                if let (Some(before), Some(form)) = (form::form_of(&self.dom, old), form::form_of(&self.dom, new)) {
                    let state = form::state(&self.dom, before, None);
                    let state = form::urlencoded(state.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                    self.replaced_forms.insert(form, state);
                }
            }
            if focus == Some(old) {
                self.focus = Some(new);
            }
        }
        self.replace_sticky(fetched);
        for session in self.sessions.values_mut() {
            session.channels.end();
        }
        self.sessions.clear();
        self.past.clear();
        self.held.clear();
        self.until.clear();
        self.history.forget();
        if let Some(title) = title {
            self.effect(now, &None, -2, &title.into())?;
        }
        self.hydrate(now, &data)?;
        self.adopt_sticky()?;
        if was_under_way {
            self.notify("Your last actions could not be confirmed.");
        }
        Ok(true)
    }

    /// Returns the elements that may have the focus, with names that are the same in another rendering of the page, and
    /// the number of each kind.
    fn named(&self, holder: Id) -> BTreeMap<String, (Id, usize)> {
        let mut names: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        for id in self.dom.elements(holder) {
            if !matches!(self.dom.name(id), "input" | "textarea" | "select" | "button" | "a") {
                continue;
            }
            let attribute = |name: &str| self.dom.attribute(id, name).unwrap_or_default().to_owned();
            let kind = form::kind(&self.dom, id).to_owned();
            let value = if form::is_checkable(&self.dom, id) { attribute("value") } else { String::new() };
            let own = attribute("id");
            let by_kind = || [self.dom.name(id).to_owned(), attribute("name"), kind, value].join(",");
            let key = if own.is_empty() { by_kind() } else { own };
            names.entry(key).or_default().push(id);
        }
        let numbered = names.into_iter().flat_map(|(key, ids)| {
            let count = ids.len();
            ids.into_iter().enumerate().map(move |(at, id)| (format!("{key}+{at}"), (id, count)))
        });
        numbered.collect()
    }

    fn copy(&mut self, from: Id, to: Id) {
        if self.dom.name(from) == "select" {
            let chosen: Vec<String> =
                form::selected(&self.dom, from).into_iter().map(|id| form::default_value(&self.dom, id)).collect();
            let options = form::options(&self.dom, to)
                .into_iter()
                .filter(|&id| chosen.contains(&form::default_value(&self.dom, id)));
            let options: Vec<Id> = options.collect();
            form::select(&mut self.dom, to, &options);
        } else if form::is_checkable(&self.dom, from) {
            let checked = form::is_checked(&self.dom, from);
            form::set_checked(&mut self.dom, to, checked);
        } else {
            let value = form::value(&self.dom, from);
            form::set_value(&mut self.dom, to, &value);
        }
    }
}
