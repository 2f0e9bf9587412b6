//! What a form makes of anything that a page can send.

use lanai_macros::Form;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{LiveForm, Problem};

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct All {
    #[form(min_length = 2, max_length = 5)]
    text: String,
    #[form(optional, equals = kind, name = "copy-of-kind")]
    copy: Option<String>,
    #[form(optional, type = "textarea", max_length = 3)]
    note: String,
    small: u8,
    #[form(range(min = -1.5, max = 1e3), step = 0.1)]
    number: Option<f64>,
    big: Option<i64>,
    letter: Option<char>,
    flag: bool,
    #[form(type = "date", min = "2000-01-01", max = "2030-12-31")]
    day: Option<String>,
    #[form(type = "time")]
    hour: Option<String>,
    #[form(type = "color")]
    color: Option<String>,
    #[form(type = "url")]
    site: Option<String>,
    #[form(optional, placeholder = "Any kind")]
    kind: Option<Kind>,
    #[form(min_length = 1, max_length = 2)]
    kinds: Vec<Kind>,
    words: Vec<String>,
    nested: Inner,
    maybe: Option<Inner>,
    #[form(max_length = 3)]
    rows: Vec<Inner>,
    outcome: Outcome,
    money: Option<Money>,
    #[form(skip)]
    secret: Secret,
}

#[derive(Form, Debug, PartialEq, Clone, Copy)]
enum Kind {
    Plain,
    #[form(name = "with space", label = "With a space")]
    Space,
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct Inner {
    #[form(optional, pattern = "[a-z]*")]
    word: String,
    deeper: Vec<Deeper>,
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
struct Deeper {
    value: i32,
}

#[derive(Form, Default, Debug, PartialEq, Clone)]
enum Outcome {
    #[default]
    Nothing,
    Inside(Deeper),
}

/// A type that only serde knows.
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
#[serde(try_from = "String", into = "String")]
struct Money(u32);

impl TryFrom<String> for Money {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let cents = text.strip_suffix(" €").and_then(|text| text.parse().ok());
        cents.map(Self).ok_or_else(|| "not money".into())
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        format!("{} €", money.0)
    }
}

#[derive(Default, Debug, PartialEq, Clone)]
struct Secret(bool);

/// A form in which everything is right.
const GOOD: &str = "text=abc&small=7&kinds=Plain&outcome[type]=Nothing";

fn form(fields: &str) -> LiveForm<All> {
    LiveForm::from_urlencoded(fields).expect("few values")
}

/// The errors by name.
fn errors(fields: &str) -> Vec<(String, Problem)> {
    form(fields).state.found.0
}

#[test]
fn a_form_becomes_its_struct_and_back() {
    let value = All {
        text: "abc".into(),
        copy: Some("with space".into()),
        note: "a\nb".into(),
        small: 7,
        number: Some(-1.5),
        big: Some(12_345_678_901),
        letter: Some('ä'),
        flag: true,
        day: Some("2024-02-29".into()),
        hour: Some("23:59".into()),
        color: Some("#00ff00".into()),
        site: Some("https://a.b".into()),
        kind: Some(Kind::Space),
        kinds: vec![Kind::Plain, Kind::Space],
        words: vec!["one".into(), "two".into()],
        nested: Inner { word: "x".into(), deeper: vec![Deeper { value: -3 }, Deeper { value: 4 }] },
        maybe: None,
        rows: vec![Inner::default(), Inner { word: "y".into(), deeper: vec![Deeper { value: 1 }] }],
        outcome: Outcome::Inside(Deeper { value: 9 }),
        money: Some(Money(5)),
        secret: Secret(true),
    };
    let form = LiveForm::new(value.clone());
    assert_eq!(form.state.found.0, []);
    assert_eq!(form.submitted(), Some(value));
    assert!(!form.is_dirty());
}

#[test]
fn what_is_wrong_with_a_field_is_said_at_the_field() {
    assert_eq!(errors(GOOD), []);
    for (change, name, problem) in [
        ("text=", "text", Problem::Required),
        ("text=a", "text", Problem::TooShort(2)),
        ("text=abcdef", "text", Problem::TooLong(5)),
        ("copy-of-kind=Plain", "copy-of-kind", Problem::Different("Kind")),
        ("small=", "small", Problem::Required),
        ("small=256", "small", Problem::TooLarge("255".into())),
        ("small=-1", "small", Problem::TooSmall("0".into())),
        ("small=1.5", "small", Problem::Step("1".into())),
        ("small=x", "small", Problem::Type("number")),
        ("small=%EF%BF%BD", "small", Problem::Type("number")),
        ("number=-1.6", "number", Problem::TooSmall("-1.5".into())),
        ("number=0.25", "number", Problem::Step("0.1".into())),
        ("number=1e999", "number", Problem::Type("number")),
        ("number=inf", "number", Problem::Type("number")),
        ("number=NaN", "number", Problem::Type("number")),
        ("number=0x10", "number", Problem::Type("number")),
        ("big=1e40", "big", Problem::Type("number")),
        ("big=999999999999999999999999999999999999999999", "big", Problem::Type("number")),
        ("letter=ab", "letter", Problem::Type("text")),
        ("day=1999-12-31", "day", Problem::TooSmall("2000-01-01".into())),
        ("day=2031-01-01", "day", Problem::TooLarge("2030-12-31".into())),
        ("day=tomorrow", "day", Problem::Type("date")),
        ("hour=24", "hour", Problem::Type("time")),
        ("color=red", "color", Problem::Type("color")),
        ("site=example.org", "site", Problem::Url),
        ("kind=Other&copy-of-kind=Other", "kind", Problem::Choice),
        ("kinds=Other", "kinds", Problem::Choice),
        ("kinds=Plain&kinds=Plain&kinds=Plain", "kinds", Problem::TooMany(2)),
        ("kinds=", "kinds", Problem::TooFew(1)),
        ("nested[word]=UP", "nested[word]", Problem::Pattern),
        ("nested[deeper][3][value]=x", "nested[deeper][3][value]", Problem::Type("number")),
        ("rows[7][word]=1", "rows[7][word]", Problem::Pattern),
        ("rows[0][word]=&rows[1][word]=&rows[2][word]=&rows[3][word]=", "rows", Problem::TooMany(3)),
        ("outcome[type]=", "outcome[type]", Problem::NotChosen),
        ("outcome[type]=Other", "outcome[type]", Problem::Choice),
        ("outcome[type]=Inside", "outcome[inside][value]", Problem::Required),
        ("money=5", "money", Problem::Type("text")),
    ] {
        let mut all: Vec<&str> = GOOD.split('&').collect();
        let changed = change.split('=').next().unwrap();
        all.retain(|pair| pair.split('=').next() != Some(changed));
        let fields = format!("{}&{change}", all.join("&"));
        assert_eq!(errors(&fields), [(name.to_owned(), problem)], "{change}");
    }
}

#[test]
fn what_people_leave_empty_or_write_a_little_differently_is_right() {
    let value = |more: &str| form(&format!("{GOOD}&{more}")).submitted().unwrap_or_else(|| panic!("{more}"));
    assert_eq!(value("number=+&day=&kind=&letter=&maybe[word]=").number, None);
    assert_eq!(value("number=%200.3%20").number, Some(0.3));
    assert_eq!(value("number=999.9").number, Some(999.9));
    // A line break counts once, as in the browser, however the body of the request spells it.
    assert_eq!(value("note=a%0D%0Ab").note, "a\nb");
    assert!(value("flag=on").flag && value("flag=true").flag && !value("flag=false").flag && !value("flag=").flag);
    assert_eq!(value("words=&words=b").words, ["b"]);
    assert_eq!(value("words[]=a&words[]=b").words, ["a", "b"]);
    assert_eq!(value("text=zzz").text, "zzz", "of two values of one control, the last counts");
    assert_eq!(value("maybe[word]=a").maybe, Some(Inner { word: "a".into(), deeper: vec![] }));
    let rows = value("rows[9][word]=first&rows[2][word]=second").rows;
    assert_eq!(rows.iter().map(|row| row.word.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    // An emoji is two UTF-16 units.
    assert_eq!(errors("text=%F0%9F%99%82&small=1&kinds=Plain&outcome[type]=Nothing"), []);
}

#[test]
fn the_placeholder_of_a_select_is_its_empty_option() {
    let html = |form: &LiveForm<All>| super::render::options(&form.field(All::KIND)).to_html();
    let empty = html(&form("kind="));
    assert!(empty.starts_with(r#"<option value="" selected>Any kind</option>"#), "{empty}");
    let chosen = html(&form("kind=Plain"));
    assert!(chosen.starts_with(r#"<option value="">Any kind</option>"#), "{chosen}");
}

#[test]
fn a_page_cannot_set_what_is_not_in_the_form() {
    let fields = format!(
        "{GOOD}&secret=true&secret[0]=true&is_admin=1&__proto__[x]=1&text[x]=1&nested=x&rows=x&rows[x][word]=a"
    );
    let form = form(&fields);
    assert_eq!(form.submitted().map(|value| value.secret), Some(Secret(false)));
    assert_eq!(form.state.found.0, []);
}

#[test]
fn a_message_is_bounded() {
    let many = |pair: &dyn Fn(usize) -> String, count| (0..count).map(pair).collect::<Vec<_>>().join("&");
    assert!(LiveForm::<All>::from_urlencoded(&many(&|_| "text=a".into(), 10_001)).is_err());
    let rows = form(&many(&|at| format!("rows[{at}][word]=a"), 10_000));
    assert_eq!(rows.state.node.fields()[17].rows().len(), super::node::MOST_ROWS);
    let values = form(&many(&|at| format!("words={at}"), 10_000));
    assert!(values.get(All::WORDS).unwrap().len() <= 1_000);
    for name in ["a".repeat(1_000_000), format!("rows{}", "[0]".repeat(100_000)), "[".repeat(100_000)] {
        assert_eq!(errors(&format!("{GOOD}&{name}=x")), []);
    }
    let long = "x".repeat(1_000_000);
    assert_eq!(errors(&format!("text={long}&small=7&kinds=Plain&outcome[type]=Nothing"))[0].1, Problem::TooLong(5));
}

#[test]
fn nul_is_not_stored() {
    let fields = GOOD.replace("text=abc", "text=a%00b");
    assert_eq!(form(&fields).submitted().unwrap().text, "a\u{fffd}b");
}

/// Names and values as people, programs and attackers write them.
fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "text",
            "note",
            "small",
            "number",
            "big",
            "flag",
            "day",
            "hour",
            "kind",
            "kinds",
            "words",
            "words[]",
            "nested",
            "nested[word]",
            "nested[deeper][0][value]",
            "maybe[word]",
            "rows[0][word]",
            "rows[4294967295][word]",
            "rows[4294967296][word]",
            "rows[-1][word]",
            "rows[0][deeper][1][value]",
            "rows[][word]",
            "outcome[type]",
            "outcome[inside][value]",
            "money",
            "secret",
        ])
        .prop_map(str::to_owned),
        "[a-z\\[\\]0-9]{0,20}",
        any::<String>(),
    ];
    let value = prop_oneof![
        prop::sample::select(vec![
            "",
            "a",
            "abc",
            "0",
            "-0",
            "255",
            "1e308",
            "1e-400",
            "-1.5",
            "true",
            "on",
            "Plain",
            "with space",
            "Inside",
            "Nothing",
            "2024-02-30",
            "99:99",
            "5 €",
            "\u{fffd}",
            "\0",
            "\r\n",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec((name, value), 0..40)
}

proptest! {
    #[test]
    fn anything_is_a_form_with_or_without_errors(pairs in pairs()) {
        let fields = serde_html_form::to_string(&pairs).unwrap();
        let form = form(&fields);
        match form.submitted() {
            // What is valid survives the way back into the controls.
            Some(value) => {
                let again = LiveForm::new(value.clone());
                prop_assert_eq!(again.submitted(), Some(value));
            }
            None => prop_assert!(!form.is_valid()),
        }
        let rendered = form.field(All::TEXT).render().to_html();
        prop_assert!(rendered.contains("name=\"text\""));
    }

    #[test]
    fn raw_bytes_are_no_danger(text in any::<String>()) {
        let _ = form(&text);
    }
}
