//! Checks that the numbers and names of the protocol are the same here, in the client, and in the document.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Control, EventOptions, EventSpec, FailureKind, Op, Parts, Shortcut, VERSION, markers};

const DOCUMENT: &str = include_str!("../../../../docs/PROTOCOL.md");
const CLIENT: &str = include_str!("../../../../client-js/src/protocol.ts");

/// Returns the members of an enumeration of the client, by name.
fn members(name: &str) -> BTreeMap<String, String> {
    let (_, rest) = CLIENT
        .split_once(&format!("export const enum {name} {{"))
        .unwrap_or_else(|| panic!("client-js/src/protocol.ts has no `enum {name}`"));
    let body = rest.split("\n}").next().unwrap_or_default();
    let mut next = 0;
    let mut members = BTreeMap::new();
    for line in body.lines().map(str::trim).filter(|line| line.ends_with(',')) {
        let (name, value) = match line.trim_end_matches(',').split_once(" = ") {
            Some((name, value)) => (name, value.trim_matches(['"', '\'']).replace('_', "")),
            None => (line.trim_end_matches(','), next.to_string()),
        };
        next = value.parse::<i64>().map_or(next, |value| value + 1);
        members.insert(name.into(), value);
    }
    members
}

/// Returns the cells of all rows of the tables in a section of the document, without backticks.
fn rows(section: &str) -> Vec<Vec<String>> {
    let (_, rest) = DOCUMENT
        .split_once(&format!("\n{section}\n"))
        .unwrap_or_else(|| panic!("docs/PROTOCOL.md has no section {section:?}"));
    let level = section.split(' ').next().unwrap_or_default();
    let end = [level, "##"].iter().filter_map(|level| rest.find(&format!("\n{level} "))).min().unwrap_or(rest.len());
    rest[..end]
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("|--"))
        .map(|line| {
            // A bar inside a cell is escaped.
            let line = line.replace("\\|", "\u{1}");
            line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "").replace('\u{1}', "|")).collect()
        })
        .collect()
}

/// Returns the words in bold in the row of a table whose first cell is `code`.
#[track_caller]
fn documented(section: &str, code: &str) -> Vec<String> {
    let rows = rows(section);
    let row = rows.iter().find(|row| row[0] == code);
    let row = row.unwrap_or_else(|| panic!("docs/PROTOCOL.md, {section}: there is no row for {code}"));
    row[1..].join(" ").split("**").skip(1).step_by(2).map(str::to_lowercase).collect()
}

#[test]
fn the_version_is_one() {
    assert!(CLIENT.contains(&format!("export const VERSION = {VERSION};")), "client-js/src/protocol.ts");
    assert!(DOCUMENT.contains(&format!("**protocol version: {VERSION}**")), "docs/PROTOCOL.md");
}

#[test]
fn operations_on_the_page_have_one_number_each() {
    const EFFECTS: [(Op, &str, &str); 19] = [
        (Op::Define, "Define", "define"),
        (Op::Title, "Title", "title"),
        (Op::ResetForm, "Reset", "reset"),
        (Op::Focus, "Focus", "focus"),
        (Op::Close, "Close", "close"),
        (Op::Fail, "Fail", "fail"),
        (Op::Root, "Root", "root"),
        (Op::Sync, "Sync", "sync"),
        (Op::Channel, "Channel", "message"),
        (Op::Answer, "Answer", "answer"),
        (Op::Forget, "Forget", "forget"),
        (Op::Invalid, "Invalid", "invalid"),
        (Op::Write, "Write", "write"),
        (Op::Need, "Need", "need"),
        (Op::Scroll, "Scroll", "scroll"),
        (Op::Navigate, "Navigate", "navigate"),
        (Op::Query, "Query", "query"),
        (Op::Flash, "Flash", "flash"),
        (Op::Run, "Run", "run"),
    ];
    let client = members("Effect");
    for (op, name, word) in EFFECTS {
        let code = op.code().to_string();
        assert_eq!(client.get(name), Some(&code), "client-js/src/protocol.ts, Effect.{name}");
        assert!(documented("### Frames", &code).contains(&word.into()), "docs/PROTOCOL.md: {code} is not **{word}**");
    }
    assert_eq!(client.len(), EFFECTS.len(), "client-js/src/protocol.ts has other effects: {client:?}");
    let documented = rows("### Frames").into_iter().filter(|row| row[0].starts_with('-')).count();
    assert_eq!(documented, EFFECTS.len(), "docs/PROTOCOL.md has other operations");
}

#[test]
fn operations_on_slots_have_one_number_each() {
    let client = members("SlotOperation");
    for (op, name, cell, word) in [
        (Op::Set(5), "Set", "slot * 4", "set"),
        (Op::Patch(5), "Patch", "slot * 4 + 1", "patch"),
        (Op::Append(5), "Append", "slot * 4 + 2", "append"),
    ] {
        assert_eq!(op.code() >> 2, 5, "{op:?}");
        assert_eq!(
            client.get(name),
            Some(&(op.code() & 3).to_string()),
            "client-js/src/protocol.ts, SlotOperation.{name}"
        );
        assert_eq!(documented("### Frames", cell), [word], "docs/PROTOCOL.md");
    }
    assert_eq!(client.len(), 3, "client-js/src/protocol.ts has other operations: {client:?}");
}

#[test]
fn the_parts_of_the_client_have_one_number_each() {
    let client = members("Needs");
    let parts = [
        (Parts::ELEMENTS, "Elements", "elements"),
        (Parts::EXTRAS, "Extras", "extras"),
        (Parts::NAVIGATION, "Navigation", "navigation"),
        (Parts::HISTORY, "History", "history"),
        (Parts::COMMANDS, "Commands", "commands"),
        (Parts::STYLE, "Style", "style"),
        (Parts::UPLOADS, "Uploads", "uploads"),
        (Parts::ROWS, "Rows", "rows"),
    ];
    let row = rows("### Frames").into_iter().find(|row| row[0] == "-14").expect("a row for -14");
    for (part, name, word) in parts {
        assert_eq!(client.get(name), Some(&part.bits().to_string()), "client-js/src/protocol.ts, Needs.{name}");
        let said = format!("{} = {word}", part.bits());
        assert!(row[2].contains(&said), "docs/PROTOCOL.md does not say `{said}`");
    }
    assert_eq!(client.len(), parts.len(), "client-js/src/protocol.ts has other parts: {client:?}");
}

#[test]
fn messages_about_the_connection_have_one_key_each() {
    let rows = rows("### About the connection");
    let controls =
        [Control::Attached(0), Control::Root(7), Control::Gone(""), Control::Reload(""), Control::Refused("")];
    for key in controls.map(|control| control.to_text().split('"').nth(1).unwrap_or_default().to_owned()) {
        let start = format!("{{\"{key}\":");
        assert!(rows.iter().any(|row| row[0].starts_with(&start)), "docs/PROTOCOL.md has no row for {start}");
        // The client treats all names that it does not know as `gone`.
        let named = key == "gone" || CLIENT.contains(&format!("\"{key}\" in message"));
        assert!(named, "client-js/src/protocol.ts does not read {start}");
    }
}

#[test]
fn options_of_events_have_one_letter_each() {
    let (_, rest) = CLIENT.split_once("export interface EventOptions {").expect("an interface for the options");
    let client: Vec<&str> = rest
        .split("\n}")
        .next()
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.trim().split_once("?:").map(|(letter, _)| letter))
        .collect();
    let documented: Vec<String> =
        rows("### Events").into_iter().map(|row| row[0].clone()).filter(|cell| cell.len() == 1).collect();
    let options = EventOptions {
        debounce: Some(Duration::from_millis(1)),
        throttle: Some(Duration::from_millis(1)),
        once: true,
        prevent: true,
        keep_default: true,
        stop: true,
        keys: vec!["a".into()],
        margin: "1px".into(),
        drag: "a".into(),
        shortcut: Some(Shortcut {
            keys: "a".into(),
            description: "b".into(),
            in_controls: false,
            repeat: false,
            inside: false,
            physical: false,
            keep_default: false,
        }),
        ..EventOptions::default()
    };
    let mut written = Vec::new();
    EventSpec::send("").with(options).write("x", &mut written);
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
    let options = written[2].as_object().unwrap();
    for letter in options.keys() {
        assert!(client.contains(&letter.as_str()), "client-js/src/protocol.ts has no option {letter}");
        assert!(documented.contains(letter), "docs/PROTOCOL.md has no option {letter}");
    }
    assert_eq!((client.len(), documented.len()), (options.len(), options.len()), "{client:?} {documented:?}");
}

#[test]
fn payloads_have_one_letter_each() {
    let client: Vec<String> = members("PayloadKind").into_values().map(|letter| format!("\"{letter}\"")).collect();
    let documented: Vec<String> = rows("### Events").into_iter().map(|row| row[0].clone()).collect();
    for letter in &client {
        assert!(documented.contains(letter), "docs/PROTOCOL.md has no payload {letter}");
    }
    let letters = documented.iter().filter(|cell| cell.len() == 3 && cell.starts_with('"')).count();
    assert_eq!(letters, client.len(), "client-js/src/protocol.ts has other payloads: {client:?}");
}

#[test]
fn failures_of_requests_have_one_word_each() {
    let rows = rows("### Channels");
    for kind in [FailureKind::None, FailureKind::Failed, FailureKind::Panicked, FailureKind::Gone] {
        assert!(rows.iter().any(|row| row[0] == kind.as_str()), "docs/PROTOCOL.md has no row for {}", kind.as_str());
    }
}

#[test]
fn markers_are_the_same_on_both_sides() {
    let client = members("Mark");
    let comment = |name: &str| format!("<!--{}-->", client[name]);
    assert_eq!(markers::ROOT_START, comment("RootStart"));
    assert_eq!(markers::ROOT_END, comment("RootEnd"));
    assert_eq!(markers::SLOT_END, comment("SlotEnd"));
    assert_eq!(markers::ROW, comment("Row"));
    assert_eq!(format!("{}{}", markers::SLOT_START, markers::SLOT_STARTED), comment("SlotStart"));
    assert_eq!(markers::ELEMENT, format!(" {}", client["Element"]));
    for marker in [markers::ROOT_START, markers::ROOT_END, markers::SLOT_END, &markers::ROW.replace('|', "\\|")] {
        assert!(DOCUMENT.contains(marker), "docs/PROTOCOL.md has no {marker}");
    }
}

#[test]
fn flags_of_templates_are_the_same_on_both_sides() {
    let client = members("Flag");
    for (name, bit, word) in [("Svg", 1, "SVG"), ("MathMl", 2, "MathML"), ("ManyRoots", 4, "not a single root element")]
    {
        assert_eq!(client.get(name), Some(&bit.to_string()), "client-js/src/protocol.ts, Flag.{name}");
        let said = DOCUMENT.contains(&format!("{bit} = {word}"))
            || DOCUMENT.contains(&format!("{bit} = root nodes are {word}"));
        assert!(said, "docs/PROTOCOL.md does not say that {bit} is {word}");
    }
}

#[test]
fn slots_begin_with_the_same_signs_on_both_sides() {
    let (_, rest) = CLIENT.split_once("isOnly ? \"").expect("the client knows the signs");
    let client = rest.split('"').next().unwrap_or_default();
    let kinds = members("SlotKind");
    let documented = rows("## 3. Template definitions");
    for (sign, name) in [
        ('?', "Boolean"),
        ('.', "Property"),
        ('!', "BooleanProperty"),
        ('$', "Text"),
        ('@', "Event"),
        ('*', "Node"),
        ('#', "List"),
    ] {
        let kind = client.find(sign).map(|at| (at + 1).to_string());
        assert_eq!(kinds.get(name), kind.as_ref(), "client-js/src/protocol.ts, SlotKind.{name}");
        assert!(documented.iter().any(|row| row[0].starts_with(sign)), "docs/PROTOCOL.md has no slot {sign}");
    }
}
