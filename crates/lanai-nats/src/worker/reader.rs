//! [`Reader`]: what is read of a stream, by a consumer of the server's.

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

/// How often the server says that it is there when it has nothing else to say.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The errors of JetStream that say that there may be no more consumers: of the stream, of the account, by the size of
/// what they need.
const LIMITS: [ErrorCode; 3] =
    [ErrorCode::MAXIMUM_CONSUMERS_LIMIT, ErrorCode::ACCOUNT_RESOURCES_EXCEEDED, ErrorCode::MEMORY_RESOURCES_EXCEEDED];

/// A consumer of the server's, and what has come from it.
pub(super) struct Reader {
    pub(super) filter: Filter,
    pub(super) messages: Subscriber,
    consumer: String,
    stream: Stream,
    /// The place of the stream's first message when it was made, if that is known: what was wanted before it is gone.
    pub(super) first: Option<u64>,
    /// How many messages it was sent.
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
        // Each attempt with a place of its own to deliver to: one that was given up may have been made all the same.
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
                        _ => OpenError::Failed(format!("no consumer can be made: {error}")),
                    })?;
                    Ok((messages, consumer.cached_info().name.clone()))
                }
            },
            |unopened| matches!(unopened, OpenError::NoAnswer),
        );
        let (messages, consumer) = open.await?;
        // Who reads everything sees what is gone by the places of what is left.
        let first = match filter {
            Filter::Subjects(_) => stream.get_info().await.ok().map(|info| info.state.first_sequence),
            Filter::Everything | Filter::Nothing => None,
        };
        let now = Instant::now();
        Ok(Self { filter, messages, consumer, stream, first, read: 0, last_heard: now, created: now })
    }

    /// Ends the consumer, beside everything else. Without it the server would, ten seconds later.
    pub(super) fn close(self) {
        let Self { consumer, stream, messages, .. } = self;
        tokio::spawn(async move {
            drop(messages);
            if let Err(error) = stream.delete_consumer(&consumer).await {
                tracing::debug!(%error, "a consumer was left to end by itself");
            }
        });
    }

    /// The next message, if there is a reader.
    pub(super) async fn next(reader: &mut Option<Self>) -> Option<Message> {
        match reader {
            Some(reader) => reader.messages.next().await,
            None => std::future::pending().await,
        }
    }
}

/// Why there is no reader.
#[derive(Debug)]
pub(super) enum OpenError {
    /// The server has not answered.
    NoAnswer,
    /// The server does not let us read, here or elsewhere, until somebody changes that.
    Refused(String),
    /// Anything else, which another connection may mend.
    Failed(String),
}
