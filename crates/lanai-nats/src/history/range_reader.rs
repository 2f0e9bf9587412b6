//! [`RangeReader`]: a consumer that reads a part of the stream forwards, once.

use std::time::Duration;

use async_nats::jetstream::consumer::pull::{self, BatchConfig};
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy};
use async_nats::{Message, StatusCode, Subject, Subscriber};
use futures_util::StreamExt;

use super::source::{Failure, Source};
use crate::message::sequences;
use crate::retry::TIMEOUT;

/// How much is requested at a time. Live messages on the same connection wait behind it.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 512 << 10;

/// A consumer of one subject, or of all.
pub(super) struct RangeReader<'s> {
    source: &'s Source,
    consumer: Consumer<pull::Config>,
    messages: Subscriber,
    /// The prefix of the subjects on which the server reports the status of each request.
    inbox: String,
    /// How many requests were made.
    requests: u64,
    /// How many messages there were from the start on when it was created.
    pub(super) pending: u64,
    read: u64,
}

impl<'s> RangeReader<'s> {
    pub(super) async fn open(source: &'s Source, subject: Option<&str>, start: u64) -> Result<Self, Failure> {
        let client = source.context.client();
        let inbox = client.new_inbox();
        let messages = client.subscribe(format!("{inbox}.*")).await?;
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: start.max(1) },
            ack_policy: AckPolicy::None,
            filter_subject: subject.unwrap_or_default().to_owned(),
            inactive_threshold: Duration::from_secs(10),
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = source.stream.create_consumer(config).await?;
        let pending = consumer.cached_info().num_pending;
        Ok(Self { source, consumer, messages, inbox, requests: 0, pending, read: 0 })
    }

    /// The next messages and their sequences; empty if there are no more. `pending` cannot tell that, since servers
    /// have miscounted.
    pub(super) async fn next(&mut self) -> Result<Vec<(u64, Message)>, Failure> {
        let (mut count, mut messages) = (BATCH, Vec::with_capacity(BATCH));
        let mut request = self.ask(count, BATCH_BYTES).await?;
        while messages.len() < count {
            let message = match tokio::time::timeout(TIMEOUT, self.messages.next()).await {
                Ok(message) => message.ok_or("the connection was closed")?,
                // The server sends no status if the very last byte of a request was used.
                Err(_) if !messages.is_empty() => break,
                Err(read_from) => return Err(read_from.into()),
            };
            match message.status {
                None | Some(StatusCode::OK) => {
                    let reply = message.reply.as_deref().unwrap_or_default();
                    let sequences = sequences(reply).ok_or("the server sent a message without its sequence")?;
                    self.read += 1;
                    if sequences.consumer != self.read {
                        return Err("messages were lost between the server and here".into());
                    }
                    messages.push((sequences.stream, message));
                }
                // The status of an earlier request, which was fulfilled.
                Some(_) if message.subject != request => {}
                // There are no more messages.
                Some(StatusCode::NOT_FOUND | StatusCode::TIMEOUT) => break,
                Some(StatusCode::REQUEST_TERMINATED) if is_size(&message) => {
                    if !messages.is_empty() {
                        break;
                    }
                    // The next message alone is larger than the limit.
                    count = 1;
                    request = self.ask(count, 0).await?;
                }
                Some(status) => {
                    let what = message.description.as_deref().unwrap_or_default();
                    return Err(format!("the server has ended the consumer: {status} {what}").into());
                }
            }
        }
        Ok(messages)
    }

    /// Requests messages, up to a number and a size. Returns the subject on which the server reports the status.
    async fn ask(&mut self, messages: usize, bytes: usize) -> Result<Subject, Failure> {
        self.requests += 1;
        let request = Subject::from(format!("{}.{}", self.inbox, self.requests));
        let batch = BatchConfig { batch: messages, max_bytes: bytes, no_wait: true, ..BatchConfig::default() };
        self.consumer.request_batch(batch, request.clone()).await?;
        Ok(request)
    }

    /// Deletes the consumer, which would otherwise end ten seconds later.
    pub(super) async fn close(self) {
        if let Err(error) = self.source.stream.delete_consumer(&self.consumer.cached_info().name).await {
            tracing::debug!(%error, "a consumer could not be deleted and will expire");
        }
    }
}

/// Whether a request ended because the next message would exceed its size.
fn is_size(message: &Message) -> bool {
    message.description.as_deref().is_some_and(|what| what.to_ascii_lowercase().contains("maxbytes"))
}
