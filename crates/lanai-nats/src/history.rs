//! The last messages of one topic, out of the stream of all.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt;

use crate::stream::place;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Finds the last `count` messages of a subject up to a place in the stream, the oldest first, each with its place.
///
/// A short-lived consumer that begins at a place tells how many messages of the subject come from there on. So the beginning is looked
/// for from the end, in strides that grow, and then between two of them: however long the topic is, only a few times
/// what is wanted is read.
pub(crate) async fn last(
    stream: &Stream,
    subject: &str,
    count: usize,
    up_to: u64,
    first: u64,
) -> Result<Vec<(u64, async_nats::Message)>, Failure> {
    let first = first.max(1);
    let enough = count as u64;
    let mut stride = enough.saturating_mul(2).max(64);
    // From here on there are too few.
    let mut late = up_to + 1;
    while late > first {
        let mut early = late.saturating_sub(stride).max(first);
        stride = stride.saturating_mul(8);
        let mut reader = Reader::open(stream, subject, early).await?;
        if reader.pending < enough && early > first {
            reader.close(stream).await;
            late = early;
            continue;
        }
        while reader.pending > 4 * enough + 256 && late - early > 64 {
            let middle = early + (late - early) / 2;
            let other = Reader::open(stream, subject, middle).await?;
            if other.pending >= enough {
                reader.close(stream).await;
                (reader, early) = (other, middle);
            } else {
                other.close(stream).await;
                late = middle;
            }
        }
        let messages = reader.read(up_to).await;
        reader.close(stream).await;
        let mut messages = messages?;
        // What was counted may have come after `up_to`.
        if messages.len() >= count || early == first {
            messages.drain(..messages.len().saturating_sub(count));
            return Ok(messages);
        }
        late = early;
    }
    Ok(Vec::new())
}

/// All messages of a subject between two places, both included.
pub(crate) async fn between(
    stream: &Stream,
    subject: &str,
    first: u64,
    last: u64,
) -> Result<Vec<(u64, async_nats::Message)>, Failure> {
    if first > last {
        return Ok(Vec::new());
    }
    let reader = Reader::open(stream, subject, first).await?;
    let messages = reader.read(last).await;
    reader.close(stream).await;
    messages
}

/// A consumer of one subject.
struct Reader {
    consumer: Consumer<pull::Config>,
    pending: u64,
}

impl Reader {
    async fn open(stream: &Stream, subject: &str, start: u64) -> Result<Self, Failure> {
        let consumer = stream
            .create_consumer(pull::Config {
                deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: start },
                ack_policy: AckPolicy::None,
                filter_subject: subject.to_owned(),
                inactive_threshold: Duration::from_secs(10),
                memory_storage: true,
                num_replicas: 1,
                ..pull::Config::default()
            })
            .await?;
        let pending = consumer.cached_info().num_pending;
        Ok(Self { consumer, pending })
    }

    async fn read(&self, up_to: u64) -> Result<Vec<(u64, async_nats::Message)>, Failure> {
        let mut messages = Vec::new();
        let mut left = self.pending;
        while left > 0 {
            let most = usize::try_from(left.min(256)).unwrap_or(256);
            let mut batch = self.consumer.fetch().max_messages(most).messages().await?;
            let mut read = 0;
            while let Some(message) = batch.next().await {
                let message = message?.message;
                let reply = message.reply.as_deref().unwrap_or_default();
                let at = place(reply).ok_or("the server sent a message without its place")?.stream;
                if at > up_to {
                    return Ok(messages);
                }
                messages.push((at, message));
                read += 1;
            }
            if read == 0 {
                break;
            }
            left = left.saturating_sub(read);
        }
        Ok(messages)
    }

    /// Without it the consumer would end by itself, ten seconds later.
    async fn close(self, stream: &Stream) {
        if let Err(error) = stream.delete_consumer(&self.consumer.cached_info().name).await {
            tracing::debug!(%error, "a consumer was left to end by itself");
        }
    }
}
