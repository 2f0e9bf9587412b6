//! The streams: how they are found or made, and the form of what is in them.

use std::time::Duration;

use async_nats::jetstream::context::{Context, CreateStreamErrorKind};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, LastRawMessageErrorKind, RawMessageError, RetentionPolicy, StorageType, Stream,
};

use crate::cursor::StreamState;
use crate::error::ConnectError;
use crate::layout::{Layout, StreamSpec};
use crate::options::Options;
use crate::retry::retry_while;

/// How long the server remembers ids. What was sent longer ago, and not confirmed, is looked for before it is sent
/// again.
const DUPLICATES: Duration = Duration::from_secs(120);

/// What the description of a stream begins with that a Lanai program has made.
const DESCRIPTION: &str = "Lanai topics of ";

/// A stream as a connection found it.
#[derive(Debug, Clone)]
pub(crate) struct StreamInfo {
    pub(crate) stream: Stream,
    pub(crate) state: StreamState,
    /// For how long it is certain to remember ids: three quarters of what it is set to.
    pub(crate) dedup_window: Duration,
    /// On how many servers it is.
    pub(crate) replicas: usize,
}

impl StreamInfo {
    pub(crate) fn new(stream: Stream) -> Self {
        let info = stream.cached_info();
        let state = state(info);
        let (dedup_window, replicas) = (info.config.duplicate_window * 3 / 4, info.config.num_replicas);
        Self { stream, state, dedup_window, replicas }
    }
}

fn state(info: &Info) -> StreamState {
    StreamState {
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
    spec: &StreamSpec,
) -> Result<StreamInfo, ConnectError> {
    let failed = |reason: String| ConnectError::Stream { stream: spec.stream.clone(), reason };
    let description = description(options, layout);
    let config = Config {
        name: spec.stream.clone(),
        subjects: vec![spec.subjects()],
        description: Some(description.clone()),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        max_age: spec.max_age,
        max_bytes: i64::try_from(spec.max_bytes).unwrap_or(i64::MAX),
        duplicate_window: DUPLICATES.min(spec.max_age),
        num_replicas: options.replicas,
        ..Config::default()
    };
    // Asked again and again: while a cluster chooses a leader, nobody answers.
    let stream = retry_while(
        async || context.get_or_create_stream(config.clone()).await,
        |error| error.kind() == CreateStreamErrorKind::TimedOut,
    );
    let stream = stream.await.map_err(|error| failed(format!("{error}{}", advice(&error.kind()))))?;
    check(&stream.cached_info().config, spec, &description, options.shared).map_err(failed)?;
    Ok(StreamInfo::new(stream))
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
    format!("{DESCRIPTION}{program}: {}", layout.describe())
}

/// The name of an executable without the hash that cargo gives those of tests.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((rest, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest,
        _ => name,
    }
}

/// Sees whether a stream that is there keeps what has to be kept; says what to change if it does not.
fn check(config: &Config, spec: &StreamSpec, description: &str, shared: bool) -> Result<(), String> {
    if config.subjects != [spec.subjects()] {
        return Err(format!(
            "it is there, but takes the subjects {:?} and not `{}`: it is another program's; choose another name in `Options::new`",
            config.subjects,
            spec.subjects()
        ));
    }
    let edit = |what: &str, how: &str| {
        Err(format!(
            "{what}; change it with `nats stream edit {} {how}`, or delete the stream and let it be made anew",
            spec.stream
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
            stream = spec.stream,
            "the stream is in the server's memory: a restart of the server takes all of it along"
        );
    }
    if config.duplicate_window < Duration::from_secs(10) {
        tracing::warn!(
            stream = spec.stream,
            "the server remembers messages for {:?} only: after a lost connection the fate of more of them is unknown than need be",
            config.duplicate_window
        );
    }
    let theirs = config.description.as_deref().unwrap_or_default();
    // A stream that an administrator has made says nothing.
    if !theirs.starts_with(DESCRIPTION) || theirs == description {
        return Ok(());
    }
    let parts =
        |text: &str| text.strip_prefix(DESCRIPTION)?.split_once(": ").map(|(a, b)| (a.to_owned(), b.to_owned()));
    let (Some((their_program, their_layout)), Some((our_program, our_layout))) = (parts(theirs), parts(description))
    else {
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
pub(crate) async fn message(stream: &Stream, sequence: u64) -> Result<Option<StreamMessage>, RawMessageError> {
    let get = retry_while(|| stream.get_raw_message(sequence), |error| is_silence(&error.kind()));
    match get.await {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_silence(kind: &LastRawMessageErrorKind) -> bool {
    *kind == LastRawMessageErrorKind::Other
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
}
