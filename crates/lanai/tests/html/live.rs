//! What `html!` adds to maud: handlers, keys, parts, and escaping by context.

use lanai::prelude::*;

#[derive(Default)]
struct Page {
    names: Vec<String>,
    part: Part,
}

#[derive(Default)]
struct Part {
    count: u32,
}

impl Page {
    fn click(&mut self) {}
    fn remove(&mut self, index: usize) {
        self.names.remove(index);
    }
}

impl Part {
    fn up(&mut self) {
        self.count += 1;
    }

    fn render(&self) -> Html<Self> {
        html! { button onclick=(Self::up) { (self.count) } }
    }
}

fn panel<V: 'static>(title: &str, close: Callback<V>, children: Html<V>) -> Html<V> {
    html! { section { h2 { (title) } button onclick=(close) { "close" } (children) } }
}

fn badge(text: &str) -> Html {
    html! { span.badge { (text) } }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            (panel("Names", Callback::new(Self::click), html! {
                ul {
                    @for (index, name) in self.names.iter().enumerate() {
                        li key=(name) onclick=(move |this: &mut Self| this.remove(index)) { (name) (badge("new")) }
                    }
                }
            }))
            (self.part.render().map(|page: &mut Self| &mut page.part))
            (Some(badge("some"))) (None::<Html>)
            (vec![badge("a"), badge("b")])
            ([self.part.render(), self.part.render()].map(|part| part.map(|page: &mut Self| &mut page.part)))
        }
    }
}

#[test]
fn handlers_and_keys_are_not_printed() {
    let page = Page { names: vec!["Ann".into()], ..Page::default() };
    assert_eq!(
        page.render().to_html(),
        "<section><h2>Names</h2><button>close</button>\
         <ul><li>Ann<span class=\"badge\">new</span></li></ul></section><button>0</button>\
         <span class=\"badge\">some</span><span class=\"badge\">a</span><span class=\"badge\">b</span>\
         <button>0</button><button>0</button>"
    );
}

#[test]
fn script_urls_are_refused_in_all_url_attributes() {
    let url = "JavaScript:alert(1)";
    let html: Html = html! {
        a href=(url) {} img src=(url); form action=(url) { button formaction=[Some(url)] {} }
        object data={ (url) } {} video poster=(url) {} svg { a xlink:href=(url) {} }
        p title=(url) {}
        a href=(maud::PreEscaped(url)) {}
    };
    let html = html.to_html();
    assert_eq!(html.matches("about:invalid").count(), 7, "{html}");
    assert_eq!(html.matches(url).count(), 2, "{html}");
}

#[test]
fn a_rendering_can_be_used_twice() {
    let twice = badge("x");
    let html: Html = html! { (twice) (&twice) (twice.clone()) };
    assert_eq!(html.to_html().matches("badge").count(), 3);
}
