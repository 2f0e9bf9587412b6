//! Messages from the page: whatever a stranger sends is read as what it says, or refused.

use lanai_core::protocol::{Control, Message};
use proptest::prelude::*;

/// Texts that are almost messages.
fn almost() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[",
        "]",
        ",",
        "\"",
        "\"bye\"",
        "{",
        "}",
        ":",
        "0",
        "1",
        "-1",
        "4294967295",
        "4294967296",
        "18446744073709551615",
        "18446744073709551616",
        "1e3",
        "null",
        "true",
        " ",
        "\n",
        "\"a\"",
        "\\u0000",
        "\u{FEFF}",
        "ü",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![almost(), any::<String>()]) {
        if let Ok(message) = Message::parse(&text) {
            // What was read is JSON of the table in docs/PROTOCOL.md, section 5.
            match message {
                Message::Attach { instance, secret, page, frames } => {
                    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                    prop_assert_eq!(json, serde_json::json!([instance, secret, page, frames]));
                }
                Message::Event { number, frames, handler, payload } => {
                    let json: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
                    prop_assert_eq!(serde_json::json!(json[..3]), serde_json::json!([number, frames, handler]));
                    if !payload.is_empty() {
                        prop_assert_eq!(&json[3], &serde_json::from_str::<serde_json::Value>(payload).unwrap());
                    }
                }
                Message::Ack(frames) => prop_assert_eq!(text.parse(), Ok(frames)),
                Message::Heartbeat => prop_assert_eq!(text, "[]"),
                Message::Bye => prop_assert_eq!(text, "\"bye\""),
            }
        }
    }

    #[test]
    fn events_are_read_as_they_were_sent(number: u64, frames: u64, handler: u64, payload: Option<String>) {
        let payload = payload.map(|payload| serde_json::to_string(&payload).unwrap());
        let text = match &payload {
            Some(payload) => format!("[{number},{frames},{handler},{payload}]"),
            None => format!("[{number},{frames},{handler}]"),
        };
        let event = Message::Event { number, frames, handler, payload: payload.as_deref().unwrap_or("") };
        prop_assert_eq!(Message::parse(&text), Ok(event));
    }

    #[test]
    fn an_attach_is_read_as_it_was_sent(instance: String, secret: String, page: String, frames: u64) {
        let text = serde_json::to_string(&(&instance, &secret, &page, frames)).unwrap();
        prop_assert_eq!(Message::parse(&text), Ok(Message::Attach { instance, secret, page, frames }));
    }
}

#[test]
fn a_payload_nested_without_end_is_refused() {
    let text = format!("[1,0,0,{}", "[".repeat(1_000_000));
    assert!(Message::parse(&text).is_err());
    let closed = format!("[1,0,0,{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    // Read or refused, but without a stack overflow.
    let _ = Message::parse(&closed);
}

#[test]
fn messages_about_the_connection_are_json() {
    assert_eq!(Control::Attached(17).to_text(), r#"{"attached":17}"#);
    assert_eq!(Control::Gone("it \"went\"").to_text(), r#"{"gone":"it \"went\""}"#);
    assert_eq!(Control::Refused("no").to_text(), r#"{"refused":"no"}"#);
    assert_eq!(Control::Heartbeat.to_text(), "[]");
}
