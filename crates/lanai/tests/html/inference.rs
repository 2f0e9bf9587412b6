//! No one should have to name what the compiler can infer: the view of some markup. And ordinary markup causes no
//! warnings.

#![deny(warnings, unused_parens, unused_braces, unused_qualifications, clippy::pedantic)]
#![allow(clippy::unused_self, clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]

use lanai::prelude::*;

#[derive(Default)]
struct Page {
    items: Vec<Item>,
    open: Option<Item>,
    name: String,
}

#[derive(Default)]
struct Item {
    id: u32,
    text: String,
}

fn badge(text: &str) -> Html {
    html! { b { (text) } }
}

fn card<V: 'static>(title: &str, body: Html<V>) -> Html<V> {
    html! { section { h2 { (title) } (body) } }
}

fn closable<V: 'static>(close: Callback<V>, body: Html<V>) -> Html<V> {
    card("closable", html! { (badge("x")) button onclick=(close) { "close" } (body) })
}

impl Page {
    fn up(&mut self) {}

    fn remove(&mut self, id: u32) {
        self.items.retain(|item| item.id != id);
    }

    fn bound_before_it_is_placed(&self) -> Html<Self> {
        let row = html! { button onclick=(Self::up) { (self.name) } };
        html! { (row) @let row = html! { button onclick=(Self::up) { (self.name) } }; p { (row) } }
    }

    fn placed_at_once(&self) -> Html<Self> {
        html! { p { (html! { button onclick=(Self::up) { (self.name) } }) } }
    }

    fn after_something_without_handlers(&self) -> Html<Self> {
        let row = html! { (badge("x")) button onclick=(Self::up) { (self.name) } };
        let id = 1;
        html! {
            (row)
            (card("a", html! { (badge("x")) button onclick=(Self::up) { (self.name) } }))
            (card("b", html! { (badge("x")) button onclick=(move |this: &mut Page| this.remove(id)) { (self.name) } }))
            (card("c", html! { (badge("x")) @for i in 0..2 { p key=(i) { (badge("x")) i onclick=(Self::up) {} } } }))
            (closable(Callback::new(Self::up), html! { (badge("x")) }))
        }
    }

    fn in_collections(&self) -> Html<Self> {
        let rows: Vec<_> = self
            .items
            .iter()
            .map(|item| {
                let id = item.id;
                html! { button onclick=(move |this: &mut Self| this.remove(id)) { (item.text) } }
            })
            .collect();
        html! {
            (rows)
            (self.items.iter().map(|item| html! { button onclick=(Self::up) { (item.id) } }).collect::<Vec<_>>())
            (self.open.as_ref().map(|item| html! { button onclick=(Self::up) { (item.text) } }))
            ([html! { "a" }, html! { button onclick=(Self::up) {} }])
        }
    }

    fn in_branches(&self) -> Html<Self> {
        let row = if self.items.is_empty() {
            html! { "none" }
        } else {
            html! { button onclick=(Self::up) {} }
        };
        html! { (row) }
    }

    /// A function that is not a method of the view. The return type names the view, whatever `Self` is.
    fn whole(&self) -> Html<Self> {
        html! {
            (self.bound_before_it_is_placed()) (self.placed_at_once()) (self.after_something_without_handlers())
            (self.in_collections()) (self.in_branches()) (Toolbar::render(&self.name))
        }
    }
}

struct Toolbar;

impl Toolbar {
    fn clear(page: &mut Page) {
        page.items.clear();
    }

    fn render(name: &str) -> Html<Page> {
        html! { (badge(name)) button onclick=(Self::clear) { "clear" } }
    }
}

#[test]
fn the_view_is_inferred() {
    let page = Page { items: vec![Item { id: 1, text: "one".into() }], open: Some(Item::default()), name: "n".into() };
    let html = page.whole();
    let handlers = html.to_html().matches("<button").count() + 2;
    assert_eq!(html.into_tape().split().1.len(), handlers, "each `button`, and two `i`");
}

fn early(number: Option<u32>) -> Option<Html> {
    Some(html! { p { (number?) } @if number == Some(1) { (return None) } })
}

async fn awaiting(number: impl Future<Output = u32>) -> Html {
    html! { p title=(1) { (number.await) } }
}

fn patterns(items: &[Item]) -> Html {
    html! {
        @for Item { id, text } in items { p key=(id) { (text) } }
        @for all @ Item { id, .. } in items { @let Some(id) = Some(id) else { return Html::empty() }; p { (all.text) (id) } }
        @for (index, Item { id, .. }) in items.iter().enumerate() { (index) ":" (id) }
        @if let [Item { id: 1..=5, text }, ..] = items { (text) }
        @match items { [Item { id: 1 | 2, .. }] => "a", [x @ Item { id, .. }, ..] if *id >= 3 => (x.text), _ => {} }
        @if match items { [] => 0, [_] => 1, _ => 2 } == 1 { "one item" }
        @for item in items { @if item.id == 1 { (continue) } (item.text) }
        @for item in items { p title={ "t" @if item.id == 2 { (break) } } { (item.text) } }
    }
}

#[test]
fn expressions_behave_as_outside_of_markup() {
    assert_eq!(early(Some(2)).unwrap().to_html(), "<p>2</p>");
    assert!(early(Some(1)).is_none() && early(None).is_none());
    let items = [Item { id: 1, text: "one".into() }, Item { id: 2, text: "two".into() }];
    assert_eq!(
        patterns(&items).to_html(),
        "<p>one</p><p>two</p><p>one1</p><p>two2</p>0:11:2onetwo<p title=\"t\">one</p>"
    );
    is_send(awaiting(std::future::ready(1)));
}

fn is_send(_: impl Send) {}

macro_rules! row {
    ($name:ident, $text:literal, $value:expr, $rest:tt) => {
        html! { $name.$name data-text=$text { $text ($value) $rest @if $value == 1 { "one" } } }
    };
}

#[test]
fn markup_can_be_written_by_other_macros() {
    let html: Html = row!(p, "x", 1, { b { "t" } });
    assert_eq!(html.to_html(), r#"<p class="p" data-text="x">x1<b>t</b>one</p>"#);
}
