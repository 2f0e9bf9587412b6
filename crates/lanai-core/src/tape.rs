//! The tape: one rendering of a view, as one flat buffer.
//!
//! `html!` writes the values of a template's slots onto a [`Tape`] in document order. No tree is built: an entry knows
//! where the part that it opens ends, and all text stands in one string.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::{Display, Write as _};
use std::sync::Arc;

use crate::nested::Nested;
use crate::nesting::Open;
use crate::template::{Namespace, Part, Place, Slot, Template};
use crate::url;

/// One rendering: the values of the slots of a template and of all templates nested in it, in document order.
///
/// `H` is the type of event handlers; this crate only carries them.
///
/// # Example
///
/// ```
/// use lanai_core::{Namespace, Part, Place, Slot, Tape, Template};
///
/// static GREETING: Template = Template {
///     parts: &[
///         Part::Static("<p"), Part::Mark, Part::Static(">"),
///         Part::Slot(Slot::Node(Place::Only)),
///         Part::Static("</p>"),
///     ],
///     namespace: Namespace::Html,
///     single_root: true,
/// };
///
/// let mut tape = Tape::<()>::new();
/// tape.open(&GREETING);
/// tape.text("Tom & Jerry");
/// tape.close();
/// assert_eq!(tape.to_html(), "<p>Tom &amp; Jerry</p>");
/// ```
#[derive(Debug, Clone)]
pub struct Tape<H> {
    pub(crate) entries: Vec<Entry>,
    pub(crate) text: String,
    pub(crate) events: Vec<Event<H>>,
    /// The views inside this one, in document order.
    pub(crate) views: Vec<Arc<dyn Nested>>,
    /// The live lists, in document order.
    pub(crate) tracked: Vec<LiveListHead>,
    /// Entries whose end is not known yet, innermost last.
    open: Open,
    /// Where the value under construction starts in `text`.
    value: u32,
    /// Whether the value under construction has a part that its author vouched for (`PreEscaped`).
    trusted: bool,
    /// How many addresses were refused for their scheme.
    refused_urls: u32,
}

/// A list that rows are being written to.
#[derive(Debug, Clone, Copy)]
pub struct OpenList {
    /// How much is open, the list included.
    depth: usize,
}

/// An event slot's content.
#[derive(Debug, Clone)]
pub(crate) struct Event<H> {
    /// `None` when there is no handler at the moment.
    pub(crate) handler: Option<H>,
    /// `payload|modifier…`, see `docs/PROTOCOL.md`, section 3.
    pub(crate) spec: Cow<'static, str>,
}

/// One value on a tape.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry {
    /// Text, not escaped.
    Text { start: u32, len: u32 },
    /// HTML that its author vouched for.
    Raw { start: u32, len: u32 },
    /// An absent attribute, or an empty node slot.
    Nothing,
    /// A boolean attribute.
    Toggle(bool),
    /// An instance of a template; its slots follow, up to `end`.
    Open { template: &'static Template, end: u32 },
    /// A list; its rows follow, up to `end`.
    List { rows: u32, keyed: bool, end: u32 },
    /// A row of a list; its `Open` follows.
    Row { key: u64 },
    /// An event slot: an index into `events`.
    Event { index: u32 },
    /// Another view: an index into `views`.
    View { index: u32 },
    /// The list of a live list: an index into `tracked`. What follows up to `end` are its rows, or what became of them.
    LiveList { index: u32, end: u32 },
    /// So many rows are as they were.
    Kept { count: u32 },
    /// So many rows are there no more.
    Removed { count: u32 },
    /// The row that follows was there before.
    Touched,
}

/// What a rendering says of a [tracked](crate::live_list) collection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LiveListHead {
    /// Which collection it is.
    pub(crate) collection: u64,
    /// The version that the rows are told against; nothing if all are there.
    pub(crate) from: Option<u64>,
    /// Its version now.
    pub(crate) version: u64,
    /// How many rows are on the tape.
    pub(crate) rows: u32,
}

/// How large a rendering is. The next one of the same view is about as large: told so, it allocates once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    entries: u32,
    text: u32,
}

thread_local! {
    /// What the next tape of this thread will hold.
    static EXPECTED: Cell<Size> = const { Cell::new(Size { entries: 0, text: 0 }) };
}

impl Size {
    /// Gives the next tape that this thread makes room for as much and a little more.
    pub fn expect(self) {
        EXPECTED.set(self);
    }
}

impl<H> Default for Tape<H> {
    fn default() -> Self {
        Self::new()
    }
}

impl<H> Tape<H> {
    /// An empty tape.
    pub fn new() -> Self {
        let Size { entries, text } = EXPECTED.take();
        let (entries, text) = (entries as usize, text as usize);
        Self {
            entries: if entries > 0 { Vec::with_capacity(entries + entries / 8 + 4) } else { Vec::new() },
            text: if entries > 0 { String::with_capacity(text + text / 8 + 64) } else { String::new() },
            events: Vec::new(),
            views: Vec::new(),
            tracked: Vec::new(),
            open: if entries > 0 { Open::with_capacity(8) } else { Open::default() },
            value: 0,
            trusted: false,
            refused_urls: 0,
        }
    }

    /// Opens an instance of `template`: as the root, in a node slot, or as the content of a [row](Self::row).
    ///
    /// # Panics
    ///
    /// If more than [`nesting::DEPTH`](crate::nesting::DEPTH) templates and lists stand in one another. (So do lists and splices.)
    #[track_caller]
    pub fn open(&mut self, template: &'static Template) {
        self.open.push(self.position());
        self.entries.push(Entry::Open { template, end: 0 });
    }

    /// Closes what [`open`](Self::open) opened.
    ///
    /// # Panics
    ///
    /// If nothing is open.
    pub fn close(&mut self) {
        let here = self.position();
        let at = self.open.pop().expect("close without open") as usize;
        match &mut self.entries[at] {
            Entry::Open { end, .. } | Entry::List { end, .. } | Entry::LiveList { end, .. } => *end = here,
            _ => unreachable!("only templates and lists are open"),
        }
    }

    /// Fills a node slot with text.
    pub fn text(&mut self, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.push_text(start);
    }

    /// Fills a node slot with the text of a value.
    pub fn display(&mut self, value: &(impl Display + ?Sized)) {
        let start = self.text.len();
        write!(self.text, "{value}").expect("a Display implementation returned an error");
        self.push_text(start);
    }

    /// Fills a node slot with HTML that `write` appends. It is not escaped, but it stays in its place: tags that would close what is around it
    /// are left out, elements that are open are closed.
    pub fn raw(&mut self, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        if let Some(contained) = crate::raw::contain(&self.text[start..]) {
            self.text.truncate(start);
            self.text.push_str(&contained);
        }
        let (start, len) = self.range(start);
        self.entries.push(Entry::Raw { start, len });
    }

    /// Fills a node slot with nothing.
    pub fn nothing(&mut self) {
        self.entries.push(Entry::Nothing);
    }

    /// Fills a node slot with another live view.
    pub fn view(&mut self, view: Arc<dyn Nested>) {
        self.entries.push(Entry::View { index: self.views.len() as u32 });
        self.views.push(view);
    }

    /// Fills a node slot with another rendering that has no handlers.
    ///
    /// # Panics
    ///
    /// In debug builds, if `other` has handlers.
    #[track_caller]
    pub fn splice_inert<G>(&mut self, other: &Tape<G>) {
        self.open.splice(&other.open);
        debug_assert!(other.events.is_empty(), "an inert rendering has no handlers");
        self.splice_entries(&other.entries, &other.text);
        self.tracked.extend_from_slice(&other.tracked);
        self.views.extend(other.views.iter().cloned());
        self.refused_urls += other.refused_urls;
    }

    /// Fills a node slot with another rendering.
    #[track_caller]
    pub fn splice(&mut self, other: &Tape<H>)
    where
        H: Clone,
    {
        self.open.splice(&other.open);
        self.splice_entries(&other.entries, &other.text);
        self.events.extend(other.events.iter().cloned());
        self.views.extend(other.views.iter().cloned());
        self.refused_urls += other.refused_urls;
    }

    fn splice_entries(&mut self, entries: &[Entry], text: &str) {
        if entries.is_empty() {
            return self.nothing();
        }
        let base = self.position();
        let text_base = self.text.len() as u32;
        let event_base = self.events.len() as u32;
        let view_base = self.views.len() as u32;
        let live_list_base = self.tracked.len() as u32;
        self.text.push_str(text);
        self.entries.extend(entries.iter().map(|entry| match *entry {
            Entry::Text { start, len } => Entry::Text { start: start + text_base, len },
            Entry::Raw { start, len } => Entry::Raw { start: start + text_base, len },
            Entry::Open { template, end } => Entry::Open { template, end: end + base },
            Entry::List { rows, keyed, end } => Entry::List { rows, keyed, end: end + base },
            Entry::Event { index } => Entry::Event { index: index + event_base },
            Entry::View { index } => Entry::View { index: index + view_base },
            Entry::LiveList { index, end } => Entry::LiveList { index: index + live_list_base, end: end + base },
            entry => entry,
        }));
    }

    /// Opens a list: its rows follow, each a [`row`](Self::row) and an [`open`](Self::open) … [`close`](Self::close).
    ///
    /// What it returns is for loops that an author's `continue` or `break` may leave in the midst of a row, see
    /// [`row_of`](Self::row_of).
    pub fn begin_list(&mut self, keyed: bool) -> OpenList {
        self.open.push(self.position());
        self.entries.push(Entry::List { rows: 0, keyed, end: 0 });
        OpenList { depth: self.open.places().len() }
    }

    /// Begins a row with the hash of its key (any number in a list without keys).
    pub fn row(&mut self, key: u64) {
        let at = *self.open.places().last().expect("row outside a list") as usize;
        match &mut self.entries[at] {
            Entry::List { rows, .. } => *rows += 1,
            Entry::LiveList { index, .. } => self.tracked[*index as usize].rows += 1,
            _ => unreachable!("a row stands in a list"),
        }
        self.entries.push(Entry::Row { key });
    }

    /// Opens the list of a live list: its rows follow if `from` is nothing; else what became of those that it had in that
    /// version, in the order of the rows: [`kept`](Self::kept), [`removed`](Self::removed), a row that is new, or a
    /// [`touched`](Self::touched) and the row. [`end_list`](Self::end_list) closes it.
    pub fn begin_live_list(&mut self, collection: u64, from: Option<u64>, version: u64) {
        self.open.push(self.position());
        self.entries.push(Entry::LiveList { index: self.tracked.len() as u32, end: 0 });
        self.tracked.push(LiveListHead { collection, from, version, rows: 0 });
    }

    /// So many rows of a live list are as they were.
    pub fn kept(&mut self, count: u32) {
        self.entries.push(Entry::Kept { count });
    }

    /// So many rows of a live list are there no more.
    pub fn removed(&mut self, count: u32) {
        self.entries.push(Entry::Removed { count });
    }

    /// The next row of a live list was there before.
    pub fn touched(&mut self) {
        self.entries.push(Entry::Touched);
    }

    /// Whether it leaves out rows that a page has already, so that it is nothing without that page.
    pub fn is_partial(&self) -> bool {
        self.tracked.iter().any(|head| head.from.is_some())
    }

    /// Closes what [`begin_list`](Self::begin_list) or [`begin_live_list`](Self::begin_live_list) opened.
    pub fn end_list(&mut self) {
        self.close();
    }

    /// As [`row`](Self::row), but first takes back the row before if it was not closed.
    pub fn row_of(&mut self, list: OpenList, key: u64) {
        self.take_back(list);
        self.row(key);
    }

    /// As [`end_list`](Self::end_list), but first takes back the last row if it was not closed.
    pub fn end_list_at(&mut self, list: OpenList) {
        self.take_back(list);
        self.end_list();
    }

    /// Forgets the row of `list` that is open, with all that it holds.
    fn take_back(&mut self, list: OpenList) {
        let Some(&content) = self.open.places().get(list.depth) else { return };
        // The row itself stands before its content.
        let row = content as usize - 1;
        let event = self.entries[row..].iter().find_map(|entry| match entry {
            Entry::Event { index } => Some(*index as usize),
            _ => None,
        });
        self.events.truncate(event.unwrap_or(self.events.len()));
        let view = self.entries[row..].iter().find_map(|entry| match entry {
            Entry::View { index } => Some(*index as usize),
            _ => None,
        });
        self.views.truncate(view.unwrap_or(self.views.len()));
        let tracked = self.entries[row..].iter().find_map(|entry| match entry {
            Entry::LiveList { index, .. } => Some(*index as usize),
            _ => None,
        });
        self.tracked.truncate(tracked.unwrap_or(self.tracked.len()));
        self.entries.truncate(row);
        self.open.truncate(list.depth);
        if let Entry::List { rows, .. } = &mut self.entries[self.open.places()[list.depth - 1] as usize] {
            *rows -= 1;
        }
    }

    /// Begins the value of an attribute slot or a text slot.
    pub fn begin_value(&mut self) {
        self.value = self.text.len() as u32;
        self.trusted = false;
    }

    /// Appends text to the value under construction.
    pub fn value_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends the text of a value to the value under construction.
    pub fn value_display(&mut self, value: &(impl Display + ?Sized)) {
        write!(self.text, "{value}").expect("a Display implementation returned an error");
    }

    /// Appends HTML that `write` appends to a string to the value under construction, as the text that it stands for.
    pub fn value_raw(&mut self, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        if self.text[start..].contains('&') {
            let decoded = html_escape::decode_html_entities(&self.text[start..]).into_owned();
            self.text.truncate(start);
            self.text.push_str(&decoded);
        }
    }

    /// As [`value_raw`](Self::value_raw), with HTML that its author vouches for: an address with such a part is not checked.
    pub fn value_trusted(&mut self, write: impl FnOnce(&mut String)) {
        self.value_raw(write);
        self.trusted = true;
    }

    /// Ends the value under construction.
    pub fn end_value(&mut self) {
        self.push_text(self.value as usize);
    }

    /// Ends the value under construction, which is an address: one with a script scheme is replaced by
    /// [`url::REFUSED`] and counted.
    pub fn end_url(&mut self) {
        let start = self.value as usize;
        if !self.trusted && url::is_script(&self.text[start..]) {
            self.refuse(start);
        }
        self.push_text(start);
    }

    /// Ends the value under construction, which is a list of addresses with semicolons between them (the `values` of an
    /// animation): one with a script scheme anywhere is replaced as a whole.
    pub fn end_url_list(&mut self) {
        let start = self.value as usize;
        if !self.trusted && self.text[start..].split(';').any(url::is_script) {
            self.refuse(start);
        }
        self.push_text(start);
    }

    fn refuse(&mut self, start: usize) {
        self.text.truncate(start);
        self.text.push_str(url::REFUSED);
        self.refused_urls += 1;
    }

    /// Fills an attribute slot with nothing: the attribute is absent.
    pub fn no_value(&mut self) {
        self.entries.push(Entry::Nothing);
    }

    /// Fills a toggle slot.
    pub fn toggle(&mut self, on: bool) {
        self.entries.push(Entry::Toggle(on));
    }

    /// Fills an event slot with a handler and its `payload|modifier…`.
    pub fn event(&mut self, handler: H, spec: impl Into<Cow<'static, str>>) {
        self.push_event(Event { handler: Some(handler), spec: spec.into() });
    }

    /// Fills an event slot with no handler.
    pub fn no_event(&mut self) {
        self.push_event(Event { handler: None, spec: Cow::Borrowed("-") });
    }

    fn push_event(&mut self, event: Event<H>) {
        self.entries.push(Entry::Event { index: self.events.len() as u32 });
        self.events.push(event);
    }

    /// The same rendering with other handlers.
    pub fn map_handlers<G>(self, mut map: impl FnMut(H) -> G) -> Tape<G> {
        Tape {
            entries: self.entries,
            text: self.text,
            events: self
                .events
                .into_iter()
                .map(|event| Event { handler: event.handler.map(&mut map), spec: event.spec })
                .collect(),
            views: self.views,
            tracked: self.tracked,
            open: self.open,
            value: self.value,
            trusted: self.trusted,
            refused_urls: self.refused_urls,
        }
    }

    /// The rendering without its handlers, and the handlers in document order, `None` for an event slot without one: the order of
    /// [`Baseline::handler`](crate::Baseline::handler).
    pub fn split(mut self) -> (Tape<()>, Vec<Option<H>>) {
        let handlers = self.events.iter_mut().map(|event| event.handler.take()).collect();
        (self.map_handlers(|_| ()), handlers)
    }

    /// The same rendering as the only content of a template that is the same for all: its root never becomes another one.
    ///
    /// That is what a view with many pages needs, since a page that comes later learns template 0 as the root.
    #[must_use]
    pub fn framed(self) -> Self {
        /// One node slot.
        static FRAME: Template = Template {
            parts: &[Part::Slot(Slot::Node(Place::Between))],
            namespace: Namespace::Html,
            single_root: false,
        };
        let mut framed = Self {
            entries: Vec::with_capacity(self.entries.len() + 2),
            text: String::new(),
            events: Vec::new(),
            views: Vec::new(),
            tracked: Vec::new(),
            open: Open::default(),
            value: 0,
            trusted: false,
            refused_urls: self.refused_urls,
        };
        framed.open(&FRAME);
        framed.open.splice(&self.open);
        framed.splice_entries(&self.entries, "");
        framed.close();
        Self { text: self.text, events: self.events, views: self.views, tracked: self.tracked, ..framed }
    }

    /// The views inside this one, in document order.
    pub fn views(&self) -> &[Arc<dyn Nested>] {
        &self.views
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        Size { entries: self.position(), text: self.text.len() as u32 }
    }

    /// How many addresses were replaced because of their scheme.
    pub fn refused_urls(&self) -> u32 {
        self.refused_urls
    }

    /// How many entries it has: slots, rows and templates.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn push_text(&mut self, start: usize) {
        let (start, len) = self.range(start);
        self.entries.push(Entry::Text { start, len });
    }

    fn range(&self, start: usize) -> (u32, u32) {
        let len = self.text.len();
        assert!(len <= u32::MAX as usize, "a rendering holds at most 4 GiB of text");
        (start as u32, (len - start) as u32)
    }

    fn position(&self) -> u32 {
        self.entries.len() as u32
    }

    pub(crate) fn slice(&self, start: u32, len: u32) -> &str {
        &self.text[start as usize..(start + len) as usize]
    }
}
