//! [`Layout`]: which streams there are, and which topics each contains.
//!
//! Each topic is in one stream, so it has one order. Its name alone determines which one, so all processes agree. When
//! a process connects, it checks that the others have the same layout: see `stream`.

use std::ops::Range;
use std::time::Duration;

use lanai_pubsub::is_presence;

use crate::error::ConnectError;
use crate::options::{Options, OwnStream};
use crate::states::STREAM as STATE;

/// The name of the stream for presence.
const PRESENCE: &str = "presence";

/// The streams of a program, in the same order in all its processes: the shared shards, then the `OwnStream`s, then
/// presence.
#[derive(Debug)]
pub(crate) struct Layout {
    shared_shards: usize,
    specs: Vec<StreamSpec>,
}

/// How to create a stream.
#[derive(Debug)]
pub(crate) struct StreamSpec {
    /// Its name.
    pub(crate) stream: String,
    /// The prefix of its subjects, before the topic.
    prefix: String,
    /// The first tokens of its topics; empty for a shared shard.
    topics: Vec<String>,
    pub(crate) max_age: Duration,
    pub(crate) max_bytes: u64,
}

impl Layout {
    pub(crate) fn new(options: &Options) -> Result<Self, ConnectError> {
        let program = &options.program;
        check_name(program)?;
        if options.shards == 0 {
            return Err(ConnectError::Options("`Options::shards` must be at least 1".into()));
        }
        let spec = |key: &str, topics: Vec<String>, max_age, max_bytes| StreamSpec {
            stream: format!("{program}-{key}"),
            prefix: format!("{program}.{key}."),
            topics,
            max_age,
            max_bytes,
        };
        let mut specs: Vec<StreamSpec> = (0..options.shards)
            .map(|shard| spec(&shard.to_string(), Vec::new(), options.max_age, options.max_bytes))
            .collect();
        for own in &options.own_streams {
            let OwnStream { name, topics, max_age, max_bytes } = own;
            check_name(name)?;
            if name.bytes().all(|byte| byte.is_ascii_digit()) || name == PRESENCE || name == STATE {
                return Err(ConnectError::Options(format!(
                    "`{name}` cannot be the name of an `OwnStream`: numbers, `{PRESENCE}` and `{STATE}` are taken; choose another name"
                )));
            }
            let taken = specs.iter().any(|spec| spec.stream == format!("{program}-{name}"));
            let twice = topics.iter().find(|topic| specs.iter().any(|spec| spec.topics.contains(topic)));
            if taken || twice.is_some() {
                let what = twice.map_or_else(
                    || format!("two streams are named `{name}`"),
                    |topic| format!("topic `{topic}` is assigned to two streams"),
                );
                return Err(ConnectError::Options(format!("{what}; correct the calls of `Options::own_stream`")));
            }
            if let Some(deep) = topics.iter().find(|topic| topic.contains('.')) {
                return Err(ConnectError::Options(format!(
                    "topic `{deep}` is below another topic; an `OwnStream` takes a topic together with all topics below it"
                )));
            }
            specs.push(spec(
                name,
                topics.clone(),
                max_age.unwrap_or(options.max_age),
                max_bytes.unwrap_or(options.max_bytes),
            ));
        }
        // Presence is published again whenever it is needed, so an hour is long.
        let hour = Duration::from_secs(60 * 60);
        specs.push(spec(PRESENCE, Vec::new(), options.max_age.min(hour), options.presence_bytes));
        Ok(Self { shared_shards: options.shards, specs })
    }

    /// The number of streams.
    pub(crate) fn len(&self) -> usize {
        self.specs.len()
    }

    pub(crate) fn spec(&self, shard: usize) -> &StreamSpec {
        &self.specs[shard]
    }

    /// The streams of the topics that a name covers. A name is that of a topic, or that of a parent topic followed by
    /// `*` or `>`.
    pub(crate) fn shards_of(&self, name: &str) -> Range<usize> {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let just = |shard| shard..shard + 1;
        if is_presence(name) {
            return just(self.specs.len() - 1);
        }
        if let Some(own) = self.specs.iter().position(|spec| spec.topics.iter().any(|topic| topic == first)) {
            return just(own);
        }
        // The first two tokens decide: the rooms of a chat are spread, and everything below one room stays together.
        let second = rest.split('.').next().unwrap_or_default();
        if matches!(second, "*" | ">") {
            return 0..self.shared_shards;
        }
        just(usize::try_from(hash(&[first, second]) % self.shared_shards as u64).unwrap_or_default())
    }

    /// The layout as text for the descriptions of streams, by which processes with a different layout are noticed.
    pub(crate) fn describe(&self) -> String {
        let mut text = format!("{} for all", self.shared_shards);
        for spec in self.specs.iter().filter(|spec| !spec.topics.is_empty()) {
            text += &format!(", {} for {}", spec.stream, spec.topics.join(" "));
        }
        text
    }
}

impl StreamSpec {
    /// The subject of a topic, or of the topics that a wildcard covers.
    pub(crate) fn subject(&self, topic: &str) -> String {
        format!("{}{topic}", self.prefix)
    }

    /// The topic of a subject.
    pub(crate) fn topic<'s>(&self, subject: &'s str) -> Option<&'s str> {
        subject.strip_prefix(&*self.prefix)
    }

    /// The wildcard for all its subjects.
    pub(crate) fn subjects(&self) -> String {
        self.subject(">")
    }
}

fn check_name(name: &str) -> Result<(), ConnectError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(ConnectError::Options(format!(
            "`{name}` cannot be part of a stream's name, which consists of letters, digits, `-` and `_`; choose another name"
        )));
    }
    Ok(())
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo) over the tokens: the same in all processes, versions and machines.
fn hash(tokens: &[&str]) -> u64 {
    let bytes = tokens.iter().flat_map(|token| token.bytes().chain([b'.']));
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The low bits alone depend only on the low bits of the bytes.
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use lanai_pubsub::Topic;

    use super::*;

    fn layout(options: &Options) -> Layout {
        Layout::new(options).unwrap()
    }

    #[test]
    fn a_topic_is_read_back_from_its_subject() {
        let layout = layout(&Options::new("shop"));
        let spec = layout.spec(0);
        assert_eq!(spec.subject("chat.room%201"), "shop.0.chat.room%201");
        assert_eq!(spec.topic(&spec.subject("chat.room%201")), Some("chat.room%201"));
        assert_eq!(spec.topic("lanai.0.chat"), None);
    }

    #[test]
    fn topics_are_spread_evenly_and_a_wildcard_covers_where_they_are() {
        let layout = layout(&Options::new("shop").shards(4));
        let mut counts = [0; 4];
        for room in 0..4_000 {
            let shards = layout.shards_of(&format!("chat.{room}"));
            assert_eq!(shards.len(), 1);
            counts[shards.start] += 1;
            assert_eq!(layout.shards_of(&format!("chat.{room}.typing")), shards);
            assert_eq!(layout.shards_of(&format!("chat.{room}.*")), shards);
            assert_eq!(layout.shards_of(&format!("chat.{room}.>")), shards);
        }
        assert!(counts.iter().all(|count| (800..1_200).contains(count)), "{counts:?}");
        assert_eq!(layout.shards_of("chat.*"), 0..4);
        assert_eq!(layout.shards_of("chat.>"), 0..4);
    }

    /// Processes of different versions share streams, so the mapping must never change.
    #[test]
    fn the_shard_of_a_topic_never_changes() {
        let layout = layout(&Options::new("shop").shards(7));
        let at = |topic| layout.shards_of(topic).start;
        assert_eq!([at("chat"), at("chat.lobby"), at("orders"), at("%person.eve.u32")], [4, 4, 6, 0]);
    }

    #[test]
    fn own_streams_contain_their_topics_and_all_below() {
        let orders = OwnStream::new("trade").topic("orders").topic("a b");
        let layout = layout(&Options::new("shop").shards(2).own_stream(orders));
        for name in ["orders", "orders.1", "orders.*", "orders.>", "orders.1.x", "a%20b.c"] {
            assert_eq!(layout.shards_of(name), 2..3, "{name}");
        }
        assert!(layout.shards_of("ordersx").start < 2);
        assert_eq!(layout.shards_of("%broadcast.lanai_pubsub::presence::event::Event"), 3..4);
        assert_eq!(layout.spec(3).subjects(), "shop.presence.>");
        assert_eq!(layout.describe(), "2 for all, shop-trade for orders a%20b");
    }

    #[test]
    fn invalid_layouts_are_refused() {
        for (options, reason) in [
            (Options::new("a.b"), "stream's name"),
            (Options::new(""), "stream's name"),
            (Options::new("a").shards(0), "at least 1"),
            (Options::new("a").own_stream(OwnStream::new("1")), "are taken"),
            (Options::new("a").own_stream(OwnStream::new("presence")), "are taken"),
            (Options::new("a").own_stream(OwnStream::new("x")).own_stream(OwnStream::new("x")), "two streams"),
            (
                Options::new("a").own_stream(OwnStream::new("x").topic("t")).own_stream(OwnStream::new("y").topic("t")),
                "assigned to two streams",
            ),
            (
                Options::new("a").own_stream(OwnStream::new("x").topic(Topic::<u32>::named("t").at("u"))),
                "below another",
            ),
        ] {
            let error = Layout::new(&options).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
