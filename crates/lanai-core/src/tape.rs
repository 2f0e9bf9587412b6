//! The tape: one rendering of a view, as one flat buffer.
//!
//! `html!` writes the values of a template's slots onto a [`Tape`] in document order. It builds no tree: an entry that
//! opens a group stores where the group ends, and one string holds all text.

use std::cell::Cell;
use std::fmt::{Display, Write as _};
use std::sync::Arc;

use crate::frozen_html::FrozenHtml;
use crate::nested::Nested;
use crate::nesting::Open;
use crate::protocol::EventSpec;
use crate::streamed_text::StreamedText;
use crate::template::{Namespace, Part, Position, Slot, Template};
use crate::{style, url};

/// One rendering: the values of the slots of a template and of all templates nested in it, in document order.
///
/// `H` is the type of event handlers; this crate only carries them.
///
/// # Example
///
/// ```
/// use lanai_core::{Namespace, Part, Position, Slot, Tape, Template};
///
/// static GREETING: Template = Template {
///     parts: &[
///         Part::Static("<p"), Part::Mark, Part::Static(">"),
///         Part::Slot(Slot::Node(Position::Only)),
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
    pub(crate) live_lists: Vec<LiveListHead>,
    /// The values that the tape has in common with the view, in document order.
    pub(crate) shared: Vec<SharedValue>,
    /// The entries whose end is not known yet, innermost last.
    open: Open,
    /// The start of the value under construction, in `text`.
    value: u32,
    /// Whether the value under construction contains text that its author vouched for (`PreEscaped`).
    trusted: bool,
    /// The number of values that were refused: URLs because of their scheme, and values of styles that are more than
    /// one.
    refused: u32,
}

/// A list that rows are being written to.
#[derive(Debug, Clone, Copy)]
pub struct OpenList {
    /// The number of open entries, including the list.
    depth: usize,
}

/// The content of an event slot.
#[derive(Debug, Clone)]
pub(crate) struct Event<H> {
    /// `None` if the slot has no handler in this rendering.
    pub(crate) handler: Option<H>,
    pub(crate) spec: EventSpec,
}

/// One value on a tape.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry {
    /// Unescaped text.
    Text { start: u32, len: u32 },
    /// HTML that its author vouched for.
    Raw { start: u32, len: u32 },
    /// A value that was not copied to the tape: an index into `shared`.
    Shared { index: u32 },
    /// An absent attribute, or an empty node slot.
    Nothing,
    /// A boolean attribute.
    Toggle(bool),
    /// An instance of a template. Its slots follow, up to `end`.
    Open { template: &'static Template, end: u32 },
    /// A list. Its rows follow, up to `end`.
    List { rows: u32, keyed: bool, end: u32 },
    /// A row of a list. Its `Open` follows.
    Row { key: u64 },
    /// An event slot: an index into `events`.
    Event { index: u32 },
    /// Another view: an index into `views`.
    View { index: u32 },
    /// A live list: an index into `live_lists`. Up to `end`, either all its rows follow, or their changes.
    LiveList { index: u32, end: u32 },
    /// The next `count` rows are unchanged.
    Kept { count: u32 },
    /// The next `count` rows were removed.
    Removed { count: u32 },
    /// The row that follows existed before, and was touched.
    Touched,
}

/// A value that a tape has in common with the view, so that a rendering does not copy it.
#[derive(Debug, Clone)]
pub(crate) enum SharedValue {
    Text(StreamedText),
    Html(FrozenHtml),
}

/// The beginning of a [live list](crate::live_list).
#[derive(Debug, Clone, Copy)]
pub(crate) struct LiveListHead {
    /// Identifies the live list.
    pub(crate) id: u64,
    /// The version that the changes start from, or `None` if all rows follow.
    pub(crate) from: Option<u64>,
    /// The version of this rendering.
    pub(crate) version: u64,
    /// The number of rows on the tape.
    pub(crate) rows: u32,
}

/// The size of a rendering. The next rendering of the same view probably has a similar size, and with this hint it
/// allocates only once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    entries: u32,
    text: u32,
}

thread_local! {
    /// The expected size of this thread's next tape.
    static EXPECTED: Cell<Size> = const { Cell::new(Size { entries: 0, text: 0 }) };
}

impl Size {
    /// Reserves space for this size, and some more, in the next tape that this thread creates.
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
    /// Creates an empty tape.
    #[must_use]
    pub fn new() -> Self {
        let Size { entries, text } = EXPECTED.take();
        let (entries, text) = (entries as usize, text as usize);
        Self {
            entries: if entries > 0 { Vec::with_capacity(entries + entries / 8 + 4) } else { Vec::new() },
            text: if entries > 0 { String::with_capacity(text + text / 8 + 64) } else { String::new() },
            events: Vec::new(),
            views: Vec::new(),
            live_lists: Vec::new(),
            shared: Vec::new(),
            open: if entries > 0 { Open::with_capacity(8) } else { Open::default() },
            value: 0,
            trusted: false,
            refused: 0,
        }
    }

    /// Opens an instance of `template`: as the root, in a node slot, or as the content of a [row](Self::row).
    ///
    /// # Panics
    ///
    /// Panics if more than [`nesting::DEPTH`](crate::nesting::DEPTH) templates and lists are nested in each other.
    /// (Opening a list and splicing check this too.)
    #[track_caller]
    pub fn open(&mut self, template: &'static Template) {
        self.open.push(self.position());
        self.entries.push(Entry::Open { template, end: 0 });
    }

    /// Whether the browser runs commands for some event of this rendering.
    #[must_use]
    pub fn has_commands(&self) -> bool {
        self.events.iter().any(|event| event.spec.has_commands())
    }

    /// Closes what [`open`](Self::open) opened.
    ///
    /// # Panics
    ///
    /// Panics if nothing is open.
    pub fn close(&mut self) {
        let here = self.position();
        let at = self.open.pop().expect("`close` without `open`") as usize;
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

    /// Fills a node slot with the HTML that `write` appends. The HTML is not escaped, but it cannot affect what is
    /// around it: end tags for elements outside are removed, and open elements are closed.
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

    /// Fills a node slot with text that grows, without copying it.
    pub fn streamed(&mut self, text: &StreamedText) {
        assert!(u32::try_from(text.len()).is_ok(), "a rendering holds at most 4 GiB of text");
        self.push_shared(SharedValue::Text(text.clone()));
    }

    /// Fills a node slot with frozen HTML, without copying it.
    pub fn frozen(&mut self, html: &FrozenHtml) {
        self.push_shared(SharedValue::Html(html.clone()));
    }

    fn push_shared(&mut self, value: SharedValue) {
        self.entries.push(Entry::Shared { index: self.shared.len() as u32 });
        self.shared.push(value);
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
    /// Panics in debug builds if `other` has handlers.
    #[track_caller]
    pub fn splice_inert<G>(&mut self, other: &Tape<G>) {
        self.open.splice(&other.open);
        debug_assert!(other.events.is_empty(), "an inert rendering has no handlers");
        self.splice_rest(other);
        self.refused += other.refused;
    }

    /// Fills a node slot with another rendering.
    #[track_caller]
    pub fn splice(&mut self, other: &Tape<H>)
    where
        H: Clone,
    {
        self.open.splice(&other.open);
        self.splice_rest(other);
        self.events.extend(other.events.iter().cloned());
        self.refused += other.refused;
    }

    /// Splices everything but the handlers.
    fn splice_rest<G>(&mut self, other: &Tape<G>) {
        self.splice_entries(&other.entries, &other.text);
        self.views.extend(other.views.iter().cloned());
        self.live_lists.extend_from_slice(&other.live_lists);
        self.shared.extend_from_slice(&other.shared);
    }

    fn splice_entries(&mut self, entries: &[Entry], text: &str) {
        if entries.is_empty() {
            return self.nothing();
        }
        let base = self.position();
        let text_base = self.text.len() as u32;
        let event_base = self.events.len() as u32;
        let view_base = self.views.len() as u32;
        let live_list_base = self.live_lists.len() as u32;
        let shared_base = self.shared.len() as u32;
        self.text.push_str(text);
        self.entries.extend(entries.iter().map(|entry| match *entry {
            Entry::Text { start, len } => Entry::Text { start: start + text_base, len },
            Entry::Raw { start, len } => Entry::Raw { start: start + text_base, len },
            Entry::Open { template, end } => Entry::Open { template, end: end + base },
            Entry::List { rows, keyed, end } => Entry::List { rows, keyed, end: end + base },
            Entry::Event { index } => Entry::Event { index: index + event_base },
            Entry::View { index } => Entry::View { index: index + view_base },
            Entry::LiveList { index, end } => Entry::LiveList { index: index + live_list_base, end: end + base },
            Entry::Shared { index } => Entry::Shared { index: index + shared_base },
            entry => entry,
        }));
    }

    /// Opens a list. Its rows follow, each a [`row`](Self::row) and an [`open`](Self::open) … [`close`](Self::close).
    ///
    /// The returned value is for loops that the author's `continue` or `break` may leave in the middle of a row; see
    /// [`row_of`](Self::row_of).
    pub fn begin_list(&mut self, keyed: bool) -> OpenList {
        self.open.push(self.position());
        self.entries.push(Entry::List { rows: 0, keyed, end: 0 });
        OpenList { depth: self.open.positions().len() }
    }

    /// Begins a row with the hash of its key, or with any number in a list without keys.
    pub fn row(&mut self, key: u64) {
        let at = *self.open.positions().last().expect("row outside a list") as usize;
        match &mut self.entries[at] {
            Entry::List { rows, .. } => *rows += 1,
            Entry::LiveList { index, .. } => self.live_lists[*index as usize].rows += 1,
            _ => unreachable!("a row belongs to a list"),
        }
        self.entries.push(Entry::Row { key });
    }

    /// Opens a live list. If `from` is `None`, all its rows follow. Otherwise, what has become of the rows of that
    /// version follows, in their order: [`kept`](Self::kept) rows, [`removed`](Self::removed) rows, a new row, or
    /// [`touched`](Self::touched) and a row. [`end_list`](Self::end_list) closes the list.
    pub fn begin_live_list(&mut self, id: u64, from: Option<u64>, version: u64) {
        self.open.push(self.position());
        self.entries.push(Entry::LiveList { index: self.live_lists.len() as u32, end: 0 });
        self.live_lists.push(LiveListHead { id, from, version, rows: 0 });
    }

    /// Notes that the next `count` rows of a live list are unchanged.
    pub fn kept(&mut self, count: u32) {
        self.entries.push(Entry::Kept { count });
    }

    /// Notes that the next `count` rows of a live list were removed.
    pub fn removed(&mut self, count: u32) {
        self.entries.push(Entry::Removed { count });
    }

    /// Notes that the row that follows existed before and was touched.
    pub fn touched(&mut self) {
        self.entries.push(Entry::Touched);
    }

    /// Whether the rendering omits rows that a page already has, so that it is useless without that page.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.live_lists.iter().any(|head| head.from.is_some())
    }

    /// Closes what [`begin_list`](Self::begin_list) or [`begin_live_list`](Self::begin_live_list) opened.
    pub fn end_list(&mut self) {
        self.close();
    }

    /// Like [`row`](Self::row), but first discards the previous row if it was not closed.
    pub fn row_of(&mut self, list: OpenList, key: u64) {
        self.discard_open_row(list);
        self.row(key);
    }

    /// Like [`end_list`](Self::end_list), but first discards the last row if it was not closed.
    pub fn end_list_at(&mut self, list: OpenList) {
        self.discard_open_row(list);
        self.end_list();
    }

    /// Discards the open row of `list`, with everything in it.
    fn discard_open_row(&mut self, list: OpenList) {
        let Some(&content) = self.open.positions().get(list.depth) else { return };
        // The entry before the content is the row itself.
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
        let live_lists = self.entries[row..].iter().find_map(|entry| match entry {
            Entry::LiveList { index, .. } => Some(*index as usize),
            _ => None,
        });
        self.live_lists.truncate(live_lists.unwrap_or(self.live_lists.len()));
        let shared = self.entries[row..].iter().find_map(|entry| match entry {
            Entry::Shared { index } => Some(*index as usize),
            _ => None,
        });
        self.shared.truncate(shared.unwrap_or(self.shared.len()));
        self.entries.truncate(row);
        self.open.truncate(list.depth);
        if let Entry::List { rows, .. } = &mut self.entries[self.open.positions()[list.depth - 1] as usize] {
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

    /// Appends HTML to the value under construction, as the text that it represents. `write` appends the HTML to a
    /// string.
    pub fn value_raw(&mut self, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        if self.text[start..].contains('&') {
            let decoded = html_escape::decode_html_entities(&self.text[start..]).into_owned();
            self.text.truncate(start);
            self.text.push_str(&decoded);
        }
    }

    /// Like [`value_raw`](Self::value_raw), for HTML that its author vouches for: a URL that contains such a piece is
    /// not checked.
    pub fn value_trusted(&mut self, write: impl FnOnce(&mut String)) {
        self.value_raw(write);
        self.trusted = true;
    }

    /// Begins a value in a declaration of CSS, which is part of the value under construction.
    #[must_use]
    pub fn begin_style_value(&self) -> usize {
        self.text.len()
    }

    /// Ends a value in a declaration of CSS, which [began](Self::begin_style_value) at `start`. If it is more than one
    /// value, or loads something, it is left out, and counted, unless its author
    /// vouches for it.
    pub fn end_style_value(&mut self, start: usize) {
        let is_trusted = std::mem::take(&mut self.trusted);
        if !is_trusted && !style::is_value(&self.text[start..]) {
            self.text.truncate(start);
            self.refused += 1;
        }
    }

    /// Ends the value under construction.
    pub fn end_value(&mut self) {
        self.push_text(self.value as usize);
    }

    /// Ends the value under construction, which is a URL. A URL with a script scheme is replaced by [`url::REFUSED`],
    /// and counted.
    pub fn end_url(&mut self) {
        let start = self.value as usize;
        if !self.trusted && url::is_script(&self.text[start..]) {
            self.refuse(start);
        }
        self.push_text(start);
    }

    /// Ends the value under construction, which is a list of URLs separated by semicolons (the `values` of an
    /// animation). If one of them has a script scheme, the whole list is replaced.
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
        self.refused += 1;
    }

    /// Fills an attribute slot with no value: the attribute is absent.
    pub fn no_value(&mut self) {
        self.entries.push(Entry::Nothing);
    }

    /// Fills a toggle slot.
    pub fn toggle(&mut self, on: bool) {
        self.entries.push(Entry::Toggle(on));
    }

    /// Fills an event slot with a handler, and with what the browser sends to it.
    pub fn event(&mut self, handler: H, spec: EventSpec) {
        self.push_event(Event { handler: Some(handler), spec });
    }

    /// Fills an event slot with no handler.
    pub fn no_event(&mut self) {
        self.push_event(Event { handler: None, spec: EventSpec::NONE });
    }

    fn push_event(&mut self, event: Event<H>) {
        self.entries.push(Entry::Event { index: self.events.len() as u32 });
        self.events.push(event);
    }

    /// Replaces the handlers of the rendering.
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
            live_lists: self.live_lists,
            shared: self.shared,
            open: self.open,
            value: self.value,
            trusted: self.trusted,
            refused: self.refused,
        }
    }

    /// Splits off the handlers. They are in document order, the order of
    /// [`Baseline::handler`](crate::Baseline::handler), with `None` for an event slot without a handler.
    #[must_use]
    pub fn split(mut self) -> (Tape<()>, Vec<Option<H>>) {
        let handlers = self.events.iter_mut().map(|event| event.handler.take()).collect();
        (self.map_handlers(|_| ()), handlers)
    }

    /// Puts the rendering into a template that is the same for all views, so that its root never changes to another
    /// template.
    ///
    /// A view with many pages needs this, since a page that comes later learns template 0 as the root.
    #[must_use]
    pub fn framed(self) -> Self {
        /// A single node slot.
        static FRAME: Template = Template {
            parts: &[Part::Slot(Slot::Node(Position::Between))],
            namespace: Namespace::Html,
            single_root: false,
        };
        let mut framed = Self {
            entries: Vec::with_capacity(self.entries.len() + 2),
            text: String::new(),
            events: Vec::new(),
            views: Vec::new(),
            live_lists: Vec::new(),
            shared: Vec::new(),
            open: Open::default(),
            value: 0,
            trusted: false,
            refused: self.refused,
        };
        framed.open(&FRAME);
        framed.open.splice(&self.open);
        framed.splice_entries(&self.entries, "");
        framed.close();
        let Self { text, events, views, live_lists, shared, .. } = self;
        Self { text, events, views, live_lists, shared, ..framed }
    }

    /// The views inside this one, in document order.
    #[must_use]
    pub fn views(&self) -> &[Arc<dyn Nested>] {
        &self.views
    }

    /// Returns the size of the rendering.
    #[must_use]
    pub fn size(&self) -> Size {
        Size { entries: self.position(), text: self.text.len() as u32 }
    }

    /// Returns the number of URLs that were replaced because of their scheme, and of values of styles that were left
    /// out.
    #[must_use]
    pub fn refused(&self) -> u32 {
        self.refused
    }

    /// Returns the length of the text and HTML that was copied to the tape, in bytes.
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Returns the number of entries: slots, rows and templates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the tape is empty.
    #[must_use]
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
