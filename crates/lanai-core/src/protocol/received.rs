//! Messages from the page: section 5 of `docs/PROTOCOL.md`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Failure, FailureKind, VERSION};

/// A part of a large message, as the page sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A complete message.
    Whole(&'a str),
    /// A part that is followed by more.
    Part(&'a str),
    /// The last part.
    Last(&'a str),
}

impl<'a> Piece<'a> {
    /// Determines the kind of a part from its first character.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        match text.as_bytes().first() {
            Some(b'~') => Piece::Part(&text[1..]),
            Some(b'!') => Piece::Last(&text[1..]),
            _ => Piece::Whole(text),
        }
    }
}

/// A message from the page, with the instance that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received<'a> {
    /// The view inside another one that it is for. `None`: the page's root, or the connection.
    pub of: Option<u64>,
    /// The message.
    pub message: Message<'a>,
}

/// A message from a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// An attach of the page's root: the first message on a socket.
    Attach {
        /// The instance.
        instance: String,
        /// The secret of the page.
        secret: String,
        /// The name that the page chose when its script started.
        page: String,
        /// Frames applied so far.
        frames: u64,
        /// Whether the page shows nothing of the view, whatever it has applied, so that it needs everything.
        blank: bool,
        /// The client that the page runs: the hash in the URL of its script, or an empty text if
        /// no server has served it.
        build: String,
    },
    /// An attach of a page with another version of the protocol. The rest of it cannot be read.
    AttachOther {
        /// The version of the page.
        version: u32,
        /// The client that the page runs.
        build: String,
    },
    /// An attach of a view inside another one, on the socket of its page's root.
    AttachInside {
        /// Frames applied so far.
        frames: u64,
        /// The last event that the page knows to be executed.
        acknowledged: u64,
    },
    /// An attach of a sticky view, on the socket of its page's root.
    AttachSticky {
        /// The secret of the view.
        secret: String,
        /// The name that the page chose when its script started.
        page: String,
        /// Frames applied so far.
        frames: u64,
        /// Whether the page shows nothing of the view, whatever it has applied, so that it needs everything.
        blank: bool,
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
    /// A message from the page's JavaScript.
    Channel {
        /// The number of the message, counted together with the events.
        number: u64,
        /// Frames applied so far.
        frames: u64,
        /// The name of the channel.
        channel: String,
        /// The name of the event.
        event: String,
        /// The payload's JSON.
        payload: &'a str,
        /// The number with which the page waits for an answer.
        request: Option<u64>,
    },
    /// The answer of the page's JavaScript to a request, or the reason why there is none.
    Answer {
        /// The number of the request.
        request: u64,
        /// The payload's JSON, or the reason why there is none.
        outcome: Result<&'a str, Failure>,
    },
    /// Frames applied so far.
    Ack(u64),
    /// A heartbeat, which the server answers.
    Heartbeat,
    /// The visitor has left the page, or only this view: its root, or a sticky view.
    Bye,
}

/// The reason why a message is not part of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is not part of the protocol: {0}")]
pub struct MalformedMessage(&'static str);

impl<'a> Received<'a> {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not one of the messages in `docs/PROTOCOL.md`, section 5.
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

    /// Reads an attach, or a message for a view inside another one: an array that begins with an instance's number, as
    /// a string.
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
        if let [_, secret, page, _, version, build, ..] = fields[..]
            && is_word(secret)
            && is_word(page)
        {
            return Ok(Self { of: None, message: Message::of_attach(text, version, build)? });
        }
        let of = fields[0].get().trim_matches('"').parse().map_err(|_| bad)?;
        let message = match fields[1..] {
            [word] if word.get() == r#""bye""# => Message::Bye,
            [frames] => Message::Ack(number(frames)?),
            [word, frames, acknowledged] if word.get() == "\"attach\"" => {
                Message::AttachInside { frames: number(frames)?, acknowledged: number(acknowledged)? }
            }
            [word, _, secret, page] if word.get() == "\"attach\"" && is_word(secret) && is_word(page) => {
                let (_, _, frames, secret, page): (&RawValue, &RawValue, i64, _, _) =
                    serde_json::from_str(text).map_err(|_| bad)?;
                let (frames, blank) = applied(frames);
                Message::AttachSticky { secret, page, frames, blank }
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
    /// Reads the attach of a root. The version and the build are at the same positions in all versions of the protocol.
    fn of_attach(text: &str, version: &RawValue, build: &RawValue) -> Result<Self, MalformedMessage> {
        let bad = MalformedMessage("a bad attach");
        let version = version.get().parse().map_err(|_| bad)?;
        if version != VERSION {
            let build = serde_json::from_str(build.get()).map_err(|_| bad)?;
            return Ok(Message::AttachOther { version, build });
        }
        let (instance, secret, page, frames, _, build): (_, _, _, i64, u32, _) =
            serde_json::from_str(text).map_err(|_| bad)?;
        let (frames, blank) = applied(frames);
        Ok(Message::Attach { instance, secret, page, frames, blank, build })
    }

    /// Reads an event or a message of a channel: the number, the frames, a handler's number or a channel's name, and
    /// the rest. A payload is read only by the handler that asked for it.
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

/// Returns how many frames a page has applied, and whether it is blank. Then the number is -1 minus the frames.
fn applied(frames: i64) -> (u64, bool) {
    let blank = frames < 0;
    (if blank { -1 - frames } else { frames }.unsigned_abs(), blank)
}

/// Reads an event without a payload, as most are: three numbers as JSON writes them. Everything else is left to the
/// parser. The opening bracket was read before.
fn bare_event(text: &str) -> Option<(u64, u64, u64)> {
    let inner = text.as_bytes().strip_suffix(b"]")?;
    let (mut numbers, mut index, mut start) = ([0_u64; 3], 0, 0);
    for (at, &byte) in inner.iter().enumerate() {
        match byte {
            // A number does not begin with a zero, unless it is zero.
            b'0'..=b'9' if at == start || numbers[index] > 0 => {
                numbers[index] = numbers[index].checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
            }
            b',' if at > start && index < 2 => (index, start) = (index + 1, at + 1),
            _ => return None,
        }
    }
    (index == 2 && start < inner.len()).then_some((numbers[0], numbers[1], numbers[2]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_of_the_protocol_is_read() {
        fn parsed(text: &str) -> Message<'_> {
            let received = Received::parse(text).unwrap();
            assert_eq!(received.of, None);
            received.message
        }
        let attach = |frames| format!(r#"["7","secret","page",{frames},{VERSION},"b"]"#);
        assert_eq!(
            parsed(&attach(3)),
            Message::Attach {
                instance: "7".into(),
                secret: "secret".into(),
                page: "page".into(),
                frames: 3,
                blank: false,
                build: "b".into()
            }
        );
        assert!(matches!(parsed(&attach(-1)), Message::Attach { frames: 0, blank: true, .. }));
        assert!(matches!(parsed(&attach(-4)), Message::Attach { frames: 3, blank: true, .. }));
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
        let attach = |frames, blank| Message::AttachSticky { secret: "s".into(), page: "p".into(), frames, blank };
        assert_eq!(parsed(r#"["7","attach",3,"s","p"]"#), (Some(7), attach(3, false)));
        assert_eq!(parsed(r#"["7","attach",-4,"s","p"]"#), (Some(7), attach(3, true)));
        assert_eq!(parsed(r#"["7","bye"]"#), (Some(7), Message::Bye));
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
            r#"["a","b","c",0]"#,
            r#"["a","b","c",0,4]"#,
            r#"["a","b","c",1.5,4,"b"]"#,
            r#"["a","b","c",0,4,0]"#,
            r#"["a","b","c",0,4,"b",0]"#,
            r#"["a","b","c",0,-3,"b"]"#,
            r#"["a","b","c",0,2,0]"#,
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
}
