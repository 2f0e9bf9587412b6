//! The wire: frames to the page, messages from the page.
//!
//! `docs/PROTOCOL.md` is the description; `client-js/src/protocol.ts` the other end. The three change together.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json;

/// The version of the protocol that this crate speaks.
pub const VERSION: u32 = 2;

/// A part of a large message, as the page sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The whole of a message.
    Whole(&'a str),
    /// A part, of which more follow.
    Part(&'a str),
    /// The last part.
    Last(&'a str),
}

impl<'a> Piece<'a> {
    /// Reads what a part is from its first character.
    pub fn of(text: &'a str) -> Self {
        match text.as_bytes().first() {
            Some(b'~') => Piece::Part(&text[1..]),
            Some(b'!') => Piece::Last(&text[1..]),
            _ => Piece::Whole(text),
        }
    }
}

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
    Sync,
    Channel,
    Answer,
    Forget,
    Invalid,
    Write,
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
            Op::Sync => -8,
            Op::Channel => -9,
            Op::Answer => -10,
            Op::Forget => -11,
            Op::Invalid => -12,
            Op::Write => -13,
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

    /// Sends a message to the page's JavaScript; `payload` is JSON. With a `request` number the page answers.
    pub fn channel(&mut self, channel: &str, event: &str, payload: &str, request: Option<u64>) {
        self.op(Op::Channel);
        self.raw(b"[");
        self.string(channel);
        self.string(event);
        self.raw(payload.as_bytes());
        if let Some(request) = request {
            self.raw(b",");
            json::natural(&mut self.ops, request);
        }
        self.raw(b"],");
    }

    /// Answers a request of the page's JavaScript, by the page's number; the payload is JSON.
    pub fn answer(&mut self, request: u64, outcome: Result<&str, &Failure>) {
        self.op(Op::Answer);
        self.raw(b"[");
        json::natural(&mut self.ops, request);
        self.raw(b",");
        match outcome {
            Ok(payload) => self.raw(payload.as_bytes()),
            Err(failure) => {
                self.raw(b"0,");
                self.string(failure.kind.as_str());
                match &failure.message {
                    Some(message) => self.string(message),
                    None => self.close(b""),
                }
                self.close(b"");
            }
        }
        self.raw(b"],");
    }

    /// Tells the page that its answer to a request has arrived, or is not wanted any more.
    pub fn forget(&mut self, request: u64) {
        self.op(Op::Forget);
        json::natural(&mut self.ops, request);
        self.raw(b",");
    }

    /// Tells the page that the payload of the event with this number could not be read: what was typed stays, and is marked.
    pub fn invalid(&mut self, event: u64) {
        self.op(Op::Invalid);
        json::natural(&mut self.ops, event);
        self.raw(b",");
    }

    /// Writes the value of the first control that matches a CSS selector, whatever was typed.
    pub fn write_value(&mut self, selector: &str, value: &str) {
        self.op(Op::Write);
        self.raw(b"[");
        self.string(selector);
        self.string(value);
        self.close(b"],");
    }

    /// Checks the first box or radio button that matches a CSS selector, or unchecks it.
    pub fn write_checked(&mut self, selector: &str, checked: bool) {
        self.op(Op::Write);
        self.raw(b"[");
        self.string(selector);
        self.raw(if checked { b"1]," } else { b"0]," });
    }

    /// Says how many frames the page has applied with this one, and the numbers of its handlers.
    pub(crate) fn sync(&mut self, frames: u64, next_handler: u64, handlers: &[u64]) {
        self.op(Op::Sync);
        self.raw(b"[");
        for number in [frames, next_handler].iter().chain(handlers) {
            json::natural(&mut self.ops, *number);
            self.raw(b",");
        }
        self.close(b"],");
    }

    /// The frame's text, with the number of the last event that was executed.
    pub fn finish(self, ack: u64) -> String {
        self.finish_with(b"[", ack, b"")
    }

    /// The frame's text, for a view inside another one.
    pub fn finish_nested(self, instance: u64, ack: u64) -> String {
        self.finish_with(format!("[\"{instance}\",").as_bytes(), ack, b"")
    }

    /// The text of a note: what one page alone is to know, of a view that has many.
    pub fn finish_note(self, instance: u64, ack: u64) -> String {
        self.finish_with(b"{\"note\":[", ack, format!(",\"of\":\"{instance}\"}}").as_bytes())
    }

    fn finish_with(self, head: &[u8], ack: u64, tail: &[u8]) -> String {
        let mut text = Vec::with_capacity(self.definitions.len() + self.ops.len() + head.len() + tail.len() + 24);
        text.extend_from_slice(head);
        json::natural(&mut text, ack);
        text.push(b',');
        text.extend_from_slice(&self.definitions);
        text.extend_from_slice(&self.ops);
        json::close(&mut text, b']');
        text.extend_from_slice(tail);
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

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened on the other side.
    pub kind: FailureKind,
    /// In its words.
    pub message: Option<String>,
}

/// What can happen to a request on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Nobody answers such requests.
    None,
    /// The handler failed.
    Failed,
    /// The handler panicked, and the view has ended. (Only a server says so.)
    Panicked,
    /// The element, channel or view that would answer is gone.
    Gone,
}

impl FailureKind {
    /// As it is on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureKind::None => "none",
            FailureKind::Failed => "failed",
            FailureKind::Panicked => "panicked",
            FailureKind::Gone => "gone",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [FailureKind::None, FailureKind::Failed, FailureKind::Gone].into_iter().find(|kind| kind.as_str() == text)
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

    /// The message's text, about a view inside another one.
    pub fn to_text_of(self, instance: u64) -> String {
        let of = instance.to_string();
        match self {
            Control::Attached(event) => serde_json::json!({ "attached": event, "of": of }).to_string(),
            Control::Gone(reason) => serde_json::json!({ "gone": reason, "of": of }).to_string(),
            Control::Refused(_) | Control::Heartbeat => self.to_text(),
        }
    }
}

/// A message from the page, and which instance it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received<'a> {
    /// The view inside another one that it is for; none: the page's root, or the connection.
    pub of: Option<u64>,
    /// What it says.
    pub message: Message<'a>,
}

/// What a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// An attach of the page's root: the first message on a socket.
    Attach {
        /// The instance.
        instance: String,
        /// Its secret.
        secret: String,
        /// The name that the page chose when its script started.
        page: String,
        /// Frames applied so far.
        frames: u64,
        /// The page shows nothing of the view, whatever it has applied: it is to be told all of it.
        blank: bool,
    },
    /// An attach of a view inside another one, on the socket of its page's root.
    AttachInside {
        /// Frames applied so far.
        frames: u64,
        /// The last event that the page knows to be executed.
        acknowledged: u64,
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
    /// A message of the page's JavaScript.
    Channel {
        /// Its number, among those of the events.
        number: u64,
        /// Frames applied so far.
        frames: u64,
        /// The name of the channel.
        channel: String,
        /// The name of the event.
        event: String,
        /// The payload's JSON.
        payload: &'a str,
        /// The number under which the page waits for an answer.
        request: Option<u64>,
    },
    /// The page's JavaScript has answered a request, or cannot.
    Answer {
        /// The number of the request.
        request: u64,
        /// The payload's JSON, or why there is none.
        outcome: Result<&'a str, Failure>,
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

impl<'a> Received<'a> {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// If the text is not one of the messages in `docs/PROTOCOL.md`, section 5.
    pub fn parse(text: &'a str) -> Result<Self, MalformedMessage> {
        let bytes = text.as_bytes();
        let to_root = |message| Ok(Self { of: None, message });
        match (bytes.first(), bytes.get(1)) {
            (Some(b'['), Some(b']')) if text.len() == 2 => to_root(Message::Heartbeat),
            (Some(b'['), Some(b'"')) => Self::parse_named(text),
            (Some(b'['), _) => match bare_event(&text[1..]) {
                Some((number, frames, handler)) => to_root(Message::Event { number, frames, handler, payload: "" }),
                None => {
                    let fields: Vec<&RawValue> =
                        serde_json::from_str(text).map_err(|_| MalformedMessage("a bad event"))?;
                    to_root(Message::of_event(&fields)?)
                }
            },
            (Some(b'{'), _) => Self::parse_answer(text),
            (Some(b'"'), _) if text == r#""bye""# => to_root(Message::Bye),
            (Some(b'0'..=b'9'), _) => {
                to_root(Message::Ack(text.parse().map_err(|_| MalformedMessage("a bad acknowledgement"))?))
            }
            _ => Err(MalformedMessage("neither an array, an object, a number, nor \"bye\"")),
        }
    }

    /// An attach, or a message for a view inside another one: an array that begins with an instance's number, as a string.
    fn parse_named(text: &'a str) -> Result<Self, MalformedMessage> {
        let bad = MalformedMessage("a bad message for an instance");
        if let Some((of, rest)) = text[2..].split_once("\",")
            && let Ok(of) = of.parse()
            && let Some((number, frames, handler)) = bare_event(rest)
        {
            return Ok(Self { of: Some(of), message: Message::Event { number, frames, handler, payload: "" } });
        }
        let fields: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| bad)?;
        let number = |field: &RawValue| field.get().parse().map_err(|_| bad);
        let is_word = |field: &RawValue| field.get().starts_with('"');
        if let [_, secret, page, _] = fields[..]
            && is_word(secret)
            && is_word(page)
        {
            let bad = MalformedMessage("a bad attach");
            let (instance, secret, page, frames): (_, _, _, i64) = serde_json::from_str(text).map_err(|_| bad)?;
            // Of a blank page it is -1 less the number.
            let blank = frames < 0;
            let frames = if blank { -1 - frames } else { frames }.unsigned_abs();
            return Ok(Self { of: None, message: Message::Attach { instance, secret, page, frames, blank } });
        }
        let of = fields[0].get().trim_matches('"').parse().map_err(|_| bad)?;
        let message = match fields[1..] {
            [frames] => Message::Ack(number(frames)?),
            [word, frames, acknowledged] if word.get() == "\"attach\"" => {
                Message::AttachInside { frames: number(frames)?, acknowledged: number(acknowledged)? }
            }
            ref fields => Message::of_event(fields)?,
        };
        Ok(Self { of: Some(of), message })
    }

    fn parse_answer(text: &'a str) -> Result<Self, MalformedMessage> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Answer<'a> {
            #[serde(borrow)]
            answer: Vec<&'a RawValue>,
            of: Option<String>,
        }

        let bad = MalformedMessage("a bad answer");
        let word = |field: &RawValue| serde_json::from_str::<String>(field.get()).map_err(|_| bad);
        let Answer { answer, of } = serde_json::from_str(text).map_err(|_| bad)?;
        let (request, outcome) = match answer[..] {
            [request, payload] => (request, Ok(payload.get())),
            [request, _, kind, ref message @ ..] if message.len() < 2 => {
                let kind = FailureKind::parse(&word(kind)?).ok_or(bad)?;
                let message = message.first().map(|message| word(message)).transpose()?;
                (request, Err(Failure { kind, message }))
            }
            _ => return Err(bad),
        };
        let request = request.get().parse().map_err(|_| bad)?;
        let of = of.map(|of| of.parse().map_err(|_| bad)).transpose()?;
        Ok(Self { of, message: Message::Answer { request, outcome } })
    }
}

impl<'a> Message<'a> {
    /// Reads an event or a message of a channel: number, frames, a handler's number or a channel's name, and what follows.
    /// A payload is read only by the handler that asked for it.
    fn of_event(fields: &[&'a RawValue]) -> Result<Self, MalformedMessage> {
        fn read<'a, T: Deserialize<'a>>(field: &'a RawValue) -> Result<T, MalformedMessage> {
            serde_json::from_str(field.get()).map_err(|_| MalformedMessage("a bad event"))
        }
        match *fields {
            [number, frames, channel, event, payload, ref request @ ..] if channel.get().starts_with('"') => {
                let request = match *request {
                    [] => None,
                    [request] => Some(read(request)?),
                    _ => return Err(MalformedMessage("a bad event")),
                };
                Ok(Message::Channel {
                    number: read(number)?,
                    frames: read(frames)?,
                    channel: read(channel)?,
                    event: read(event)?,
                    payload: payload.get(),
                    request,
                })
            }
            [number, frames, handler, ref payload @ ..] if payload.len() < 2 => Ok(Message::Event {
                number: read(number)?,
                frames: read(frames)?,
                handler: read(handler)?,
                payload: payload.first().map_or("", |payload| payload.get()),
            }),
            _ => Err(MalformedMessage("a bad event")),
        }
    }
}

/// Reads an event without a payload, which most are: three numbers as JSON writes them. Anything else is left to the parser.
/// The bracket that opens it has been read.
fn bare_event(text: &str) -> Option<(u64, u64, u64)> {
    let inner = text.as_bytes().strip_suffix(b"]")?;
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
        let parsed = |text| {
            let received = Received::parse(text).unwrap();
            assert_eq!(received.of, None);
            received.message
        };
        assert_eq!(
            parsed(r#"["7","secret","page",3]"#),
            Message::Attach {
                instance: "7".into(),
                secret: "secret".into(),
                page: "page".into(),
                frames: 3,
                blank: false
            }
        );
        assert!(matches!(parsed(r#"["7","s","p",-1]"#), Message::Attach { frames: 0, blank: true, .. }));
        assert!(matches!(parsed(r#"["7","s","p",-4]"#), Message::Attach { frames: 3, blank: true, .. }));
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
    fn messages_for_a_view_inside_another_name_it() {
        let parsed = |text| {
            let Received { of, message } = Received::parse(text).unwrap();
            (of, message)
        };
        assert_eq!(
            parsed(r#"["7",1,2,3]"#),
            (Some(7), Message::Event { number: 1, frames: 2, handler: 3, payload: "" })
        );
        assert_eq!(
            parsed(r#"["7",1,2,3,"a,]"]"#),
            (Some(7), Message::Event { number: 1, frames: 2, handler: 3, payload: r#""a,]""# })
        );
        assert_eq!(parsed(r#"["7",12]"#), (Some(7), Message::Ack(12)));
        let attach = (Some(7), Message::AttachInside { frames: 3, acknowledged: 4 });
        assert_eq!(parsed(r#"["7","attach",3,4]"#), attach);
    }

    #[test]
    fn what_the_pages_javascript_says_is_read() {
        let channel = |request, payload| Message::Channel {
            number: 1,
            frames: 2,
            channel: "map".into(),
            event: "moved".into(),
            payload,
            request,
        };
        let parsed = |text| {
            let Received { of, message } = Received::parse(text).unwrap();
            (of, message)
        };
        assert_eq!(parsed(r#"[1,2,"map","moved",{"x":1}]"#), (None, channel(None, r#"{"x":1}"#)));
        assert_eq!(parsed(r#"[1,2,"map","moved",null,9]"#), (None, channel(Some(9), "null")));
        assert_eq!(parsed(r#"["7",1,2,"map","moved",0,9]"#), (Some(7), channel(Some(9), "0")));
        assert_eq!(parsed(r#"{"answer":[4,[1, 2]]}"#), (None, Message::Answer { request: 4, outcome: Ok("[1, 2]") }));
        let failure = Failure { kind: FailureKind::Failed, message: Some("no".into()) };
        assert_eq!(
            parsed(r#"{"answer":[4,0,"failed","no"],"of":"7"}"#),
            (Some(7), Message::Answer { request: 4, outcome: Err(failure) })
        );
    }

    #[test]
    fn a_part_is_told_by_its_first_character() {
        assert_eq!(Piece::of("~[1,0,3,\"ü"), Piece::Part("[1,0,3,\"ü"));
        assert_eq!(Piece::of("!!"), Piece::Last("!"));
        assert_eq!(Piece::of("[]"), Piece::Whole("[]"));
        assert_eq!(Piece::of(""), Piece::Whole(""));
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
            r#"["a","b","c",1.5]"#,
            r#"["a","b","c",0,0,0]"#,
            r#"["a","attach",0,0]"#,
            r#"["7","attach",0]"#,
            r#"["7","attach",0,-1]"#,
            r#"["7","attach",0,0,0]"#,
            r#"["7",null,0,0]"#,
            "~",
            "![]",
            r#""bye"#,
            r#""hello""#,
            "[[]]",
            "[1,0,3,]",
            "[01,0,3]",
            "[+1,0,3]",
            "[1,,3]",
            "[1,0,]",
            "[18446744073709551616,0,1]",
            r#"["7"]"#,
            r#"["7",]"#,
            r#"["7",1,2]"#,
            r#"["x",1]"#,
            r#"["-7",1,2,3]"#,
            r#"["7",1,2,3,4,5]"#,
            r#"["7"1,2,3]"#,
            r#"[1,2,"map"]"#,
            r#"[1,2,"map","moved"]"#,
            r#"[1,2,"map",3,4]"#,
            r#"[1,2,"map","moved",0,-1]"#,
            r#"{"answer":[]}"#,
            r#"{"answer":[1]}"#,
            r#"{"answer":[1,0,"what"]}"#,
            r#"{"answer":[1,0],"of":"x"}"#,
            r#"{"answer":[1,0],"of":7}"#,
            r#"{"question":[1,0]}"#,
        ] {
            assert!(Received::parse(text).is_err(), "{text:?}");
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
        assert_eq!(Frame::new().finish_nested(7, 0), r#"["7",0]"#);
    }

    #[test]
    fn channels_and_notes_read_as_in_the_document() {
        let mut frame = Frame::new();
        frame.channel("map", "fly_to", r#"{"x":1}"#, None);
        frame.channel("map", "where", "null", Some(3));
        frame.answer(1, Ok("[2]"));
        frame.answer(2, Err(&Failure { kind: FailureKind::None, message: None }));
        frame.answer(3, Err(&Failure { kind: FailureKind::Failed, message: Some("no".into()) }));
        frame.forget(4);
        assert_eq!(
            frame.finish(0),
            r#"[0,-9,["map","fly_to",{"x":1}],-9,["map","where",null,3],-10,[1,[2]],-10,[2,0,"none"],-10,[3,0,"failed","no"],-11,4]"#
        );
        let mut frame = Frame::new();
        frame.reset_form(5);
        assert_eq!(frame.finish_note(7, 5), r#"{"note":[5,-3,5],"of":"7"}"#);
        assert_eq!(Control::Attached(3).to_text_of(7), r#"{"attached":3,"of":"7"}"#);
    }
}
