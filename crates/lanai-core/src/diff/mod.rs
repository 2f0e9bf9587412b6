//! The diff: compares the tape of the new rendering with the baseline of the last one.
//!
//! Both have one entry for each slot in document order, so they are walked in parallel. An equal slot costs a hash and
//! a comparison. A different one is written as an operation of a patch at once; a part without differences leaves no
//! trace. The walk also builds the next baseline. Handlers are numbered in the order of the message, which is the order
//! of the new document.

mod list;
mod live_list;

use crate::baseline::{Baseline, BaselineEntry, Changes, Edits, LiveListRows, commit};
use crate::hash::Hasher;
use crate::protocol::definitions::Definitions;
use crate::protocol::{Frame, Op, json};
use crate::tape::{Entry, SharedValue, Tape};
use crate::template::{Part, Slot, Template};

impl Baseline {
    /// Writes the differences between the page and `tape` to `frame`, and remembers `tape` as what the page shows.
    ///
    /// Returns `None` if a live list starts from [a version](Self::bases) that the page does not show in this slot.
    /// Then the baseline and the frame are unchanged, and the caller renders the view as a whole.
    #[must_use = "if it is `None`, the view must be rendered as a whole"]
    pub fn update<H>(&mut self, tape: &Tape<H>, frame: &mut Frame) -> Option<Changes> {
        let mark = frame.mark();
        let definitions = std::mem::take(&mut self.definitions);
        let mut lists = std::mem::take(&mut self.lists);
        match self.changed(definitions, &mut lists, tape, frame) {
            Ok((next, changes)) => {
                *self = next;
                Some(changes)
            }
            Err(definitions) => {
                frame.rewind(mark);
                // The page keeps the definitions of templates that it has received.
                self.definitions = definitions;
                self.lists = lists;
                None
            }
        }
    }

    /// Like [`update`](Self::update), but does not change `self`, and returns the next baseline.
    ///
    /// # Panics
    ///
    /// Panics if the rendering is [partial](Tape::is_partial).
    #[must_use]
    pub fn next<H>(&self, tape: &Tape<H>, frame: &mut Frame) -> (Self, Changes) {
        let next = self.changed(self.definitions.clone(), &mut self.lists.clone(), tape, frame);
        next.unwrap_or_else(|_| panic!("a view with many pages is rendered whole"))
    }

    /// `lists` are those of the baseline. They are changed in place, since they may be long.
    fn changed<H>(
        &self,
        mut definitions: Definitions,
        lists: &mut Vec<LiveListRows>,
        tape: &Tape<H>,
        frame: &mut Frame,
    ) -> Result<(Self, Changes), Definitions> {
        let mut edits = Vec::new();
        let mut diff = Diff {
            lists,
            edits: &mut edits,
            failed: false,
            old: &self.entries,
            tape,
            hasher: Hasher::get(),
            definitions: &mut definitions,
            frame,
            entries: Vec::with_capacity(tape.entries.len()),
            handlers: Vec::with_capacity(tape.events.len()),
            views: Vec::new(),
            placed_views: Vec::new(),
            next_handler: self.next_handler,
            was: 0,
            at: 0,
        };
        diff.root();
        let Diff { entries, handlers, mut views, placed_views, next_handler, failed, .. } = diff;
        if failed {
            return Err(definitions);
        }
        let mut changes = Changes { placed_views, ..Changes::default() };
        let lists = commit(std::mem::take(lists), edits, &mut changes, &mut views);
        let next = Self {
            entries: entries.into_boxed_slice(),
            handlers: handlers.into_boxed_slice(),
            views: views.into_boxed_slice(),
            lists,
            next_handler,
            definitions,
        };
        Ok((next, changes))
    }
}

impl Baseline {
    /// Writes to `frame` what a page that shows `self` needs to show the same as the pages that show `current`, which
    /// remembers `tape`. With this frame, the page has applied `frames` frames of the view. Nothing may follow it in
    /// its frame.
    ///
    /// `self` and `current` are an earlier and the current baseline of one view [with many pages](Self::for_many). A
    /// page that was too slow for the frames in between gets this one instead, and numbers templates and handlers as
    /// the others do.
    pub fn catch_up<H>(&self, current: &mut Baseline, tape: &Tape<H>, frames: u64, frame: &mut Frame) {
        current.definitions.since(&self.definitions, frame);
        // The last operation overwrites the handlers' numbers.
        let reached = self.changed(current.definitions.clone(), &mut self.lists.clone(), tape, frame);
        current.definitions.adopt(reached.map_or_else(|definitions| definitions, |(reached, _)| reached.definitions));
        frame.sync(frames, current.next_handler, &current.handlers);
    }
}

struct Diff<'a, H> {
    old: &'a [BaselineEntry],
    tape: &'a Tape<H>,
    hasher: Hasher,
    definitions: &'a mut Definitions,
    frame: &'a mut Frame,
    /// The rows of live lists on the page.
    lists: &'a [LiveListRows],
    /// The edits of live lists, one for each list in the next baseline.
    edits: &'a mut Vec<Edits>,
    /// Whether a live list starts from rows that are not on the page.
    failed: bool,
    /// The next baseline.
    entries: Vec<BaselineEntry>,
    handlers: Vec<u64>,
    views: Vec<u64>,
    /// See [`Changes`].
    placed_views: Vec<u64>,
    next_handler: u64,
    /// The index of the next entry of the baseline.
    was: usize,
    /// The index of the next entry of the tape.
    at: usize,
}

impl<H> Diff<'_, H> {
    fn next(&mut self) -> Entry {
        let entry = self.tape.entries[self.at];
        self.at += 1;
        entry
    }

    fn root(&mut self) {
        match (self.old.first(), self.tape.entries.first()) {
            (None, None) => {}
            (Some(BaselineEntry::Open { template: old, .. }), Some(Entry::Open { template: new, .. }))
                if std::ptr::eq(*old, *new) =>
            {
                self.same_template(new);
            }
            (Some(_), Some(_)) if self.same_value() => {}
            (_, None) => {
                self.frame.op(Op::Root);
                self.frame.raw(b"0,");
            }
            (_, Some(_)) => {
                self.frame.op(Op::Root);
                self.node_value();
                self.frame.raw(b",");
            }
        }
    }

    /// Compares the slots of a template that is on the page and on the tape. Both are at its `Open`.
    fn same_template(&mut self, template: &'static Template) {
        let open = self.open(template);
        self.was += 1;
        let slots = template.parts.iter().filter_map(|part| match part {
            Part::Slot(slot) => Some(slot),
            _ => None,
        });
        for (number, slot) in slots.enumerate() {
            self.slot(number as i64, slot);
        }
        self.close(open);
    }

    /// Remembers the template that is opened at the tape's position. Its end is filled in when it is closed.
    fn open(&mut self, template: &'static Template) -> usize {
        self.at += 1;
        self.entries.push(BaselineEntry::Open { template, end: 0 });
        self.entries.len() - 1
    }

    fn close(&mut self, opened: usize) {
        let here = self.entries.len() as u32;
        match &mut self.entries[opened] {
            BaselineEntry::Open { end, .. } | BaselineEntry::List { end, .. } => *end = here,
            _ => unreachable!("only templates and lists are open"),
        }
    }

    fn slot(&mut self, number: i64, slot: &Slot) {
        match slot {
            Slot::Node(_) => self.node(number),
            Slot::List(_) => match (self.old[self.was], self.tape.entries[self.at]) {
                (BaselineEntry::List { .. }, Entry::List { .. }) => self.patch(number, |diff| list::diff(diff)),
                _ => self.patch(number, |diff| live_list::diff(diff)),
            },
            Slot::Text | Slot::Attribute { .. } => {
                if !self.same_value() {
                    self.frame.op(Op::Set(number));
                    self.scalar_value();
                    self.frame.raw(b",");
                }
                self.was += 1;
            }
            Slot::Toggle { .. } => {
                let Entry::Toggle(now) = self.next() else { unreachable!("a toggle slot holds a toggle") };
                if !matches!(self.old[self.was], BaselineEntry::Toggle(before) if before == now) {
                    self.frame.op(Op::Set(number));
                    self.frame.raw(if now { b"1," } else { b"0," });
                }
                self.entries.push(BaselineEntry::Toggle(now));
                self.was += 1;
            }
            Slot::Event { name } => {
                let Entry::Event { index } = self.next() else { unreachable!("an event slot holds an event") };
                let BaselineEntry::Event { number: handler, spec: before } = self.old[self.was] else {
                    unreachable!("an event slot holds an event")
                };
                let spec = &self.tape.events[index as usize].spec;
                let hash = self.hasher.hash_spec(spec);
                if hash != before {
                    self.frame.op(Op::Set(number));
                    self.frame.event(name, spec);
                }
                self.entries.push(BaselineEntry::Event { number: handler, spec: hash });
                self.handlers.push(handler);
                self.was += 1;
            }
        }
    }

    /// Compares a node slot.
    fn node(&mut self, number: i64) {
        let before = self.old[self.was];
        match (before, self.tape.entries[self.at]) {
            (BaselineEntry::Open { template: old, .. }, Entry::Open { template: new, .. })
                if std::ptr::eq(old, new) =>
            {
                return self.patch(number, |diff| diff.same_template(new));
            }
            (BaselineEntry::Text { len: old_len, hash: old_hash }, Entry::Text { start, len }) => {
                if !self.same_value() {
                    let text = self.tape.slice(start, len);
                    let appended = (0 < old_len && old_len < len && text.is_char_boundary(old_len as usize))
                        .then(|| text.split_at(old_len as usize))
                        .filter(|(before, _)| self.hasher.hash(before) == old_hash);
                    if let Some((_, end)) = appended {
                        self.frame.op(Op::Append(number));
                        self.frame.string(end);
                        let hash = self.hasher.hash(text);
                        self.entries.push(BaselineEntry::Text { len, hash });
                        self.at += 1;
                    } else {
                        self.frame.op(Op::Set(number));
                        self.scalar_value();
                        self.frame.raw(b",");
                    }
                }
            }
            _ if self.same_value() || self.appended(number) => {}
            _ => {
                self.frame.op(Op::Set(number));
                self.node_value();
                self.frame.raw(b",");
            }
        }
        self.was = match before {
            BaselineEntry::Open { end, .. } => end as usize,
            _ => self.was + 1,
        };
    }

    /// Whether the text at the tape's position is a streamed one that has grown. If so, what was appended is written.
    fn appended(&mut self, number: i64) -> bool {
        let (BaselineEntry::Streamed { len, id }, Entry::Shared { index }) =
            (self.old[self.was], self.tape.entries[self.at])
        else {
            return false;
        };
        let value = &self.tape.shared[index as usize];
        let SharedValue::Text(text) = value else { return false };
        // The page has no text node for an empty text.
        if text.id() != id || len == 0 || text.len() < len as usize {
            return false;
        }
        self.frame.op(Op::Append(number));
        text.with(|text| self.frame.string(&text[len as usize..]));
        self.entries.push(BaselineEntry::of_shared(value));
        self.at += 1;
        true
    }

    /// Writes `Op::Patch` with what `inner` writes, unless that is nothing.
    fn patch(&mut self, number: i64, inner: impl FnOnce(&mut Self)) {
        let mark = self.frame.mark();
        self.frame.op(Op::Patch(number));
        self.frame.raw(b"[");
        let empty = self.frame.mark();
        inner(self);
        if self.frame.mark() == empty {
            self.frame.rewind(mark);
        } else {
            self.frame.close(b"],");
        }
    }

    /// Whether the text, the raw HTML or its absence is the same as on the page. If so, it is skipped on the tape and
    /// remembered.
    fn same_value(&mut self) -> bool {
        let same = match (self.old[self.was], self.tape.entries[self.at]) {
            (BaselineEntry::Nothing, Entry::Nothing) => true,
            (BaselineEntry::Text { len: old_len, hash }, Entry::Text { start, len })
            | (BaselineEntry::Raw { len: old_len, hash }, Entry::Raw { start, len }) => {
                old_len == len && hash == self.hasher.hash(self.tape.slice(start, len))
            }
            (old, Entry::Shared { index }) => old.is_of_shared(&self.tape.shared[index as usize]),
            (BaselineEntry::View { id }, Entry::View { index }) => {
                let same = id == self.tape.views[index as usize].id();
                self.views.extend(same.then_some(id));
                same
            }
            _ => false,
        };
        if same {
            self.entries.push(self.old[self.was]);
            self.at += 1;
        }
        same
    }

    /// Whether the row at both positions, of one template, is the same in everything. If so, it is skipped and
    /// remembered.
    ///
    /// Most rows are unchanged. Both sides are flat, so this is one loop, which gives the same result as
    /// [`same_template`](Self::same_template).
    fn unchanged_row(&mut self) -> bool {
        let (Entry::Row { key }, Entry::Open { template, end }) =
            (self.tape.entries[self.at], self.tape.entries[self.at + 1])
        else {
            unreachable!("a list holds rows, and a row is a template")
        };
        let BaselineEntry::Open { end: old_end, .. } = self.old[self.was + 1] else {
            unreachable!("a row is a template")
        };
        let old = &self.old[self.was + 2..old_end as usize];
        let new = &self.tape.entries[self.at + 2..end as usize];
        // The distance by which the row has moved, and with it the ends in it.
        let moved = end.wrapping_sub(old_end);
        if old.len() != new.len() || !old.iter().zip(new).all(|(old, new)| self.same_entry(old, new, moved)) {
            return false;
        }
        // In the baseline, the distance may differ from that on the tape.
        let moved = (self.entries.len() as u32).wrapping_sub(self.was as u32);
        self.entries.push(BaselineEntry::Row { key });
        self.entries.push(BaselineEntry::Open { template, end: old_end.wrapping_add(moved) });
        for &entry in old {
            self.entries.push(match entry {
                BaselineEntry::Open { template, end } => BaselineEntry::Open { template, end: end.wrapping_add(moved) },
                BaselineEntry::List { rows, end } => BaselineEntry::List { rows, end: end.wrapping_add(moved) },
                BaselineEntry::Event { number, .. } => {
                    self.handlers.push(number);
                    entry
                }
                BaselineEntry::View { id } => {
                    self.views.push(id);
                    entry
                }
                entry => entry,
            });
        }
        self.was = old_end as usize;
        self.at = end as usize;
        true
    }

    fn same_entry(&self, old: &BaselineEntry, new: &Entry, moved: u32) -> bool {
        match (*old, *new) {
            (BaselineEntry::Text { len: old_len, hash }, Entry::Text { start, len })
            | (BaselineEntry::Raw { len: old_len, hash }, Entry::Raw { start, len }) => {
                old_len == len && hash == self.hasher.hash(self.tape.slice(start, len))
            }
            (old, Entry::Shared { index }) => old.is_of_shared(&self.tape.shared[index as usize]),
            (BaselineEntry::Nothing, Entry::Nothing) => true,
            (BaselineEntry::Toggle(before), Entry::Toggle(now)) => before == now,
            (BaselineEntry::Open { template: before, end: old_end }, Entry::Open { template, end }) => {
                std::ptr::eq(before, template) && end == old_end.wrapping_add(moved)
            }
            (BaselineEntry::List { rows: before, end: old_end }, Entry::List { rows, end, .. }) => {
                before == rows && end == old_end.wrapping_add(moved)
            }
            (BaselineEntry::Row { key: before }, Entry::Row { key }) => before == key,
            (BaselineEntry::View { id }, Entry::View { index }) => id == self.tape.views[index as usize].id(),
            (BaselineEntry::Event { spec, .. }, Entry::Event { index }) => {
                spec == self.hasher.hash_spec(&self.tape.events[index as usize].spec)
            }
            _ => false,
        }
    }

    /// Writes the text at the tape's position, or `0` for none.
    fn scalar_value(&mut self) {
        match self.next() {
            Entry::Text { start, len } => {
                let text = self.tape.slice(start, len);
                self.entries.push(BaselineEntry::Text { len, hash: self.hasher.hash(text) });
                json::string(self.frame.out(), text);
            }
            Entry::Nothing => {
                self.entries.push(BaselineEntry::Nothing);
                self.frame.raw(b"0");
            }
            entry => unreachable!("{entry:?} in an attribute or text slot"),
        }
    }

    /// Writes the complete node at the tape's position.
    fn node_value(&mut self) {
        match self.tape.entries[self.at] {
            Entry::Raw { start, len } => {
                let html = self.tape.slice(start, len);
                self.entries.push(BaselineEntry::Raw { len, hash: self.hasher.hash(html) });
                self.at += 1;
                self.frame.raw_html(html);
            }
            Entry::Shared { index } => {
                let value = &self.tape.shared[index as usize];
                self.entries.push(BaselineEntry::of_shared(value));
                self.at += 1;
                match value {
                    SharedValue::Text(text) => text.with(|text| json::string(self.frame.out(), text)),
                    SharedValue::Html(html) => self.frame.raw_html(html.as_str()),
                }
            }
            Entry::Open { .. } => {
                let number = self.number();
                self.frame.raw(b"[");
                json::number(self.frame.out(), number);
                self.frame.raw(b",");
                self.values();
                self.frame.close(b"]");
            }
            Entry::View { index } => {
                self.at += 1;
                let view = &self.tape.views[index as usize];
                let (id, page) = (view.id(), view.page());
                self.entries.push(BaselineEntry::View { id });
                self.views.push(id);
                self.placed_views.push(id);
                // `{"i":"7",…},"html"`
                self.frame.child(id, &page.data, &page.html);
            }
            _ => self.scalar_value(),
        }
    }

    /// Returns the number of the template at the tape's position. Its definition is written if the page lacks it.
    fn number(&mut self) -> u32 {
        self.definitions.for_patch(self.tape, self.at, &self.hasher, self.frame)
    }

    /// Writes the values of the slots of the template at the tape's position, each with a comma.
    fn values(&mut self) {
        let Entry::Open { template, .. } = self.tape.entries[self.at] else {
            unreachable!("a template is opened here")
        };
        let open = self.open(template);
        for part in template.parts {
            let Part::Slot(slot) = part else { continue };
            match slot {
                Slot::Node(_) => self.node_value(),
                Slot::Text | Slot::Attribute { .. } => self.scalar_value(),
                Slot::Toggle { .. } => {
                    let Entry::Toggle(on) = self.next() else { unreachable!("a toggle slot holds a toggle") };
                    self.entries.push(BaselineEntry::Toggle(on));
                    self.frame.raw(if on { b"1" } else { b"0" });
                }
                Slot::List(_) => {
                    self.frame.raw(b"[");
                    match self.tape.entries[self.at] {
                        Entry::LiveList { .. } => live_list::values(self),
                        _ => list::values(self),
                    }
                    self.frame.close(b"]");
                }
                Slot::Event { .. } => {
                    let Entry::Event { index } = self.next() else { unreachable!("an event slot holds an event") };
                    let spec = self.hasher.hash_spec(&self.tape.events[index as usize].spec);
                    self.entries.push(BaselineEntry::Event { number: self.next_handler, spec });
                    self.handlers.push(self.next_handler);
                    self.next_handler += 1;
                    continue;
                }
            }
            self.frame.raw(b",");
        }
        self.close(open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame_between(before: &Tape<()>, after: &Tape<()>) -> String {
        let mut baseline = Baseline::new();
        baseline.first(before);
        let mut frame = Frame::new();
        assert!(baseline.update(after, &mut frame).is_some());
        frame.finish(0)
    }

    fn written(write: impl FnOnce(&mut Tape<()>)) -> Tape<()> {
        let mut tape = Tape::new();
        write(&mut tape);
        tape
    }

    #[test]
    fn a_root_without_a_template_is_sent_only_when_it_changed() {
        let empty = Tape::new();
        let nothing = written(|tape| tape.nothing());
        let text = written(|tape| tape.text("a"));
        let other = written(|tape| tape.text("b"));
        let raw = written(|tape| tape.raw(|html| html.push('a')));
        for same in [&empty, &nothing, &text, &raw] {
            assert_eq!(frame_between(same, same), "[0]");
        }
        assert_eq!(frame_between(&text, &other), r#"[0,-7,"b"]"#);
        assert_eq!(frame_between(&text, &raw), r#"[0,-7,["a"]]"#);
        assert_eq!(frame_between(&raw, &empty), "[0,-7,0]");
        assert_eq!(frame_between(&empty, &text), r#"[0,-7,"a"]"#);
    }
}
