//! The templates and slots that markup becomes, as the page receives them; see `docs/PROTOCOL.md`, sections 2 and 3.

use lanai::prelude::*;
use lanai_core::Baseline;

struct Page;

impl Page {
    fn up(&mut self) {}
    fn typed(&mut self, _: Value<String>) {}
    fn key(&mut self, _: Key) {}
}

/// Compares the HTML with markers and the definitions of the templates.
#[track_caller]
fn is<V: 'static>(markup: Html<V>, html: &str, templates: &str) {
    let first = Baseline::new().first(&markup.into_tape());
    let live = first.html.strip_prefix("<!--lanai-->").and_then(|html| html.strip_suffix("<!--/lanai-->"));
    assert_eq!((live.expect("root comments"), first.templates.as_str()), (html, templates));
}

fn inert(markup: Html) -> Html {
    markup
}

#[test]
fn literal_markup_is_one_template_without_slots() {
    is(inert(html! { p.a #b title="c" { "text" br; } }), r#"<p class="a" id="b" title="c">text<br></p>"#, "[[[]]]");
    is(inert(html! {}), "", "[]");
    is(inert(html! { "a" { "b" } }), "ab", "[[[],0,4]]");
}

#[test]
fn a_lone_splice_needs_no_comments() {
    is(inert(html! { p { (1) } }), r#"<p data-l="">1</p>"#, r#"[[[["*"]]]]"#);
    is(inert(html! { p { "a" (1) } }), "<p>a<!--[-->1<!--]--></p>", "[[[0]]]");
    is(inert(html! { p { (1) (2) } }), "<p><!--[-->1<!--]--><!--[-->2<!--]--></p>", "[[[0,0]]]");
    is(inert(html! { (1) }), "<!--[-->1<!--]-->", "[[[0],0,4]]");
}

#[test]
fn a_block_adds_nothing() {
    is(inert(html! { p { { { (1) } } } }), r#"<p data-l="">1</p>"#, r#"[[[["*"]]]]"#);
    is(inert(html! { p { @let x = 1; (x) } }), r#"<p data-l="">1</p>"#, r#"[[[["*"]]]]"#);
    is(inert(html! { @let x = 1; p { (x) } }), r#"<p data-l="">1</p>"#, r#"[[[["*"]]]]"#);
}

#[test]
fn an_attribute_with_several_splices_is_one_slot() {
    let on = true;
    is(
        inert(html! { a href={ "/" (1) "/" (2) } title=[Some("t")] .x.y[on].{ "z" (3) } #(4) data-static="s" {} }),
        r#"<a class="xz3 y" id="4" href="/1/2" title="t" data-static="s" data-l=""></a>"#.replace("xz3", "x z3").as_str(),
        r#"[[[["class","id","href","title"]]]]"#,
    );
    is(
        inert(html! { p hidden[on] title=[None::<&str>] {} }),
        r#"<p hidden data-l=""></p>"#,
        r#"[[[["?hidden","title"]]]]"#,
    );
}

#[test]
fn attributes_that_the_visitor_changes_are_properties() {
    let on = true;
    is(
        inert(html! {
            input value=("v") checked[on];
            select { option selected[on] value=(1) {} }
            video muted[on] {}
            p data-value=("v") hidden[on] {}
        }),
        "<input value=\"v\" checked data-l=\"\"><select><option selected value=\"1\" data-l=\"\"></option></select>\
         <video muted data-l=\"\"></video><p data-value=\"v\" hidden data-l=\"\"></p>",
        r#"[[[[".value","!checked"],["!selected","value"],["!muted"],["data-value","?hidden"]],0,4]]"#,
    );
}

#[test]
fn a_style_is_a_slot_under_another_name_on_the_page() {
    let width = 3;
    is(
        inert(html! { p style={ "width: " (width) "px" } {} }),
        r#"<p data-lanai-style="width: 3px" data-l=""></p>"#,
        r#"[[[["data-lanai-style"]]]]"#,
    );
    is(
        inert(html! { p style="color: red" {} }),
        r#"<p data-lanai-style="color: red" data-l=""></p>"#,
        r#"[[[["data-lanai-style"]]]]"#,
    );
    is(inert(html! { p style=[None::<&str>] {} }), r#"<p data-l=""></p>"#, r#"[[[["data-lanai-style"]]]]"#);
    // Without a page, it is what was written.
    assert_eq!(
        inert(html! { p style={ "width: " (width) "px" } {} }).into_tape().to_html(),
        r#"<p style="width: 3px"></p>"#
    );
}

#[test]
fn what_stands_in_a_style_is_one_value() {
    fn style(value: &str) -> String {
        let html =
            inert(html! { p style={ "color: " (value) "; width: " @if true { (value) } } {} }).into_tape().to_html();
        html.strip_prefix("<p style=\"").and_then(|html| html.strip_suffix("\"></p>")).expect("a paragraph").to_owned()
    }
    assert_eq!(style("red"), "color: red; width: red");
    for bad in ["red; position: fixed", "url(https://example.org)", "red}", "\"", "/* ", "u\\72l(x)"] {
        assert_eq!(style(bad), "color: ; width: ", "{bad}");
    }
    // A whole style, and what its author vouches for, is as it was written.
    let whole = "color: red; width: 3px";
    assert_eq!(inert(html! { p style=(whole) {} }).into_tape().to_html(), r#"<p style="color: red; width: 3px"></p>"#);
    let trusted = PreEscaped("url(/a.png)");
    assert_eq!(
        inert(html! { p style={ "background: " (trusted) "; color: " ("url(b)") } {} }).into_tape().to_html(),
        r#"<p style="background: url(/a.png); color: "></p>"#
    );
}

#[test]
fn each_branch_has_its_own_template() {
    for (on, html, templates) in [
        (true, "<p><!--[1--><b>yes</b><!--]--></p>", "[[[0]],[[]]]"),
        (false, "<p><!--[1-->no<!--]--></p>", "[[[0]],[[],0,4]]"),
    ] {
        is(
            inert(html! { p { "" @if on { b { "yes" } } @else { "no" } i {} } }),
            &html.replace("]-->", "]--><i></i>"),
            templates,
        );
    }
    is(inert(html! { p { @if false { "x" } } }), r#"<p data-l=""></p>"#, r#"[[[["*"]]]]"#);
    is(
        inert(html! { @match 2 { 1 => "one", n => { b { (n) } } } }),
        "<!--[1--><b data-l=\"\">2</b><!--]-->",
        r#"[[[0],0,4],[[["*"]]]]"#,
    );
}

#[test]
fn rows_with_one_element_need_no_markers() {
    is(
        inert(html! { ul { @for x in 1..=2 { li { (x) } } } }),
        r#"<ul data-l="*1"><li data-l="">1</li><li data-l="">2</li></ul>"#,
        r##"[[[["#"]]],[[["*"]]]]"##,
    );
    is(
        inert(html! { ul { @for x in 1..=2 { @let y = x; { li { (y) } } } } }),
        r#"<ul data-l="*1"><li data-l="">1</li><li data-l="">2</li></ul>"#,
        r##"[[[["#"]]],[[["*"]]]]"##,
    );
    is(
        inert(html! { dl { @for x in 1..=2 { dt { (x) } dd {} } } }),
        r#"<dl data-l="*1"><!--|--><dt data-l="">1</dt><dd></dd><!--|--><dt data-l="">2</dt><dd></dd></dl>"#,
        r##"[[[["#"]]],[[["*"]],0,4]]"##,
    );
    is(inert(html! { p { "a" @while false { b {} } } }), "<p>a<!--[*--><!--]--></p>", "[[[1]]]");
}

#[test]
fn a_key_is_read_and_not_printed() {
    #[derive(Hash)]
    struct Id(u32);
    let ids = [Id(1), Id(2)];
    is(
        inert(html! { ul { @for id in &ids { @let name = id.0 * 10; li key=(id) { (name) } } } }),
        r#"<ul data-l="*1"><li data-l="">10</li><li data-l="">20</li></ul>"#,
        r##"[[[["#"]]],[[["*"]]]]"##,
    );
    // An attribute with this name is in quotes.
    is(inert(html! { p "key"=(1) {} }), r#"<p key="1" data-l=""></p>"#, r#"[[[["key"]]]]"#);
}

#[test]
fn keys_can_use_earlier_let_bindings() {
    let rows = |order: &[&'static str]| -> Html {
        html! { @for name in order { @let (first, rest) = name.split_at(1); p key=((first, rest.len())) { (name) } } }
    };
    let mut baseline = Baseline::new();
    baseline.first(&rows(&["apple", "pear"]).into_tape());
    let moved = rows(&["pear", "apple"]).into_tape();
    let again = Baseline::new().first(&moved).html;
    assert!(again.find("pear") < again.find("apple"), "{again}");
}

#[test]
fn events_are_slots_that_say_what_the_browser_sends() {
    let html: Html<Page> = html! {
        button onclick=(Page::up) title=(1) { "a" }
        input oninput=(on(Page::typed).debounce(std::time::Duration::from_millis(300)));
        p onkeydown=(on(Page::key).key("Enter").prevent()) onclick=[Some(|_: &mut Page| {})] ondblclick=[None::<fn(&mut Page)>] {}
    };
    assert_eq!(
        html.clone().into_tape().split().1.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, true, true, true, false]
    );
    is(
        html,
        "<button title=\"1\" data-l=\"\">a</button><input data-l=\"\"><p data-l=\"\"></p>",
        r#"[[[["@click","title"],[["input","v",{"d":300}]],[["keydown","key,code,repeat,altKey,ctrlKey,metaKey,shiftKey",{"p":1,"k":["Enter"]}],"@click",["dblclick"]]],0,4]]"#,
    );
}

#[test]
fn any_key_can_be_a_filter() {
    let html: Html<Page> = html! { p onkeydown=(on(on(Page::up).key("|")).key("\"").key(",")) {} };
    is(html, r#"<p data-l=""></p>"#, r#"[[[[["keydown","",{"k":["|","\"",","]}]]]]]"#);
}

#[test]
fn the_name_of_a_custom_event_is_quoted() {
    let html: Html<Page> = html! { my-map "onmap-moved"=(Page::up) {} };
    is(html, r#"<my-map data-l=""></my-map>"#, r#"[[[["@map-moved"]]]]"#);
}

#[test]
fn text_elements_are_one_slot() {
    is(
        inert(html! { textarea { "a" (1) @if true { "b" } } title { "t" } }),
        r#"<textarea data-l="">a1b</textarea><title>t</title>"#,
        r#"[[[["$"]],0,4]]"#,
    );
    is(
        inert(html! { textarea name=(1) { @for x in 0..2 { (x) } } }),
        r#"<textarea name="1" data-l="">01</textarea>"#,
        r#"[[[["name","$"]]]]"#,
    );
}

#[test]
fn a_newline_at_the_start_of_pre_survives() {
    // A comment precedes it, so the parser does not drop it.
    is(inert(html! { pre { ("\n1") } }), "<pre><!--[-->\n1<!--]--></pre>", "[[[0]]]");
}

#[test]
fn svg_and_mathml_templates_have_their_namespace() {
    let on = true;
    is(
        inert(html! { svg { @if on { circle r=(1) {} } foreignObject { @if on { p {} } } } }),
        "<svg><!--[1--><circle r=\"1\" data-l=\"\"></circle><!--]--><foreignObject data-l=\"2\"><p></p></foreignObject></svg>",
        r#"[[[0,["*"]]],[[["r"]],0,1],[[]]]"#,
    );
    is(inert(html! { circle r="1" {} }), r#"<circle r="1"></circle>"#, "[[[],0,1]]");
    is(inert(html! { @if on { "a" path d="" {} } }), "<!--[1-->a<path d=\"\"></path><!--]-->", "[[[0],0,5],[[],0,5]]");
    is(
        inert(html! { math { @if on { mi { "x" } } } }),
        r#"<math data-l="1"><mi>x</mi></math>"#,
        r#"[[[["*"]]],[[],0,2]]"#,
    );
    is(inert(html! { mrow { mi { "x" } } }), "<mrow><mi>x</mi></mrow>", "[[[],0,2]]");
}

#[test]
fn markup_at_one_position_in_the_source_is_one_template() {
    let badge = |text: &str| -> Html {
        html! { b { (text) } }
    };
    is(
        inert(html! { (badge("x")) (badge("y")) }),
        r#"<!--[1--><b data-l="">x</b><!--]--><!--[1--><b data-l="">y</b><!--]-->"#,
        r#"[[[0,0],0,4],[[["*"]]]]"#,
    );
    is(inert(html! { p { (vec![badge("x"), badge("y")]) } }),
        "<p data-l=\"1\"><!--[*2x2--><!--|--><!--[3--><b data-l=\"\">x</b><!--]--><!--|--><!--[3--><b data-l=\"\">y</b><!--]--><!--]--></p>"
            .replace("*2x2", "*2").as_str(),
        r#"[[[["*"]]],[[1],0,4],[[0],0,4],[[["*"]]]]"#);
}

#[test]
fn an_empty_splice_is_an_empty_slot() {
    is(
        inert(html! { p { (None::<Html>) (None::<&str>) (Html::<lanai::Inert>::empty()) } }),
        "<p><!--[--><!--]--><!--[--><!--]--><!--[--><!--]--></p>",
        "[[[0,0,0]]]",
    );
}

#[test]
fn text_stays_text_and_maud_markup_is_raw() {
    let html = inert(html! { (maud::PreEscaped("<b>x</b>")) ("<i>") (maud::html! { u {} }) });
    is(html, "<!--[--><b>x</b><!--]--><!--[-->&lt;i&gt;<!--]--><!--[--><u></u><!--]-->", "[[[0,0,0],0,4]]");
}
