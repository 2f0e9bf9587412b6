//! Finding, creating and checking streams.

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

/// How long the server remembers the ids of messages. An unconfirmed message that was sent earlier is looked up before
/// it is sent again.
pub(crate) const DUPLICATES: Duration = Duration::from_secs(120);

/// The beginning of the description of each stream that a Lanai program has created.
const DESCRIPTION: &str = "Lanai topics of ";

/// A stream, as a connection found it.
#[derive(Debug, Clone)]
pub(crate) struct StreamInfo {
    pub(crate) stream: Stream,
    pub(crate) state: StreamState,
    /// How long it certainly remembers ids: three quarters of the configured time.
    pub(crate) dedup_window: Duration,
    /// On how many servers it is stored.
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

/// Finds a stream or creates it, and checks its configuration.
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
    let stream = get_or_create(context, config).await?;
    check(&stream.cached_info().config, spec, &description, options.shared).map_err(failed)?;
    Ok(StreamInfo::new(stream))
}

/// Finds a stream, or creates it with this configuration.
pub(crate) async fn get_or_create(context: &Context, config: Config) -> Result<Stream, ConnectError> {
    // Repeated, since nobody answers while a cluster elects a leader.
    let stream = retry_while(
        async || context.get_or_create_stream(config.clone()).await,
        |error| error.kind() == CreateStreamErrorKind::TimedOut,
    );
    stream.await.map_err(|error| {
        let reason = format!("{error}{}", advice(&error.kind()));
        ConnectError::Stream { stream: config.name.clone(), reason }
    })
}

fn advice(kind: &CreateStreamErrorKind) -> &'static str {
    match kind {
        CreateStreamErrorKind::JetStreamUnavailable => {
            "; start the server with JetStream (`nats-server --jetstream`), and enable JetStream for the account of this user"
        }
        CreateStreamErrorKind::TimedOut => {
            "; the stream may have no leader, or this user may lack permissions: it needs to publish on `$JS.API.>` and to subscribe \
             to `_INBOX.>`"
        }
        CreateStreamErrorKind::JetStream(_) => {
            "; check that there is space for it (`Options::max_bytes`, `OwnStream::max_bytes` and `Options::presence_bytes` are reserved), and \
             that the cluster has as many servers as `Options::replicas`"
        }
        _ => "",
    }
}

/// The description of the streams: which program they belong to, and how topics are spread over them.
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

/// The name of an executable without the hash that cargo appends for tests.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((rest, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => rest,
        _ => name,
    }
}

/// Checks that an existing stream is configured as required. The error says what to change.
fn check(config: &Config, spec: &StreamSpec, description: &str, shared: bool) -> Result<(), String> {
    if config.subjects != [spec.subjects()] {
        return Err(format!(
            "it exists, but has the subjects {:?} instead of `{}`, so it belongs to another program; choose another name in `Options::new`",
            config.subjects,
            spec.subjects()
        ));
    }
    let edit = |what: &str, how: &str| {
        Err(format!(
            "{what}; change it with `nats stream edit {} {how}`, or delete the stream and let Lanai create it",
            spec.stream
        ))
    };
    if config.retention != RetentionPolicy::Limits {
        let what =
            "it drops messages that someone has read, so other processes miss them (its retention is not `limits`)";
        return Err(format!("{what}; delete the stream and let Lanai create it"));
    }
    if config.max_messages_per_subject > 0 {
        return edit(
            "it limits the messages per topic, so a burst drops messages that other processes have not read yet",
            "--max-msgs-per-subject=-1",
        );
    }
    if config.discard != DiscardPolicy::Old {
        return edit("when it is full, it refuses new messages instead of dropping the oldest ones", "--discard=old");
    }
    if config.no_ack {
        return edit("it does not confirm messages, so publishers cannot know what is stored", "--ack");
    }
    if config.max_message_size > 0 && config.max_message_size < 1_024 {
        return edit("it accepts only very small messages", "--max-msg-size=-1");
    }
    if config.sealed {
        return Err("it is sealed, so nothing can be stored in it; delete the stream and let Lanai create it".into());
    }
    if config.mirror.is_some() || config.sources.as_ref().is_some_and(|sources| !sources.is_empty()) {
        return Err(
            "it copies other streams, so a message may arrive twice; let Lanai create a stream of its own".into()
        );
    }
    if config.storage == StorageType::Memory {
        tracing::warn!(
            stream = spec.stream,
            "the stream is stored in the server's memory, so its messages are lost when the server restarts; use file storage"
        );
    }
    if config.duplicate_window < Duration::from_secs(10) {
        tracing::warn!(
            stream = spec.stream,
            "the server remembers message ids for only {:?}, so after a lost connection the outcome of more messages is unknown; \
             increase the stream's duplicate window",
            config.duplicate_window
        );
    }
    let theirs = config.description.as_deref().unwrap_or_default();
    // The description of a stream that an administrator has created says nothing.
    if !theirs.starts_with(DESCRIPTION) || theirs == description {
        return Ok(());
    }
    let parts =
        |text: &str| text.strip_prefix(DESCRIPTION)?.split_once(": ").map(|(a, b)| (a.to_owned(), b.to_owned()));
    let (Some((their_program, their_layout)), Some((our_program, our_layout))) = (parts(theirs), parts(description))
    else {
        return Err(format!("its description comes from an unknown version of Lanai: `{theirs}`"));
    };
    if their_program != our_program && !shared {
        return Err(format!(
            "it belongs to {their_program}, but this program is {our_program}; give each program its own name in `Options::new` or, if they \
             are to share their topics, call `Options::shared` in all of them"
        ));
    }
    if their_layout != our_layout {
        return Err(format!(
            "the topics are spread as `{their_layout}`, but this process has `{our_layout}`; all processes need the same `Options::shards` and \
             `Options::own_stream`; to change them, stop all processes and delete the streams, or give the program a new name in \
             `Options::new`"
        ));
    }
    Ok(())
}

/// The message with a sequence, if there is one.
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
    fn a_test_binary_has_the_name_of_its_program() {
        for (name, program) in [("shop-0123456789abcdef", "shop"), ("my-shop", "my-shop"), ("shop", "shop"), ("", "")] {
            assert_eq!(without_hash(name), program);
        }
    }
}
