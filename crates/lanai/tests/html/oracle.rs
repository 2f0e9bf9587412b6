//! All constructs of maud's documentation, also with random values.

use std::collections::HashMap;
use std::fmt;

use maud::{DOCTYPE, PreEscaped, Render};
use proptest::prelude::*;

/// Expands the same markup with both macros, and compares the results.
macro_rules! same {
    ($($markup:tt)*) => {{
        let theirs = maud::html! { $($markup)* }.into_string();
        let ours: lanai::Html = lanai::html! { $($markup)* };
        assert_eq!(ours.to_html(), theirs);
        theirs
    }};
}

struct Css(&'static str);

impl Render for Css {
    fn render(&self) -> maud::Markup {
        maud::html! { link rel="stylesheet" type="text/css" href=(self.0); }
    }
}

struct Shown(u32);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<shown {}>", self.0)
    }
}

#[test]
fn text_and_escapes() {
    assert_eq!(same! { "Oatmeal, are you crazy?" }, "Oatmeal, are you crazy?");
    same! { "<script>alert(\"XSS\")</script>" "a & b" };
}

#[test]
fn elements() {
    same! {
        h1 { "Poem" }
        p { strong { "Rock," } " you are a rock." br; "You will still be there." }
        link rel="stylesheet" href="poetry.css";
        input type="text" name="a";
        hr;
    };
}

#[test]
fn custom_elements_and_data_attributes() {
    same! {
        article data-index="12345" {
            h1 { "My blog" }
            tag-cloud { "pinkie pie pony cute" }
        }
        a xlink:href="x" aria-label="y" {}
    };
}

#[test]
fn attributes() {
    same! {
        ul {
            li { a href="about:blank" { "Apple Bloom" } }
            li class="lower-middle" { "Sweetie Belle" }
            li dir="rtl" { "Scootaloo " small { "(also a chicken)" } }
        }
        form { input type="checkbox" name="cupcakes" checked; " " label for="cupcakes" { "Do you like cupcakes?" } }
        details open {}
    };
}

#[test]
fn optional_attributes() {
    for title in [None, Some("Good <password> & \"more\"")] {
        same! { p title=[title] { "Correct horse" } a href=[title] {} };
    }
    let name: Option<String> = Some("owned".into());
    same! { p title=[&name] {} p title=[name.as_deref()] {} p title=[Some(42)] {} };
}

#[test]
fn classes_and_ids() {
    same! {
        input #cannon .big.scary.bright-red type="button" value="Launch Party Cannon";
        div."col-sm-2" { "Bootstrap column!" }
        div.col-2 ."md:flex" .x-y {}
        #main { "Main content!" .tip { "Storing food in a refrigerator can make it 20% cooler." } }
        p class="a" #b {}
    };
    let name = "rarity";
    let severity = "critical";
    same! {
        p.{ "name-" (name) } {}
        p.a.(name).b {}
        p #{ "id-" (name) } {}
        p #(name) .(severity) {}
        p class={ "issue severity-" (severity) } {}
    };
}

#[test]
fn toggles() {
    for on in [false, true] {
        let cuteness = if on { 95 } else { 5 };
        same! {
            p contenteditable[on] { "Edit me" }
            input disabled[on] checked[!on];
            p.cute[cuteness > 50] { "Squee!" }
            p.a.b[on].c.d[!on] {}
            p.{ "x" (cuteness) }[on] {}
            p.only[on] {}
        };
    }
}

/// The only difference: maud joins a toggled class that comes first to the next class.
#[test]
fn a_toggled_class_that_comes_first_stays_a_separate_class() {
    let ours: lanai::Html = lanai::html! { p.toggled[true].fixed {} };
    assert_eq!(ours.to_html(), r#"<p class=" fixed toggled"></p>"#);
    assert_eq!(maud::html! { p.toggled[true].fixed {} }.into_string(), r#"<p class=" fixedtoggled"></p>"#);
}

#[test]
fn splices() {
    let best_pony = "Pinkie Pie";
    let numbers = [1, 2, 3, 4];
    let secret = "Surprise!";
    same! {
        p { "Hi, " (best_pony) "!" }
        p { "I have " (numbers.len()) " numbers, and the first one is " (numbers[0]) }
        p title=(secret) { ({ let f = |n: u32| n * 2; f(21) }) }
        a href={ "https://example.org/" (best_pony) } {}
        (String::from("owned")) (std::borrow::Cow::Borrowed("cow")) ('c') (1.5) (-3) (true.to_string())
        (Box::new("boxed")) (std::sync::Arc::new(String::from("arc"))) (format_args!("{}-{}", 1, 2))
    };
}

#[test]
fn values_that_implement_render_or_display() {
    same! {
        (DOCTYPE)
        (PreEscaped("<p>Pre</p>"))
        (Css("my.css"))
        (Shown(7))
        p title=(Shown(7)) {}
        (maud::html! { b { "inner" } })
    };
}

#[test]
fn control_flow() {
    for user in [None, Some("luna"), Some("celestia")] {
        same! {
            @if user == Some("luna") { h1 { "Super secret" } } @else if user.is_some() { p { "No" } } @else { "Nobody" }
            @if let Some(name) = user { "Hello, " (name) }
            @match user {
                Some("luna") => h1 { "moon" },
                Some(name) if name.len() > 3 => { b { (name) } i { "long" } }
                Some(_) => "short"
                None => {}
            }
        };
    }
    let names = ["Applejack", "Rarity", "Fluttershy"];
    same! {
        ol { @for name in &names { li { (name) } } }
        @for name in names.iter().rev() { @let first = name.chars().next().unwrap(); p { (first) ": " (name) } }
    };
    let (mut left, mut right) = (vec![1, 2, 3], vec![1, 2, 3]);
    let theirs = maud::html! { @while let Some(number) = left.pop() { p { (number) } } }.into_string();
    let ours: lanai::Html = lanai::html! { @while let Some(number) = right.pop() { p { (number) } } };
    assert_eq!(ours.to_html(), theirs);
}

#[test]
fn control_flow_in_attributes() {
    for names in [&[][..], &["a", "b"]] {
        same! {
            p.@if names.is_empty() { "empty" } @else { "full" } {}
            a href={ "/" @for name in names { (name) "/" } } { "link" }
            p title=@match names.len() { 0 => "none", _ => { "some: " (names.len()) } } {}
            p title={ @let count = names.len(); (count) } {}
        };
    }
}

#[test]
fn let_has_the_scope_of_its_block() {
    let name = "outer";
    same! { { @let name = "inner"; (name) } (name) p { @let name = name.len(); (name) } };
}

#[test]
fn text_elements() {
    let text = "</textarea> & \"quotes\"";
    same! {
        title { "Page of " (text) @if true { "!" } }
        textarea name="a" { (text) }
        textarea { "static" }
        script { "alert(1)" }
        style { "p { color: red }" }
        pre { "\n" (text) }
    };
}

#[test]
fn svg_and_mathml() {
    same! {
        svg viewBox="0 0 10 10" { circle cx=(5) r="2" {} foreignObject { div { (1) } } }
        math { mi { "x" } mo { "=" } mn { (42) } }
        table { thead { tr { th { "a" } } } tbody { @for row in 0..3 { tr { td { (row) } } } } }
        select { option value=(0) selected[false] { (0) } option value=(1) selected[true] { (1) } }
    };
}

#[test]
fn early_returns_and_question_marks() {
    fn ours(text: &str) -> Result<lanai::Html, std::num::ParseIntError> {
        Ok(lanai::html! { p { (text.parse::<u32>()?) } })
    }
    assert_eq!(ours("7").unwrap().to_html(), "<p>7</p>");
    assert!(ours("x").is_err());
}

proptest! {
    #[test]
    fn random_values(
        text in "\\PC{0,20}",
        quoted in "[<>&\"'a-z]{0,12}",
        option in prop::option::of("[a-z<&\"]{0,6}"),
        flag: bool,
        number: i64,
        list in prop::collection::vec(("[a-z<]{0,5}", any::<bool>()), 0..6),
    ) {
        let map: HashMap<&str, &str> = HashMap::from([("key", quoted.as_str())]);
        same! {
            div #(quoted) .{ "b-" (number) } .a[flag] title=(text) data-option=[&option] hidden[flag] {
                (text) "<literal>" (number)
                @if flag { (quoted) } @else { b { (map["key"]) } }
                @match &option { Some(value) if flag => { i { (value) } } Some(value) => (value), None => "none" }
                ul { @for (index, (name, on)) in list.iter().enumerate() { li.on[*on] { (index) ": " (name) } } }
                textarea { (text) (quoted) }
                input value=(quoted) checked[flag];
            }
        };
    }
}
