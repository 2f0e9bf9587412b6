//! The first page: a tape as HTML with markers, and the data that the client needs to make it live.

use crate::baseline::{Baseline, BaselineEntry, Changes, LiveListRows};
use crate::hash::Hasher;
use crate::protocol::definitions::Definitions;
use crate::protocol::json::{self, without_nul};
use crate::protocol::markers;
use crate::protocol::{InstanceData, Parts};
use crate::tape::{Entry, SharedValue, Tape};
use crate::template::{Part, Position, Slot, Template};

/// The live part of a page as HTML; see `docs/PROTOCOL.md`, section 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPage {
    /// The HTML with markers, between the root comments.
    pub html: String,
    /// The definitions of the templates in use: a JSON array.
    pub templates: String,
    /// The numbers of the handlers: a JSON array, or empty if they are 0, 1, 2 …
    pub handlers: String,
    /// The data of the views inside this one: a JSON object by their numbers, or empty if there are none.
    pub views: String,
    /// What this rendering changes apart from the markup.
    pub changes: Changes,
}

impl FirstPage {
    /// Returns the parts of the client that the events on the page need, also those in views inside this one. (Text
    /// that looks like an event counts too; then the page loads a part before it needs it.)
    #[must_use]
    pub fn parts_for_events(&self) -> Parts {
        let data = [&self.templates, &self.views];
        let has = |text: &str| data.iter().any(|data| data.contains(text));
        let events = if has("\"~") || has("\"@~") { Parts::EVENTS } else { Parts::NONE };
        let and = |text: &str, parts| if has(text) { parts } else { Parts::NONE };
        events.with(and("\"~shortcut:", Parts::SHORTCUTS)).with(and("\"~sort\"", Parts::SORT))
    }

    /// Returns the data that the client needs to make the HTML live.
    #[must_use]
    pub fn data(&self) -> InstanceData<'_> {
        InstanceData { templates: &self.templates, handlers: &self.handlers, views: &self.views }
    }
}

impl Baseline {
    /// Renders all of `tape` for a page that shows nothing yet, and remembers it.
    ///
    /// A baseline of a page that showed something forgets it. Handler numbers continue, so that none is used twice.
    ///
    /// # Panics
    ///
    /// Panics if the rendering is [partial](Tape::is_partial).
    pub fn first<H>(&mut self, tape: &Tape<H>) -> FirstPage {
        let mut page = self.first_nested(tape);
        page.html.insert_str(0, markers::ROOT_START);
        page.html.push_str(markers::ROOT_END);
        page
    }

    /// Like [`first`](Self::first), for a view inside another one: without root comments.
    pub fn first_nested<H>(&mut self, tape: &Tape<H>) -> FirstPage {
        assert!(!tape.is_partial(), "a page that has nothing yet is rendered whole");
        let definitions = self.definitions.emptied();
        let mut writer = Writer::new(tape, definitions, self.next_handler);
        if !tape.entries.is_empty() {
            writer.node();
        }
        json::close(&mut writer.templates, b']');

        let handlers = if self.next_handler == 0 {
            String::new()
        } else {
            serde_json::to_string(&writer.handlers).expect("numbers are JSON")
        };
        self.entries = writer.entries.into_boxed_slice();
        self.handlers = writer.handlers.into_boxed_slice();
        self.views = writer.changes.placed_views.clone().into_boxed_slice();
        self.lists = writer.lists;
        self.next_handler = writer.next_handler;
        self.definitions = writer.definitions;
        FirstPage {
            html: writer.html,
            templates: String::from_utf8(writer.templates).expect("JSON is UTF-8"),
            handlers,
            views: object(writer.views),
            changes: writer.changes,
        }
    }

    /// Returns the page of a view with many pages for a new page. `tape` is the rendering that this baseline remembers.
    /// The page also needs the number [`next_handler`](Self::next_handler).
    ///
    /// # Panics
    ///
    /// Panics if the baseline was not created by [`for_many`](Self::for_many), or does not remember `tape`.
    pub fn page<H>(&mut self, tape: &Tape<H>) -> FirstPage {
        assert_eq!(self.entries.len(), tape.entries.len(), "the baseline remembers another rendering");
        let mut writer = Writer::new(tape, self.definitions.clone(), 0);
        if !tape.entries.is_empty() {
            writer.node();
        }
        self.definitions.adopt(writer.definitions);
        FirstPage {
            html: writer.html,
            templates: self.definitions.to_array(),
            handlers: serde_json::to_string(&self.handlers).expect("numbers are JSON"),
            views: object(writer.views),
            changes: writer.changes,
        }
    }
}

/// Turns members with commas into an object, or into an empty string if there are none.
fn object(mut members: String) -> String {
    if members.pop().is_none() { members } else { format!("{{{members}}}") }
}

struct Writer<'t, H> {
    tape: &'t Tape<H>,
    hasher: Hasher,
    definitions: Definitions,
    html: String,
    templates: Vec<u8>,
    entries: Vec<BaselineEntry>,
    handlers: Vec<u64>,
    /// The data of the views inside this one: the members of an object, each with a comma.
    views: String,
    lists: Vec<LiveListRows>,
    changes: Changes,
    next_handler: u64,
    /// The index of the next entry of the tape.
    at: usize,
}

impl<'t, H> Writer<'t, H> {
    fn new(tape: &'t Tape<H>, definitions: Definitions, next_handler: u64) -> Self {
        Self {
            tape,
            hasher: Hasher::get(),
            definitions,
            html: String::with_capacity(tape.text.len() * 2 + 64),
            templates: vec![b'['],
            entries: Vec::with_capacity(tape.entries.len()),
            handlers: Vec::with_capacity(tape.events.len()),
            views: String::new(),
            lists: Vec::new(),
            changes: Changes::default(),
            next_handler,
            at: 0,
        }
    }

    fn next(&mut self) -> Entry {
        let entry = self.tape.entries[self.at];
        self.at += 1;
        entry
    }

    fn node(&mut self) {
        match self.next() {
            Entry::Text { start, len } => {
                self.remember_text(start, len);
                escape(self.tape.slice(start, len), &mut self.html);
            }
            Entry::Raw { start, len } => {
                let html = self.tape.slice(start, len);
                self.entries.push(BaselineEntry::Raw { len, hash: self.hasher.hash(html) });
                self.html.push_str(&without_nul(html));
            }
            Entry::Shared { index } => {
                let value = &self.tape.shared[index as usize];
                self.entries.push(BaselineEntry::of_shared(value));
                match value {
                    SharedValue::Text(text) => text.with(|text| escape(text, &mut self.html)),
                    SharedValue::Html(html) => self.html.push_str(&without_nul(html.as_str())),
                }
            }
            Entry::Nothing => self.entries.push(BaselineEntry::Nothing),
            Entry::Open { template, .. } => {
                if self.at == 1 {
                    // No descriptor names the root: it is template 0.
                    self.number(0);
                }
                self.open(template);
            }
            Entry::View { index } => self.view(index),
            entry => unreachable!("{entry:?} in a node slot"),
        }
    }

    /// Writes a template. Its end in the baseline is filled in afterwards.
    fn open(&mut self, template: &'static Template) {
        let opened = self.entries.len();
        self.entries.push(BaselineEntry::Open { template, end: 0 });
        self.template(template);
        let end = self.entries.len() as u32;
        self.entries[opened] = BaselineEntry::Open { template, end };
    }

    fn view(&mut self, index: u32) {
        use std::fmt::Write as _;
        let view = &self.tape.views[index as usize];
        let (id, page) = (view.id(), view.page());
        self.entries.push(BaselineEntry::View { id });
        self.changes.placed_views.push(id);
        self.html.push_str(&page.html);
        write!(self.views, "\"{id}\":{},", page.data).expect("a string takes what is written");
    }

    fn template(&mut self, template: &'static Template) {
        for (index, part) in template.parts.iter().enumerate() {
            match part {
                Part::Static(html) => self.html.push_str(html),
                Part::Mark => {
                    self.html.push_str(markers::ELEMENT);
                    self.html.push_str("=\"");
                    if let Some(Part::Slot(Slot::Node(Position::Only) | Slot::List(Position::Only))) =
                        template.parts.get(index + 2)
                    {
                        self.descriptor();
                    }
                    self.html.push('"');
                }
                Part::Slot(slot) => self.slot(*slot, &template.parts[..index]),
            }
        }
    }

    fn slot(&mut self, slot: Slot, before: &'static [Part]) {
        match slot {
            Slot::Node(position) => {
                self.begin(position);
                let start = self.html.len();
                self.node();
                if position == Position::Only {
                    self.keep_newline(start, before);
                }
                self.end(position);
            }
            Slot::List(position) => {
                self.begin(position);
                self.list();
                self.end(position);
            }
            Slot::Text => {
                let Entry::Text { start, len } = self.next() else { unreachable!("a text slot holds text") };
                self.remember_text(start, len);
                let content = self.html.len();
                escape(self.tape.slice(start, len), &mut self.html);
                self.keep_newline(content, before);
            }
            Slot::Attribute { name, kind } => match self.next() {
                Entry::Text { start, len } => {
                    self.remember_text(start, len);
                    self.html.push(' ');
                    self.html.push_str(kind.name_on_page(name));
                    self.html.push_str("=\"");
                    escape(self.tape.slice(start, len), &mut self.html);
                    self.html.push('"');
                }
                _ => self.entries.push(BaselineEntry::Nothing),
            },
            Slot::Toggle { name, .. } => {
                let Entry::Toggle(on) = self.next() else { unreachable!("a toggle slot holds a toggle") };
                self.entries.push(BaselineEntry::Toggle(on));
                if on {
                    self.html.push(' ');
                    self.html.push_str(name);
                }
            }
            Slot::Event { .. } => {
                let Entry::Event { index } = self.next() else { unreachable!("an event slot holds an event") };
                let spec = self.hasher.hash_spec(&self.tape.events[index as usize].spec);
                self.entries.push(BaselineEntry::Event { number: self.next_handler, spec });
                self.handlers.push(self.next_handler);
                self.next_handler += 1;
            }
        }
    }

    fn list(&mut self) {
        let head = match self.tape.entries[self.at] {
            Entry::LiveList { index, .. } => Some(self.tape.live_lists[index as usize]),
            _ => None,
        };
        let (rows, _) = self.tape.list_head(self.at);
        self.at += 1;
        let opened = self.entries.len();
        let first_handler = self.handlers.len();
        self.entries.push(BaselineEntry::List { rows, end: 0 });
        let mut marked = None;
        for _ in 0..rows {
            let Entry::Row { key } = self.next() else { unreachable!("a list holds rows") };
            self.entries.push(BaselineEntry::Row { key });
            let Entry::Open { template, .. } = self.next() else { unreachable!("a row is a template") };
            debug_assert_eq!(
                *marked.get_or_insert(!template.single_root),
                !template.single_root,
                "all rows of a list have a mark, or none: without it nobody could tell where a row ends"
            );
            if !template.single_root {
                self.html.push_str(markers::ROW);
            }
            self.open(template);
        }
        let end = self.entries.len() as u32;
        self.entries[opened] = BaselineEntry::List { rows, end };
        if let Some(head) = head {
            let rows = self.entries.split_off(opened);
            self.entries.push(BaselineEntry::LiveList { index: self.lists.len() as u32 });
            self.lists.push(LiveListRows::read(head, &rows));
            self.changes.add_handlers(&self.handlers, first_handler);
        }
    }

    /// Doubles a newline at the beginning of some elements, because the parser drops one.
    fn keep_newline(&mut self, start: usize, before: &[Part]) {
        if self.html[start..].starts_with('\n') && drops_newline(before) {
            self.html.insert(start, '\n');
        }
    }

    fn begin(&mut self, position: Position) {
        if position == Position::Between {
            self.html.push_str(markers::SLOT_START);
            self.descriptor();
            self.html.push_str(markers::SLOT_STARTED);
        }
    }

    fn end(&mut self, position: Position) {
        if position == Position::Between {
            self.html.push_str(markers::SLOT_END);
        }
    }

    /// Writes the content descriptor of the next value on the tape.
    fn descriptor(&mut self) {
        match self.tape.entries[self.at] {
            Entry::Open { .. } => {
                let number = self.number(self.at);
                markers::describe_template(&mut self.html, number);
            }
            Entry::View { index } => {
                let id = self.tape.views[index as usize].id();
                markers::describe_child(&mut self.html, id);
            }
            Entry::List { .. } | Entry::LiveList { .. } => {
                let (rows, _) = self.tape.list_head(self.at);
                let mut runs: Vec<(u32, u32)> = Vec::new();
                let mut row = self.at + 1;
                for _ in 0..rows {
                    let number = self.number(row + 1);
                    match runs.last_mut() {
                        Some((last, count)) if *last == number => *count += 1,
                        _ => runs.push((number, 1)),
                    }
                    let Entry::Open { end, .. } = self.tape.entries[row + 1] else {
                        unreachable!("a row is a template")
                    };
                    row = end as usize;
                }
                markers::describe_list(&mut self.html, &runs);
            }
            _ => {}
        }
    }

    fn number(&mut self, at: usize) -> u32 {
        self.definitions.for_html(self.tape, at, &self.hasher, &mut self.templates)
    }

    fn remember_text(&mut self, start: u32, len: u32) {
        let hash = self.hasher.hash(self.tape.slice(start, len));
        self.entries.push(BaselineEntry::Text { len, hash });
    }
}

/// Whether the parser drops the first newline in the element that these parts open.
fn drops_newline(before: &[Part]) -> bool {
    let tag = before.iter().rev().find_map(|part| match part {
        Part::Static(html) => html.rfind('<').map(|at| &html[at + 1..]),
        _ => None,
    });
    let name = tag.and_then(|tag| tag.split(|c: char| !c.is_ascii_alphanumeric()).next()).unwrap_or_default();
    ["pre", "textarea", "listing"].iter().any(|dropping| name.eq_ignore_ascii_case(dropping))
}

/// Like [`crate::escape`], but without NUL, and with a character reference for a carriage return, which the parser
/// would turn into a newline.
fn escape(text: &str, html: &mut String) {
    for (index, piece) in without_nul(text).split('\r').enumerate() {
        if index > 0 {
            html.push_str("&#13;");
        }
        crate::escape(piece, html);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::EventSpec;
    use crate::template::Namespace;

    const fn template(parts: &'static [Part]) -> Template {
        Template { parts, namespace: Namespace::Html, single_root: true }
    }

    fn page(template: &'static Template, fill: impl FnOnce(&mut Tape<()>)) -> String {
        let mut tape = Tape::new();
        tape.open(template);
        fill(&mut tape);
        tape.close();
        let html = Baseline::new().first(&tape).html;
        html.strip_prefix("<!--lanai-->").and_then(|html| html.strip_suffix("<!--/lanai-->")).unwrap().into()
    }

    #[test]
    fn a_first_newline_that_the_parser_drops_is_doubled() {
        const CONTENT: Part = Part::Slot(Slot::Node(Position::Only));
        static PRE: Template = template(&[
            Part::Static("<PRE class=\"a\""),
            Part::Mark,
            Part::Static(">"),
            CONTENT,
            Part::Static("</PRE>"),
        ]);
        static PREFIX: Template =
            template(&[Part::Static("<prefix-x"), Part::Mark, Part::Static(">"), CONTENT, Part::Static("</prefix-x>")]);
        static TEXTAREA: Template = template(&[
            Part::Static("<textarea"),
            Part::Slot(Slot::Toggle { name: "disabled", property: false }),
            Part::Static(" rows=\"3\""),
            Part::Mark,
            Part::Static(">"),
            Part::Slot(Slot::Text),
            Part::Static("</textarea>"),
        ]);
        static INNER: Template = template(&[Part::Static("\n<b></b>")]);
        let textarea = |text: &str| {
            page(&TEXTAREA, |tape| {
                tape.toggle(false);
                tape.begin_value();
                tape.value_text(text);
                tape.end_value();
            })
        };
        assert_eq!(page(&PRE, |tape| tape.text("\na")), "<PRE class=\"a\" data-l=\"\">\n\na</PRE>");
        assert_eq!(page(&PRE, |tape| tape.text("a\n")), "<PRE class=\"a\" data-l=\"\">a\n</PRE>");
        assert_eq!(page(&PRE, |tape| tape.text("\r\n")), "<PRE class=\"a\" data-l=\"\">&#13;\n</PRE>");
        assert_eq!(page(&PRE, |tape| tape.raw(|out| out.push('\n'))), "<PRE class=\"a\" data-l=\"\">\n\n</PRE>");
        let nested = page(&PRE, |tape| {
            tape.open(&INNER);
            tape.close();
        });
        assert_eq!(nested, "<PRE class=\"a\" data-l=\"1\">\n\n<b></b></PRE>");
        assert_eq!(page(&PREFIX, |tape| tape.text("\na")), "<prefix-x data-l=\"\">\na</prefix-x>");
        assert_eq!(textarea("\n"), "<textarea rows=\"3\" data-l=\"\">\n\n</textarea>");
        assert_eq!(textarea("\0"), "<textarea rows=\"3\" data-l=\"\">\u{FFFD}</textarea>");
    }

    #[test]
    fn a_page_rendered_after_another_says_its_handlers_and_uses_none_twice() {
        static BUTTON: Template = template(&[
            Part::Static("<button"),
            Part::Slot(Slot::Event { name: "click" }),
            Part::Mark,
            Part::Static("></button>"),
        ]);
        static NOTHING: Template = template(&[Part::Static("<p></p>")]);
        let mut button = Tape::<()>::new();
        button.open(&BUTTON);
        button.event((), EventSpec::send(""));
        button.close();
        let mut nothing = Tape::<()>::new();
        nothing.open(&NOTHING);
        nothing.close();

        let mut baseline = Baseline::new();
        assert_eq!(baseline.first(&button).handlers, "");
        assert_eq!(baseline.handler(0), Some(0));
        let again = baseline.first(&button);
        assert_eq!(again.handlers, "[1]");
        assert_eq!((baseline.handler(0), baseline.handler(1)), (None, Some(0)));
        assert_eq!(again.templates, r#"[[[["@click"]]]]"#, "the page is told all templates again");
        assert_eq!(baseline.first(&nothing).handlers, "[]");
        assert_eq!(baseline.next_handler(), 2);
    }
}
