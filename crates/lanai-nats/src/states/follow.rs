//! [`Follower`]: reads the events of one state.

use std::sync::Arc;

use async_nats::jetstream::consumer::{DeliverPolicy, push};
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use futures_util::StreamExt;
use lanai_pubsub::replicated::{Delivered, JournalSink};

use super::entry::decode;
use super::online::{Current, Online, connected, lost};
use super::snapshots;
use crate::retry::backoff;

/// Reads the events of one state, over any number of connections.
pub(super) struct Follower {
    pub(super) state: Arc<str>,
    pub(super) subject: String,
    pub(super) sink: JournalSink,
    pub(super) current: Current,
}

/// Why reading has ended.
enum Ended {
    /// Nobody follows the state, or nothing more can be read.
    Done,
    /// The connection was lost, or something failed: try again.
    Lost(String),
    /// The next event does not follow: begin with the snapshot.
    Gap { previous: u64 },
}

impl Follower {
    pub(super) async fn run(mut self) {
        let (mut failures, mut gap) = (0, None);
        loop {
            let online = connected(&mut self.current).await;
            let position = self.sink.position();
            let mut current = self.current.clone();
            let ended = tokio::select! {
                ended = self.read(&online, &mut gap) => ended,
                () = lost(&mut current, &online) => Ended::Lost("the connection is lost".into()),
            };
            match ended {
                Ended::Done => return,
                Ended::Gap { previous } => gap = Some(previous),
                Ended::Lost(reason) => {
                    tracing::debug!(state = &*self.state, "a replicated state is read again: {reason}");
                    failures = if self.sink.position() == position { failures + 1 } else { 0 };
                    tokio::time::sleep(backoff(failures)).await;
                }
            }
        }
    }

    /// Reads from the last applied event on. After a gap, it begins with the snapshot.
    async fn read(&self, online: &Online, gap: &mut Option<u64>) -> Ended {
        let last = match self.last(online).await {
            Ok(last) => last,
            Err(reason) => return Ended::Lost(reason),
        };
        let Some(mut position) = self.sink.position() else { return Ended::Done };
        // The server may have been restored from a backup.
        let is_rewound = last < position;
        if position == 0 || is_rewound || gap.is_some() {
            let snapshot = match snapshots::load(online, &self.state).await {
                Ok(snapshot) => snapshot,
                Err(error) => return Ended::Lost(error.to_string()),
            };
            if is_rewound {
                tracing::error!(
                    state = &*self.state,
                    position,
                    last,
                    "the server has lost the last events of a replicated state; it continues without them"
                );
            }
            let at = snapshot.as_ref().map_or(0, |snapshot| snapshot.sequence);
            if at > last {
                self.sink.lost(last);
                return Ended::Done;
            }
            if at > position || is_rewound {
                self.sink.restore(snapshot.as_ref());
                position = at;
            } else if let Some(previous) = *gap {
                // The snapshot does not help: the events between are nowhere.
                self.sink.lost(previous);
                return Ended::Done;
            }
            *gap = None;
        }
        if position >= last {
            self.sink.caught_up();
        }
        let config = push::OrderedConfig {
            deliver_subject: online.client.new_inbox(),
            filter_subject: self.subject.clone(),
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: position + 1 },
            ..push::OrderedConfig::default()
        };
        let consumer = match online.stream.create_consumer(config).await {
            Ok(consumer) => consumer,
            Err(error) => return Ended::Lost(error.to_string()),
        };
        let mut messages = match consumer.messages().await {
            Ok(messages) => messages,
            Err(error) => return Ended::Lost(error.to_string()),
        };
        while let Some(message) = messages.next().await {
            let message = match message {
                Ok(message) => message,
                Err(error) => return Ended::Lost(error.to_string()),
            };
            let sequence = match message.info() {
                Ok(info) => info.stream_sequence,
                Err(error) => return Ended::Lost(error.to_string()),
            };
            let Some(entry) = decode(message.headers.as_ref(), &message.payload, sequence) else {
                tracing::error!(
                    subject = self.subject,
                    sequence,
                    "a message in the stream of replicated states is not an event; who has published it?"
                );
                continue;
            };
            match self.sink.deliver(entry) {
                Delivered::Applied if sequence >= last => self.sink.caught_up(),
                Delivered::Applied => {}
                Delivered::Gap => return Ended::Gap { previous: entry.previous },
                Delivered::Closed => return Ended::Done,
            }
        }
        Ended::Lost("the consumer has ended".into())
    }

    /// The sequence of the last event; 0 if there is none.
    async fn last(&self, online: &Online) -> Result<u64, String> {
        match online.stream.get_last_raw_message_by_subject(&self.subject).await {
            Ok(message) => Ok(message.sequence),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(0),
            Err(error) => Err(error.to_string()),
        }
    }
}
