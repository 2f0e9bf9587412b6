//! Messages from the page: any text is either parsed as a message or refused.

use lanai_core::protocol::{Control, Message, Received, VERSION};
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
        if let Ok(Received { of, message }) = Received::parse(&text) {
            // A message that was parsed is JSON from the table in docs/PROTOCOL.md, section 5.
            let fields = || {
                let mut json: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
                if let Some(of) = of {
                    assert_eq!(json.remove(0).as_str().map(str::parse), Some(Ok(of)));
                }
                json
            };
            match message {
                Message::Attach { instance, secret, page, frames, blank, build } => {
                    let frames = if blank { -1 - frames as i64 } else { frames as i64 };
                    let expected = serde_json::json!([instance, secret, page, frames, VERSION, build]);
                    prop_assert_eq!(serde_json::Value::from(fields()), expected);
                }
                Message::AttachOther { version, build } => {
                    let json = fields();
                    prop_assert_ne!(version, VERSION);
                    prop_assert_eq!(serde_json::json!(json[4..6]), serde_json::json!([version, build]));
                }
                Message::AttachInside { frames, acknowledged } => {
                    let json = fields();
                    prop_assert_eq!(serde_json::json!(json[json.len() - 2..]), serde_json::json!([frames, acknowledged]));
                }
                Message::AttachSticky { secret, page, frames, blank } => {
                    let frames = if blank { -1 - frames as i64 } else { frames as i64 };
                    prop_assert_eq!(
                        serde_json::Value::from(fields()),
                        serde_json::json!(["attach", frames, secret, page])
                    );
                }
                Message::Channel { number, frames, channel, event, payload, request } => {
                    let json = fields();
                    prop_assert_eq!(
                        serde_json::json!(json[..4]),
                        serde_json::json!([number, frames, channel, event])
                    );
                    prop_assert_eq!(&json[4], &serde_json::from_str::<serde_json::Value>(payload).unwrap());
                    prop_assert_eq!(json.get(5).and_then(serde_json::Value::as_u64), request);
                }
                Message::Answer { request, .. } => {
                    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                    prop_assert_eq!(json["answer"][0].as_u64(), Some(request));
                }
                Message::Event { number, frames, handler, payload } => {
                    let json = fields();
                    prop_assert_eq!(serde_json::json!(json[..3]), serde_json::json!([number, frames, handler]));
                    if !payload.is_empty() {
                        prop_assert_eq!(&json[3], &serde_json::from_str::<serde_json::Value>(payload).unwrap());
                    }
                }
                Message::Ack(frames) if of.is_some() => prop_assert_eq!(fields()[0].as_u64(), Some(frames)),
                Message::Ack(frames) => prop_assert_eq!(text.parse(), Ok(frames)),
                Message::Heartbeat => prop_assert_eq!(text, "[]"),
                Message::Bye if of.is_some() => prop_assert_eq!(fields(), ["bye"]),
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
        prop_assert_eq!(Received::parse(&text), Ok(Received { of: None, message: event }));
    }

    #[test]
    fn an_attach_is_read_as_it_was_sent(
        instance: String, secret: String, page: String, build: String, frames in 0..i64::MAX, blank: bool
    ) {
        let said = if blank { -1 - frames } else { frames };
        let text = serde_json::to_string(&(&instance, &secret, &page, said, VERSION, &build)).unwrap();
        let message = Message::Attach { instance, secret, page, frames: frames as u64, blank, build };
        prop_assert_eq!(Received::parse(&text), Ok(Received { of: None, message }));
    }
}

#[test]
fn of_an_attach_of_another_version_the_version_and_the_build_are_read() {
    let other = |version, build: &str| {
        Ok(Received { of: None, message: Message::AttachOther { version, build: build.into() } })
    };
    for version in [0, 2, VERSION + 1, u32::MAX] {
        let text = format!(r#"["7","secret","page",0,{version},"b"]"#);
        assert_eq!(Received::parse(&text), other(version, "b"));
        // Another version may send anything else here.
        let text = format!(r#"["7","secret","page",{{"frames":[]}},{version},"",null,["x"]]"#);
        assert_eq!(Received::parse(&text), other(version, ""));
    }
}

#[test]
fn a_payload_nested_without_end_is_refused() {
    let text = format!("[1,0,0,{}", "[".repeat(1_000_000));
    assert!(Received::parse(&text).is_err());
    let closed = format!("[1,0,0,{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    // It may be parsed or refused, but without a stack overflow.
    let _ = Received::parse(&closed);
}

#[test]
fn messages_about_the_connection_are_json() {
    assert_eq!(Control::Attached(17).to_text(), r#"{"attached":17}"#);
    assert_eq!(Control::Gone("it \"went\"").to_text(), r#"{"gone":"it \"went\""}"#);
    assert_eq!(Control::Reload("new").to_text(), r#"{"reload":"new"}"#);
    assert_eq!(Control::Refused("no").to_text(), r#"{"refused":"no"}"#);
    assert_eq!(Control::Heartbeat.to_text(), "[]");
}
