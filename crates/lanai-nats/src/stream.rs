//! The streams: how they are found or made, and the form of what is in them.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::HeaderName;
use async_nats::jetstream::context::{Context, CreateStreamErrorKind};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, LastRawMessageErrorKind, RawMessageError, RetentionPolicy, StorageType, Stream,
};
use lanai_pubsub::{Address, Envelope, Publication, PublicationId};

use crate::error::ConnectError;
use crate::layout::{Layout, Plan};
use crate::options::Options;
use crate::outbox::Letter;
use crate::progress::Found;
use crate::session::persist;

/// What NATS knows a message by, and stores it once by.
pub(crate) static ID: HeaderName = HeaderName::from_static("Nats-Msg-Id");
pub(crate) static TYPE: HeaderName = HeaderName::from_static("Lanai-Type");
pub(crate) static EXCEPT: HeaderName = HeaderName::from_static("Lanai-Except");

/// How long the server remembers ids. What was sent longer ago, and not confirmed, is looked for before it is sent
/// again.
const DUPLICATES: Duration = Duration::from_secs(120);

/// The longest subject. The server ends connections over lines of more than 4 KiB.
pub(crate) const LONGEST_SUBJECT: usize = 3_000;

/// What the description of a stream begins with that a Lanai program has made.
const DESCRIPTION: &str = "Lanai topics of ";

/// A stream as a connection found it.
#[derive(Debug, Clone)]
pub(crate) struct Existing {
    pub(crate) stream: Stream,
    pub(crate) found: Found,
    /// For how long it is certain to remember ids: three quarters of what it is set to.
    pub(crate) memory: Duration,
    /// On how many servers it is.
    pub(crate) replicas: usize,
}

impl Existing {
    pub(crate) fn new(stream: Stream) -> Self {
        let info = stream.cached_info();
        let found = found(info);
        let (memory, replicas) = (info.config.duplicate_window * 3 / 4, info.config.num_replicas);
        Self { stream, found, memory, replicas }
    }
}

fn found(info: &Info) -> Found {
    Found {
        created: info.created.unix_timestamp_nanos(),
        first: info.state.first_sequence.max(1),
        last: info.state.last_sequence,
    }
}

/// Finds a stream, or makes it, and sees whether it does what it has to.
pub(crate) async fn find(
    context: &Context,
    options: &Options,
    layout: &Layout,
    plan: &Plan,
) -> Result<Existing, ConnectError> {
    let failed = |reason: String| ConnectError::Stream { stream: plan.stream.clone(), reason };
    let whose = description(options, layout);
    let config = Config {
        name: plan.stream.clone(),
        subjects: vec![plan.subjects()],
        description: Some(whose.clone()),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        max_age: plan.max_age,
        max_bytes: i64::try_from(plan.max_bytes).unwrap_or(i64::MAX),
        duplicate_window: DUPLICATES.min(plan.max_age),
        num_replicas: options.replicas,
        ..Config::default()
    };
    // Asked again and again: while a cluster chooses a leader, nobody answers.
    let stream = persist(
        async || context.get_or_create_stream(config.clone()).await,
        |error| error.kind() == CreateStreamErrorKind::TimedOut,
    );
    let stream = stream.await.map_err(|error| failed(format!("{error}{}", advice(&error.kind()))))?;
    check(&stream.cached_info().config, plan, &whose, options.shared).map_err(failed)?;
    Ok(Existing::new(stream))
}

fn advice(kind: &CreateStreamErrorKind) -> &'static str {
    match kind {
        CreateStreamErrorKind::JetStreamUnavailable => {
            "; start the server with JetStream (`nats-server --jetstream`), and give the account of this user JetStream"
        }
        CreateStreamErrorKind::TimedOut => {
            "; the server may have no leader for it, or not let this user ask for it: it has to publish on `$JS.API.>` and to subscribe \
             to `_INBOX.>`"
        }
        CreateStreamErrorKind::JetStream(_) => {
            "; is there room for it (`Options::max_bytes`, `OwnStream::max_bytes` and `Options::presence_bytes` are reserved), and are \
             there as many servers as `Options::replicas` asks for?"
        }
        _ => "",
    }
}

/// Whose the streams are and how topics are spread over them, as their descriptions say.
fn description(options: &Options, layout: &Layout) -> String {
    let program = if options.shared {
        "several programs".to_owned()
    } else {
        let executable = std::env::current_exe().ok();
        let name = executable.as_deref().and_then(std::path::Path::file_stem).map(std::ffi::OsStr::to_string_lossy);
        format!("`{}`", without_hash(&name.unwrap_or_default()))
    };
    format!("{DESCRIPTION}{program}: {}", layout.described())
}

/// The name of an executable without the hash that cargo gives those of tests.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((rest, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest,
        _ => name,
    }
}

/// Sees whether a stream that is there keeps what has to be kept; says what to change if it does not.
fn check(config: &Config, plan: &Plan, whose: &str, shared: bool) -> Result<(), String> {
    if config.subjects != [plan.subjects()] {
        return Err(format!(
            "it is there, but takes the subjects {:?} and not `{}`: it is another program's; choose another name in `Options::new`",
            config.subjects,
            plan.subjects()
        ));
    }
    let edit = |what: &str, how: &str| {
        Err(format!(
            "{what}; change it with `nats stream edit {} {how}`, or delete the stream and let it be made anew",
            plan.stream
        ))
    };
    if config.retention != RetentionPolicy::Limits {
        let what =
            "it lets messages go when someone has read them, so other processes miss them (retention is not `limits`)";
        return Err(format!("{what}; delete the stream and let it be made anew"));
    }
    if config.max_messages_per_subject > 0 {
        return edit(
            "it keeps a few messages of each topic, so a burst pushes out what other processes have not read yet",
            "--max-msgs-per-subject=-1",
        );
    }
    if config.discard != DiscardPolicy::Old {
        return edit("when it is full it takes no more messages, in place of letting the oldest go", "--discard=old");
    }
    if config.no_ack {
        return edit("it confirms nothing, so nobody knows what is stored", "--ack");
    }
    if config.max_message_size > 0 && config.max_message_size < 1_024 {
        return edit("it takes very small messages only", "--max-msg-size=-1");
    }
    if config.sealed {
        return Err("it is sealed: nothing can be stored any more; delete the stream and let it be made anew".into());
    }
    if config.mirror.is_some() || config.sources.as_ref().is_some_and(|sources| !sources.is_empty()) {
        return Err("it copies other streams, so a message may come twice; let Lanai make a stream of its own".into());
    }
    if config.storage == StorageType::Memory {
        tracing::warn!(
            stream = plan.stream,
            "the stream is in the server's memory: a restart of the server takes all of it along"
        );
    }
    if config.duplicate_window < Duration::from_secs(10) {
        tracing::warn!(
            stream = plan.stream,
            "the server remembers messages for {:?} only: after a lost connection the fate of more of them is unknown than need be",
            config.duplicate_window
        );
    }
    let theirs = config.description.as_deref().unwrap_or_default();
    // A stream that an administrator has made says nothing.
    if !theirs.starts_with(DESCRIPTION) || theirs == whose {
        return Ok(());
    }
    let parts =
        |text: &str| text.strip_prefix(DESCRIPTION)?.split_once(": ").map(|(a, b)| (a.to_owned(), b.to_owned()));
    let (Some((their_program, their_layout)), Some((our_program, our_layout))) = (parts(theirs), parts(whose)) else {
        return Err(format!("its description is of a version of Lanai that this one does not know: `{theirs}`"));
    };
    if their_program != our_program && !shared {
        return Err(format!(
            "it is that of {their_program}, and this is {our_program}: give each program a name of its own in `Options::new`; or, if they are \
             to share their topics, say so in all of them by `Options::shared`"
        ));
    }
    if their_layout != our_layout {
        return Err(format!(
            "the topics are spread as `{their_layout}`, and this process has `{our_layout}`: all have to have the same `Options::shards` and \
             `Options::own_stream`; to change them, stop all processes and delete the streams, or give the program a new name in \
             `Options::new`"
        ));
    }
    Ok(())
}

/// The message at a place, if there is one.
pub(crate) async fn message(stream: &Stream, place: u64) -> Result<Option<StreamMessage>, RawMessageError> {
    let get = persist(|| stream.get_raw_message(place), |error| is_silence(&error.kind()));
    match get.await {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_silence(kind: &LastRawMessageErrorKind) -> bool {
    *kind == LastRawMessageErrorKind::Other
}

/// A message as it is sent.
pub(crate) fn letter(plan: &Plan, publication: &mut Publication) -> Letter {
    Letter {
        subject: plan.subject(&publication.topic).into(),
        id: publication.id.to_string(),
        type_name: publication.type_name,
        except: publication.except.map(|except| except.to_string()),
        payload: std::mem::take(&mut publication.payload).into(),
    }
}

/// A message as it was sent, if it is one of ours.
pub(crate) fn envelope<'m>(plan: &Plan, message: &'m async_nats::Message, position: u64) -> Option<Envelope<'m>> {
    let headers = message.headers.as_ref()?;
    let id = id(headers)?;
    let except: Option<Address> = match headers.get(EXCEPT.clone()) {
        Some(except) => Some(except.as_str().parse().ok()?),
        None => None,
    };
    Some(Envelope {
        position,
        topic: plan.topic(&message.subject)?,
        type_name: headers.get(TYPE.clone())?.as_str(),
        id,
        payload: &message.payload,
        except,
    })
}

/// The name of a message, if it is one of ours.
pub(crate) fn id(headers: &HeaderMap) -> Option<PublicationId> {
    headers.get(ID.clone())?.as_str().parse().ok()
}

/// Where a message is: in the stream, and in what its consumer was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) stream: u64,
    pub(crate) consumer: u64,
}

/// Reads the subject to which a message would be acknowledged:
/// `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>`, in some servers with a domain and
/// an account before the stream's name and a token at the end.
pub(crate) fn place(reply: &str) -> Option<Place> {
    let mut tokens = reply.strip_prefix("$JS.ACK.")?.split('.');
    // How many there are before the stream's sequence: with those two or without.
    let before = match tokens.clone().count() {
        7 => 3,
        9.. => 5,
        _ => return None,
    };
    Some(Place { stream: tokens.nth(before)?.parse().ok()?, consumer: tokens.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_the_program_that_it_is_called_after() {
        for (name, program) in [("shop-0123456789abcdef", "shop"), ("my-shop", "my-shop"), ("shop", "shop"), ("", "")] {
            assert_eq!(without_hash(name), program);
        }
    }

    #[test]
    fn a_place_is_read_from_both_forms() {
        let wanted = Some(Place { stream: 42, consumer: 7 });
        assert_eq!(place("$JS.ACK.lanai.x1.1.42.7.1700000000.3"), wanted);
        assert_eq!(place("$JS.ACK.hub.ABC.lanai.x1.1.42.7.1700000000.3.tok"), wanted);
        for none in ["", "_INBOX.a.b", "$JS.ACK.lanai.x1.1.a.7.1700000000.3", "$JS.ACK.1.2.3"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
