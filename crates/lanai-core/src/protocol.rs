//! The wire: frames to the page, messages from the page.
//!
//! `docs/PROTOCOL.md` is the description; `client-js/src/protocol.ts` the other end. The three change together.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json;

/// The version of the protocol that this crate speaks.
pub const VERSION: u32 = 1;

/// An operation of a frame on the root template, or of a patch on a nested one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Set(i64),
    Patch(i64),
    Append(i64),
    Define,
    Title,
    ResetForm,
    Focus,
    Close,
    Fail,
    Root,
}

impl Op {
    pub(crate) fn code(self) -> i64 {
        match self {
            Op::Set(slot) => slot * 4,
            Op::Patch(slot) => slot * 4 + 1,
            Op::Append(slot) => slot * 4 + 2,
            Op::Define => -1,
            Op::Title => -2,
            Op::ResetForm => -3,
            Op::Focus => -4,
            Op::Close => -5,
            Op::Fail => -6,
            Op::Root => -7,
        }
    }
}

/// A frame under construction: definitions, a patch, and effects, in this order.
#[derive(Debug, Default)]
pub struct Frame {
    definitions: Vec<u8>,
    ops: Vec<u8>,
}

impl Frame {
    /// A frame without operations.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Sets the page's title.
    pub fn title(&mut self, title: &str) {
        self.op(Op::Title);
        self.string(title);
    }

    /// Resets the form that the event with this number came from.
    pub fn reset_form(&mut self, event: u64) {
        self.op(Op::ResetForm);
        json::natural(&mut self.ops, event);
        self.raw(b",");
    }

    /// Focuses the first element that matches a CSS selector.
    pub fn focus(&mut self, selector: &str) {
        self.op(Op::Focus);
        self.string(selector);
    }

    /// Tells the page that its view has ended.
    pub fn close_view(&mut self) {
        self.op(Op::Close);
        self.raw(b"0,");
    }

    /// Replaces the live part by an error page.
    pub fn fail(&mut self, html: &str) {
        self.op(Op::Fail);
        self.string(html);
    }

    /// The frame's text, with the number of the last event that was executed.
    pub fn finish(self, ack: u64) -> String {
        let mut text = Vec::with_capacity(self.definitions.len() + self.ops.len() + 24);
        text.push(b'[');
        json::natural(&mut text, ack);
        text.push(b',');
        text.extend_from_slice(&self.definitions);
        text.extend_from_slice(&self.ops);
        json::close(&mut text, b']');
        String::from_utf8(text).expect("JSON is UTF-8")
    }

    #[inline]
    pub(crate) fn op(&mut self, op: Op) {
        if self.ops.capacity() == 0 {
            // Most frames fit, and grow no more.
            self.ops.reserve(128);
        }
        json::number(&mut self.ops, op.code());
        self.ops.push(b',');
    }

    pub(crate) fn string(&mut self, text: &str) {
        json::string(&mut self.ops, text);
        self.ops.push(b',');
    }

    #[inline]
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.ops.extend_from_slice(bytes);
    }

    /// Closes an array: the comma behind its last element goes.
    pub(crate) fn close(&mut self, bytes: &[u8]) {
        if self.ops.last() == Some(&b',') {
            self.ops.pop();
        }
        self.raw(bytes);
    }

    pub(crate) fn mark(&self) -> usize {
        self.ops.len()
    }

    pub(crate) fn rewind(&mut self, mark: usize) {
        self.ops.truncate(mark);
    }

    pub(crate) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.ops
    }

    pub(crate) fn definitions(&mut self) -> &mut Vec<u8> {
        &mut self.definitions
    }
}

/// A message about the connection, from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control<'a> {
    /// Attached; the number is that of the last event executed.
    Attached(u64),
    /// There is no such instance any more, or it is another page's.
    Gone(&'a str),
    /// The server does not accept this connection.
    Refused(&'a str),
    /// The answer to a heartbeat.
    Heartbeat,
}

impl Control<'_> {
    /// The message's text.
    pub fn to_text(self) -> String {
        match self {
            Control::Attached(event) => format!(r#"{{"attached":{event}}}"#),
            Control::Gone(reason) => serde_json::json!({ "gone": reason }).to_string(),
            Control::Refused(reason) => serde_json::json!({ "refused": reason }).to_string(),
            Control::Heartbeat => "[]".into(),
        }
    }
}

/// A message from the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// The first message on a socket.
    Attach {
        /// The instance.
        instance: String,
        /// Its secret.
        secret: String,
        /// The name that the page chose when its script started.
        page: String,
        /// Frames applied so far.
        frames: u64,
    },
    /// An event for a handler.
    Event {
        /// Its number.
        number: u64,
        /// Frames applied so far.
        frames: u64,
        /// The handler's number.
        handler: u64,
        /// The payload's JSON, empty if there is none.
        payload: &'a str,
    },
    /// Frames applied so far.
    Ack(u64),
    /// A sign of life, to be answered.
    Heartbeat,
    /// The page is left for good.
    Bye,
}

/// Why a message is none of the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is none of the protocol's: {0}")]
pub struct MalformedMessage(&'static str);

impl<'a> Message<'a> {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// If the text is not one of the messages in `docs/PROTOCOL.md`, section 5.
    pub fn parse(text: &'a str) -> Result<Self, MalformedMessage> {
        match text.as_bytes().first() {
            Some(b'[') => Self::parse_array(text),
            Some(b'"') if text == r#""bye""# => Ok(Message::Bye),
            Some(b'0'..=b'9') => text.parse().map(Message::Ack).map_err(|_| MalformedMessage("a bad acknowledgement")),
            _ => Err(MalformedMessage("neither an array, a number, nor \"bye\"")),
        }
    }

    fn parse_array(text: &'a str) -> Result<Self, MalformedMessage> {
        #[derive(Deserialize)]
        struct Attach(String, String, String, u64);
        /// The payload is read only by the handler that asked for it.
        #[derive(Deserialize)]
        struct Event<'a>(u64, u64, u64, #[serde(borrow, default)] Option<&'a RawValue>);

        match text.as_bytes().get(1) {
            Some(b']') if text.len() == 2 => Ok(Message::Heartbeat),
            Some(b'"') => {
                let Attach(instance, secret, page, frames) =
                    serde_json::from_str(text).map_err(|_| MalformedMessage("a bad attach"))?;
                Ok(Message::Attach { instance, secret, page, frames })
            }
            _ => {
                if let Some((number, frames, handler)) = bare_event(text) {
                    return Ok(Message::Event { number, frames, handler, payload: "" });
                }
                let Event(number, frames, handler, payload) =
                    serde_json::from_str(text).map_err(|_| MalformedMessage("a bad event"))?;
                Ok(Message::Event { number, frames, handler, payload: payload.map_or("", RawValue::get) })
            }
        }
    }
}

/// Reads an event without a payload, which most are: three numbers as JSON writes them. Anything else is left to the parser.
fn bare_event(text: &str) -> Option<(u64, u64, u64)> {
    let inner = text.as_bytes().strip_prefix(b"[")?.strip_suffix(b"]")?;
    let (mut numbers, mut place, mut start) = ([0_u64; 3], 0, 0);
    for (at, &byte) in inner.iter().enumerate() {
        match byte {
            // A number does not begin with a zero, unless that is all of it.
            b'0'..=b'9' if at == start || numbers[place] > 0 => {
                numbers[place] = numbers[place].checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
            }
            b',' if at > start && place < 2 => (place, start) = (place + 1, at + 1),
            _ => return None,
        }
    }
    (place == 2 && start < inner.len()).then_some((numbers[0], numbers[1], numbers[2]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_of_the_protocol_is_read() {
        let parsed = |text| Message::parse(text).unwrap();
        assert_eq!(
            parsed(r#"["7","secret","page",3]"#),
            Message::Attach { instance: "7".into(), secret: "secret".into(), page: "page".into(), frames: 3 }
        );
        assert_eq!(parsed("[17,16,3]"), Message::Event { number: 17, frames: 16, handler: 3, payload: "" });
        assert_eq!(parsed("[1,0,0]"), Message::Event { number: 1, frames: 0, handler: 0, payload: "" });
        assert_eq!(parsed("[ 1, 0,\n10 ]"), Message::Event { number: 1, frames: 0, handler: 10, payload: "" });
        assert_eq!(
            parsed("[18446744073709551615,0,1]"),
            Message::Event { number: u64::MAX, frames: 0, handler: 1, payload: "" }
        );
        assert_eq!(
            parsed(r#"[1,0,3,{"a":[1, 2]}]"#),
            Message::Event { number: 1, frames: 0, handler: 3, payload: r#"{"a":[1, 2]}"# }
        );
        assert_eq!(parsed("12"), Message::Ack(12));
        assert_eq!(parsed("[]"), Message::Heartbeat);
        assert_eq!(parsed(r#""bye""#), Message::Bye);
    }

    #[test]
    fn nothing_else_is_read() {
        for text in [
            "",
            " ",
            "{}",
            "null",
            "-1",
            "1.5",
            "99999999999999999999",
            "[",
            "[1]",
            "[1,2]",
            "[1,2,3,4,5]",
            "[-1,0,0]",
            "[1,0,18446744073709551616]",
            r#"["a"]"#,
            r#"["a","b","c",-1]"#,
            r#"["a","b","c",0,0]"#,
            r#""bye"#,
            r#""hello""#,
            "[[]]",
            "[1,0,3,]",
            "[01,0,3]",
            "[+1,0,3]",
            "[1,,3]",
            "[1,0,]",
            "[18446744073709551616,0,1]",
        ] {
            assert!(Message::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_frame_reads_as_in_the_document() {
        let mut frame = Frame::new();
        frame.op(Op::Set(0));
        frame.string("3");
        frame.title("Three");
        frame.reset_form(2);
        assert_eq!(frame.finish(2), r#"[2,0,"3",-2,"Three",-3,2]"#);
        assert_eq!(Frame::new().finish(17), "[17]");
    }
}
