//! Live lists: after any change, the page equals a fresh rendering, and the server sent only what has changed.

#[path = "../../../lanai-core/tests/model/mod.rs"]
mod model;

use std::collections::HashSet;

use lanai::prelude::*;
use lanai_core::live_list::against;
use lanai_core::protocol::Frame;
use lanai_core::{Baseline, Changes, Tape};
use model::client::Client;
use proptest::prelude::*;

#[derive(Clone)]
struct Item {
    id: u32,
    text: String,
    open: bool,
    tags: Vec<u32>,
}

struct Page {
    items: LiveList<Item>,
    shared: SharedList<Item>,
    note: u32,
    shows: bool,
    twice: bool,
}

impl Page {
    fn new(limit: usize) -> Self {
        let items = LiveList::new().limit(limit);
        Self { items, shared: SharedList::new().limit(limit), note: 0, shows: true, twice: false }
    }

    fn remove(&mut self, id: u32) {
        self.items.retain(|item| item.id != id);
    }

    fn label(text: &str) -> String {
        format!("<{text}>")
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { (self.note) }
            @if self.shows {
                ul {
                    @for item in &self.items {
                        @let id = item.id;
                        li key=(id) class=(item.text) {
                            (Self::label(&item.text)) " " (format!("{id}"))
                            @if item.open { b { @for tag in &item.tags { i { (tag) } } } }
                            button onclick=(move |page: &mut Self| page.remove(id)) {}
                            @if item.open { button onclick=(Self::close) {} }
                        }
                    }
                }
            }
            // Rows with several roots, between other content, next to the first list.
            @if self.twice { p { "twice" @for item in &self.items { (item.text) br; } } }
            // All rows are rendered, because they depend on more than their item.
            @for item in &self.items { s { (item.id + self.note) } }
            ol { @for item in &self.shared { li { (item.text) } } }
        }
    }
}

impl Page {
    fn close(&mut self) {
        self.items.change_all(|item| item.open, |item| item.open = false);
    }
}

fn tape(page: &Page) -> Tape<()> {
    page.render().into_tape().split().0
}

/// A page in a browser, with what the server remembers of it.
struct Browser {
    baseline: Baseline,
    client: Client,
    kept: HashSet<u64>,
}

impl Browser {
    fn visit(page: &Page) -> Self {
        let mut baseline = Baseline::new();
        let first = baseline.first(&against(std::iter::empty(), || tape(page)));
        let client = Client::boot(&first.html, &first.templates, &first.handlers);
        let mut browser = Self { baseline, client, kept: HashSet::new() };
        browser.check(page, first.changes);
        browser
    }

    /// Renders and patches. Returns the frame, and the number of rows that were rendered.
    fn update(&mut self, page: &Page) -> (String, usize) {
        let mut frame = Frame::new();
        let bases: Vec<_> = self.baseline.bases().collect();
        let mut rendered = against(bases.into_iter(), || tape(page));
        let mut changes = self.baseline.update(&rendered, &mut frame);
        if changes.is_none() {
            rendered = against(std::iter::empty(), || tape(page));
            changes = self.baseline.update(&rendered, &mut frame);
        }
        let changes = changes.expect("a complete rendering is never refused");
        let events = rendered.split().1.len();
        let text = frame.finish(0);
        self.client.apply(&text);
        self.check(page, changes);
        (text, events)
    }

    fn check(&mut self, page: &Page, changes: Changes) {
        for number in changes.removed_handlers {
            assert!(self.kept.remove(&number), "handler {number} was never there");
        }
        self.kept.extend(changes.added_handlers.iter().map(|(number, _)| *number));

        let fresh = Baseline::new().first(&tape(page));
        let fresh = Client::boot(&fresh.html, &fresh.templates, &fresh.handlers);
        assert_eq!(self.client.document(), fresh.document());
        let on_page: HashSet<u64> = self.client.handlers().into_iter().map(|(number, _)| number).collect();
        assert_eq!(on_page, self.kept, "the handlers on the page are exactly those that can be called");
    }
}

fn item(id: u32) -> Item {
    Item { id, text: format!("t{id}"), open: id.is_multiple_of(3), tags: (0..id % 4).collect() }
}

fn change(page: &mut Page, next: &mut u32, kind: u8, one: usize, other: usize) {
    let len = page.items.len();
    *next += 1;
    match kind {
        0..=3 => page.items.push(item(*next)),
        4 => page.items.insert(one % (len + 1), item(*next)),
        5 if len > 0 => drop(page.items.remove(one % len)),
        6 | 7 if len > 0 => {
            let item = page.items.get_mut(one % len).expect("it is there");
            match other % 3 {
                0 => item.text.push('!'),
                1 => item.open = !item.open,
                _ => item.tags.push(*next),
            }
        }
        8 => page.note += 1,
        9 => page.shows = !page.shows,
        10 => page.twice = !page.twice,
        11 => page.items.retain(|item| item.id as usize % 5 != one % 5),
        12 => page.items.sort_by(|a, b| (b.id % 7).cmp(&(a.id % 7))),
        13 => page.items = page.items.clone(),
        14 => page.items.truncate(one % (len + 1)),
        15 => page.shared.push(item(*next)),
        16 => page.shared.change(|list| {
            if let Some(item) = list.last_mut() {
                std::sync::Arc::make_mut(item).text.push('?');
            }
        }),
        17 => page.shared.change(|list| drop(list.pop())),
        _ => page.items.change_all(|item| item.id as usize % 2 == one % 2, |item| item.open = !item.open),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_live_list_shows_what_a_fresh_page_would(
        limit in prop_oneof![1_usize..6, Just(usize::MAX)],
        changes in prop::collection::vec((0_u8..19, any::<usize>(), any::<usize>(), any::<bool>()), 0..60),
    ) {
        let mut page = Page::new(limit);
        let mut next = 0;
        for _ in 0..3 {
            page.items.push(item(next));
            next += 1;
        }
        let mut one = Browser::visit(&page);
        for (kind, first, second, renders) in changes {
            change(&mut page, &mut next, kind, first, second);
            if renders {
                one.update(&page);
            }
        }
        one.update(&page);
    }
}

/// A view with only a list.
struct Lines(LiveList<Item>);

impl View for Lines {
    fn render(&self) -> Html<Self> {
        html! { ul { @for line in &self.0 { li { (line.text) } } } }
    }
}

#[test]
fn only_changed_rows_are_rendered_however_long_the_list_is() {
    for len in [10, 10_000] {
        let mut lines = Lines((0..len).map(item).collect());
        let mut baseline = Baseline::new();
        let rendering = |lines: &Lines, baseline: &Baseline| {
            let bases: Vec<_> = baseline.bases().collect();
            against(bases.into_iter(), || lines.render().into_tape().split().0)
        };
        baseline.first(&rendering(&lines, &baseline));
        type Change = (&'static str, fn(&mut Lines));
        let changes: [Change; 4] = [
            ("nothing", |_| ()),
            ("append", |lines| lines.0.push(item(1))),
            ("touch", |lines| lines.0.get_mut(5).expect("it is there").text = "touched".into()),
            ("shift", |lines| drop(lines.0.remove(0))),
        ];
        for (name, change) in changes {
            change(&mut lines);
            let tape = rendering(&lines, &baseline);
            let mut frame = Frame::new();
            assert!(baseline.update(&tape, &mut frame).is_some());
            // The list, its kept rows, and at most one row.
            assert!(tape.len() <= 8, "{name} of {len}: {} entries", tape.len());
            assert!(frame.finish(0).len() < 100, "{name} of {len}");
        }
    }
}

#[test]
fn a_rendering_without_a_page_contains_all_rows() {
    let mut lines = Lines((0..3).map(item).collect());
    lines.0.push(item(3));
    assert_eq!(lines.render().to_html(), "<ul><li>t0</li><li>t1</li><li>t2</li><li>t3</li></ul>");
}

/// A part with a live list, inside a view that has one of its own.
struct Outer {
    own: LiveList<u32>,
    part: Inner,
}

struct Inner {
    items: LiveList<u32>,
}

impl View for Inner {
    fn render(&self) -> Html<Self> {
        html! { ol { @for item in &self.items { li { (item) } } } }
    }
}

impl View for Outer {
    fn render(&self) -> Html<Self> {
        html! {
            ul { @for item in &self.own { li { (item) } } }
            (self.part.render().map(|outer: &mut Self| &mut outer.part))
        }
    }
}

#[test]
fn a_live_list_in_a_part_is_patched_like_one_of_the_view() {
    let mut view = Outer { own: (0..3).collect(), part: Inner { items: (10..13).collect() } };
    let rendered = |view: &Outer| view.render().into_tape().split().0;
    let mut baseline = Baseline::new();
    let first = baseline.first(&against(std::iter::empty(), || rendered(&view)));
    let mut client = Client::boot(&first.html, &first.templates, &first.handlers);
    view.part.items.push(13);
    let mut frame = Frame::new();
    let bases: Vec<_> = baseline.bases().collect();
    assert!(baseline.update(&against(bases.into_iter(), || rendered(&view)), &mut frame).is_some());
    client.apply(&frame.finish(0));
    assert_eq!(client.visible(), model::client::canonical(&rendered(&view).to_html()));
}
