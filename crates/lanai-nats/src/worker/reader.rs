//! [`Reader`]: reads from a stream through a consumer on the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use async_nats::jetstream::stream::{ConsumerErrorKind, Stream};
use async_nats::{Client, Message, Subscriber};
use futures_util::StreamExt;

use crate::inner::Inner;
use crate::interest::Filter;
use crate::retry::retry_while;

/// How often the server sends a heartbeat when it has no messages.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// JetStream's errors for too many consumers: of the stream, of the account, or by their memory.
const LIMITS: [ErrorCode; 3] =
    [ErrorCode::MAXIMUM_CONSUMERS_LIMIT, ErrorCode::ACCOUNT_RESOURCES_EXCEEDED, ErrorCode::MEMORY_RESOURCES_EXCEEDED];

/// A consumer on the server, and the messages from it.
pub(super) struct Reader {
    pub(super) filter: Filter,
    pub(super) messages: Subscriber,
    consumer: String,
    stream: Stream,
    /// The sequence of the stream's first message when the reader was opened, if known. Messages before it are gone.
    pub(super) first: Option<u64>,
    /// How many messages the consumer has delivered.
    pub(super) read: u64,
    pub(super) last_heard: Instant,
    pub(super) created: Instant,
}

impl Reader {
    pub(super) async fn open(
        client: Client,
        stream: Stream,
        filter: Filter,
        next: u64,
        inner: Arc<Inner>,
    ) -> Result<Self, OpenError> {
        let (mut filter_subject, mut filter_subjects) = (String::new(), Vec::new());
        match &filter {
            Filter::Subjects(subjects) if subjects.len() == 1 => filter_subject = subjects.iter().cloned().collect(),
            Filter::Subjects(subjects) => filter_subjects = subjects.iter().cloned().collect(),
            Filter::Everything | Filter::Nothing => {}
        }
        let request = format!("$JS.API.CONSUMER.CREATE.{}", stream.cached_info().config.name);
        inner.forget_denials(&request);
        let (inner, request) = (&*inner, request.as_str());
        // Each attempt has its own inbox, since an abandoned attempt may have created a consumer all the same.
        let open = retry_while(
            || {
                let deliver = client.new_inbox();
                let config = push::Config {
                    deliver_subject: deliver.clone(),
                    deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: next },
                    ack_policy: AckPolicy::None,
                    max_deliver: 1,
                    filter_subject: filter_subject.clone(),
                    filter_subjects: filter_subjects.clone(),
                    flow_control: true,
                    idle_heartbeat: HEARTBEAT,
                    inactive_threshold: Duration::from_secs(10),
                    memory_storage: true,
                    num_replicas: 1,
                    ..push::Config::default()
                };
                let (client, stream) = (client.clone(), stream.clone());
                async move {
                    let messages =
                        client.subscribe(deliver).await.map_err(|error| OpenError::Failed(error.to_string()))?;
                    let consumer = stream.create_consumer(config).await.map_err(|error| match error.kind() {
                        ConsumerErrorKind::TimedOut if inner.is_denied(request) => {
                            OpenError::Refused(format!("the server does not let this user publish on `{request}`"))
                        }
                        ConsumerErrorKind::TimedOut => OpenError::NoAnswer,
                        ConsumerErrorKind::JetStream(error) if LIMITS.contains(&error.error_code()) => {
                            OpenError::Refused(error.to_string())
                        }
                        _ => OpenError::Failed(format!("cannot create a consumer: {error}")),
                    })?;
                    Ok((messages, consumer.cached_info().name.clone()))
                }
            },
            |unopened| matches!(unopened, OpenError::NoAnswer),
        );
        let (messages, consumer) = open.await?;
        // A reader of everything notices dropped messages by gaps in the sequences.
        let first = match filter {
            Filter::Subjects(_) => stream.get_info().await.ok().map(|info| info.state.first_sequence),
            Filter::Everything | Filter::Nothing => None,
        };
        let now = Instant::now();
        Ok(Self { filter, messages, consumer, stream, first, read: 0, last_heard: now, created: now })
    }

    /// Deletes the consumer in the background. Otherwise the server would delete it ten seconds later.
    pub(super) fn close(self) {
        let Self { consumer, stream, messages, .. } = self;
        tokio::spawn(async move {
            drop(messages);
            if let Err(error) = stream.delete_consumer(&consumer).await {
                tracing::debug!(%error, "a consumer could not be deleted and will expire");
            }
        });
    }

    /// The next message, or nothing forever if there is no reader.
    pub(super) async fn next(reader: &mut Option<Self>) -> Option<Message> {
        match reader {
            Some(reader) => reader.messages.next().await,
            None => std::future::pending().await,
        }
    }
}

/// Why a reader could not be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// The server did not answer.
    NoAnswer,
    /// The server does not let this user read, on any connection, until someone changes the permissions or limits.
    Refused(String),
    /// Another error, which a new connection may fix.
    Failed(String),
}
