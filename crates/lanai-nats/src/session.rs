//! [`Session`]: one connection to a server, from its making to its loss.
//!
//! Each connection is a new one, with nothing left over in it from the last: what had been written to that is then lost or
//! stored, and never sent behind what is newer. A session first reads everything that is in the stream since the last one. Those of its own
//! messages that it meets there are stored, whatever became of their confirmations; the others it sends again, in their
//! order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, Message, StatusCode, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use lanai_pubsub::{Envelope, Inlet};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::connection::{Connection, Notice, PATIENCE};
use crate::error::ConnectError;
use crate::history::{self, Places};
use crate::options::Options;
use crate::stream::{envelope, find, place, subject};
use crate::transport::Shared;

/// How often the server says that it is there when it has nothing else to say.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// After how long without a word the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(4);
/// How many messages may be sent ahead of their confirmations.
const WINDOW: usize = 512;

/// One connection to a server.
pub(crate) struct Session {
    client: Client,
    notices: mpsc::UnboundedReceiver<Notice>,
    context: Context,
    stream: Stream,
    created: i128,
    first: u64,
    last: u64,
    server: String,
}

/// How far the stream was read. It outlives connections.
pub(crate) struct Progress {
    /// Which stream: one that is made anew counts from 1 again.
    created: i128,
    /// What is to be added to a place in the stream, so that positions go on growing if the stream is made anew.
    base: u64,
    /// The place of the next message.
    next: u64,
}

impl Progress {
    /// Behind all that is there.
    pub(crate) fn behind(session: &Session) -> Self {
        Self { created: session.created, base: 0, next: session.last + 1 }
    }

    /// Finds the place in the stream of a new connection, and says how many messages are missing.
    fn resume(&mut self, created: i128, first: u64, last: u64) -> u64 {
        let known = self.next - 1;
        if created != self.created {
            self.created = created;
            self.base += known;
            self.next = 1;
            if first > 1 {
                self.next = first;
            }
            return u64::MAX;
        }
        if last < known {
            // The server has lost what it had not written to its disk yet; the places are given again.
            self.base += known - last;
            self.next = last + 1;
        }
        let missing = first.saturating_sub(self.next);
        self.next = self.next.max(first);
        missing
    }
}

impl Session {
    /// Connects to the server whose turn it is, and finds the stream.
    pub(crate) async fn open(options: &Arc<Options>, attempt: usize) -> Result<Self, ConnectError> {
        let Connection { client, notices, server } = Connection::open(options, attempt).await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(PATIENCE);
        let mut stream = find(&context, options).await?;
        let failed = |reason: String| ConnectError::Stream { stream: options.stream.clone(), reason };
        let info = stream.info().await.map_err(|error| failed(error.to_string()))?;
        let (created, first, last) =
            (info.created.unix_timestamp_nanos(), info.state.first_sequence, info.state.last_sequence);
        Ok(Self { client, notices, context, stream, created, first, last, server })
    }

    /// The place of the last message when the connection was made.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// How many bytes the server takes in a message.
    pub(crate) fn max_payload(&self) -> usize {
        self.client.max_payload()
    }

    /// Reads and publishes until the connection is lost; says how it was.
    pub(crate) async fn run(
        self,
        shared: &Arc<Shared>,
        inlet: &Inlet,
        progress: &mut Progress,
        attempt: &mut usize,
    ) -> String {
        let missing = progress.resume(self.created, self.first, self.last);
        if missing > 0 {
            inlet.missed(missing);
        }
        match Running::begin(self, shared, inlet, progress).await {
            Ok(mut running) => {
                tracing::info!(server = running.session.server, stream = shared.options.stream, "connected to NATS");
                inlet.connected();
                *attempt = 0;
                match running.go_on(progress).await {
                    Ok(never) => match never {},
                    Err(lost) => lost,
                }
            }
            Err(lost) => lost,
        }
    }
}

/// A session at work.
struct Running<'s> {
    session: Session,
    shared: &'s Arc<Shared>,
    inlet: &'s Inlet,
    /// All messages of the stream.
    reader: Subscriber,
    /// How many messages its consumer was sent.
    read: u64,
    heard: Instant,
    /// Confirmations, by the tag at the end of their subject.
    confirmations: Subscriber,
    inbox: String,
    /// The first tag that was not sent by this session.
    next: u64,
    /// When the others were, by tag.
    sent: VecDeque<(u64, Instant)>,
    /// How many may be under way: one, until the server has confirmed one.
    window: usize,
}

impl<'s> Running<'s> {
    async fn begin(
        session: Session,
        shared: &'s Arc<Shared>,
        inlet: &'s Inlet,
        progress: &Progress,
    ) -> Result<Self, String> {
        let client = &session.client;
        let (deliver, inbox) = (client.new_inbox(), client.new_inbox());
        let reader = client.subscribe(deliver.clone()).await.map_err(text)?;
        let confirmations = client.subscribe(format!("{inbox}.*")).await.map_err(text)?;
        session
            .stream
            .create_consumer(push::Config {
                deliver_subject: deliver,
                deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: progress.next },
                ack_policy: AckPolicy::None,
                max_deliver: 1,
                flow_control: true,
                idle_heartbeat: HEARTBEAT,
                inactive_threshold: Duration::from_secs(10),
                memory_storage: true,
                num_replicas: 1,
                ..push::Config::default()
            })
            .await
            .map_err(text)?;
        Ok(Self {
            session,
            shared,
            inlet,
            reader,
            read: 0,
            heard: Instant::now(),
            confirmations,
            inbox,
            next: 0,
            sent: VecDeque::new(),
            window: 1,
        })
    }

    async fn go_on(&mut self, progress: &mut Progress) -> Result<std::convert::Infallible, String> {
        let layout =
            Layout { options: Arc::clone(&self.shared.options), base: progress.base, first: self.session.first };
        // In a task of its own, since it calls subscribers. It ends with this.
        let mut history = JoinSet::new();
        history.spawn(history::serve(
            self.session.context.clone(),
            self.session.stream.clone(),
            Arc::new(layout),
            Arc::clone(&self.shared.wishes),
        ));
        let mut clock = tokio::time::interval(HEARTBEAT / 2);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            // What the stream had when the connection was made may hold messages that are still in the outbox.
            if progress.next > self.session.last {
                self.send().await?;
            }
            tokio::select! {
                message = self.reader.next() => self.take(message, progress).await?,
                message = self.confirmations.next() => self.confirm(message)?,
                () = self.shared.filled.notified() => {}
                Some(Err(error)) = history.join_next() => return Err(format!("the past is not read any more: {error}")),
                Some(notice) = self.session.notices.recv() => self.hear(notice)?,
                _ = clock.tick() => self.check(progress).await?,
            }
        }
    }

    /// Sends what may be sent.
    async fn send(&mut self) -> Result<(), String> {
        while let Some((tag, letter)) = self.shared.outbox.next(self.next, self.window) {
            let reply = format!("{}.{tag:x}", self.inbox);
            let client = &self.session.client;
            let sending = client.publish_with_reply_and_headers(letter.subject, reply, letter.headers, letter.payload);
            sending.await.map_err(text)?;
            self.sent.push_back((tag, Instant::now()));
            self.next = tag + 1;
        }
        Ok(())
    }

    /// Takes a message of the stream.
    async fn take(&mut self, message: Option<Message>, progress: &mut Progress) -> Result<(), String> {
        let message = message.ok_or("the server has closed it")?;
        self.heard = Instant::now();
        if let Some(status) = message.status {
            return self.heed(status, &message).await;
        }
        let place = message.reply.as_deref().and_then(place).ok_or("the server sent a message without its place")?;
        if place.consumer != self.read + 1 {
            return Err("messages were lost between the server and here; they are read again".into());
        }
        self.read = place.consumer;
        if place.stream < progress.next {
            return Ok(());
        }
        if place.stream > progress.next {
            self.inlet.missed(place.stream - progress.next);
        }
        progress.next = place.stream + 1;
        match envelope(&self.shared.options, &message, progress.base + place.stream) {
            Some(envelope) => {
                self.inlet.deliver(envelope);
                self.shared.outbox.came_back(envelope.id);
            }
            None => {
                tracing::warn!(subject = %message.subject, "the stream has a message that no Lanai program has sent")
            }
        }
        Ok(())
    }

    /// Heeds what the server says beside messages.
    async fn heed(&mut self, status: StatusCode, message: &Message) -> Result<(), String> {
        if status != StatusCode::IDLE_HEARTBEAT {
            return Err(format!(
                "the server has ended the consumer: {status} {}",
                message.description.as_deref().unwrap_or("")
            ));
        }
        let header = |name: &str| Some(message.headers.as_ref()?.get(name)?.as_str().to_owned());
        if let Some(last) = header("Nats-Last-Consumer").and_then(|last| last.parse::<u64>().ok())
            && last > self.read
        {
            return Err("messages were lost between the server and here; they are read again".into());
        }
        // Flow control: it goes on when this says that everything before has come.
        let stalled = header("Nats-Consumer-Stalled");
        if let Some(reply) = message.reply.as_ref().map(|reply| reply.to_string()).or(stalled) {
            self.session.client.publish(reply, Bytes::new()).await.map_err(text)?;
        }
        Ok(())
    }

    /// Takes the server's word on a message that was sent.
    fn confirm(&mut self, message: Option<Message>) -> Result<(), String> {
        let message = message.ok_or("the server has closed it")?;
        let tag = message.subject.rsplit('.').next().and_then(|tag| u64::from_str_radix(tag, 16).ok());
        let Some(tag) = tag else { return Ok(()) };
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            return Err("the stream is gone, or JetStream is".into());
        }
        let answer: Answer = serde_json::from_slice(&message.payload)
            .map_err(|error| format!("the server's confirmation cannot be read: {error}"))?;
        match answer.error {
            None => {
                self.window = WINDOW;
                self.shared.outbox.settle(tag, None);
            }
            // The server cannot at the moment; that it will not store what does not fit in is for good.
            Some(error) if error.code >= 500 && error.err_code != STORE_FAILED => {
                return Err(format!("the server cannot store messages now: {}", error.description));
            }
            Some(error) => self.shared.outbox.settle(tag, Some(error.description)),
        }
        Ok(())
    }

    /// Hears what the server says of the connection.
    fn hear(&mut self, notice: Notice) -> Result<(), String> {
        match notice {
            Notice::TooSlow => Err("messages came faster than they were taken; they are read again".into()),
            Notice::PublishDenied(what) | Notice::SubscribeDenied(what) | Notice::Other(what) => {
                tracing::warn!("NATS complains: {what}");
                Ok(())
            }
        }
    }

    /// Sees whether the server is still there.
    async fn check(&mut self, progress: &mut Progress) -> Result<(), String> {
        if !self.inlet.is_open() {
            return Err("the broker is gone".into());
        }
        // What has come already counts, however long it took to get to it.
        while let Some(message) = self.confirmations.next().now_or_never() {
            self.confirm(message)?;
        }
        if self.heard.elapsed() > SILENCE {
            match self.reader.next().now_or_never() {
                Some(message) => self.take(message, progress).await?,
                None => return Err(format!("nothing was heard for {SILENCE:?}")),
            }
        }
        let oldest = self.shared.outbox.oldest().unwrap_or(u64::MAX);
        while self.sent.front().is_some_and(|(tag, _)| *tag < oldest) {
            self.sent.pop_front();
        }
        if self.sent.front().is_some_and(|(_, at)| at.elapsed() > PATIENCE) {
            return Err(format!("a message was not confirmed within {PATIENCE:?}"));
        }
        Ok(())
    }
}

/// How topics and positions are found in the stream, while the connection lasts.
struct Layout {
    options: Arc<Options>,
    base: u64,
    first: u64,
}

impl Places for Layout {
    fn subject(&self, topic: &str) -> String {
        subject(&self.options, topic)
    }

    fn place(&self, position: u64) -> u64 {
        // What was in the stream before it was made anew is gone.
        position.saturating_sub(self.base)
    }

    fn envelope<'m>(&self, message: &'m Message, place: u64) -> Option<Envelope<'m>> {
        envelope(&self.options, message, self.base + place)
    }

    fn first(&self) -> u64 {
        self.first
    }
}

/// What the server says of a message that was sent.
#[derive(Deserialize)]
struct Answer {
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: u32,
    #[serde(default)]
    err_code: u32,
    #[serde(default)]
    description: String,
}

/// `JSStreamStoreFailedF`: a limit of the stream, or its disk.
const STORE_FAILED: u32 = 10_077;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(next: u64) -> Progress {
        Progress { created: 7, base: 0, next }
    }

    #[test]
    fn a_stream_that_went_on_is_read_on() {
        let mut progress = progress(11);
        assert_eq!(progress.resume(7, 1, 30), 0);
        assert_eq!((progress.base, progress.next), (0, 11));
    }

    #[test]
    fn what_the_stream_has_dropped_meanwhile_is_counted() {
        let mut progress = progress(11);
        assert_eq!(progress.resume(7, 21, 30), 10);
        assert_eq!((progress.base, progress.next), (0, 21));
        assert_eq!(progress.resume(7, 31, 30), 10, "an empty stream begins behind its last message");
    }

    #[test]
    fn positions_grow_when_the_stream_is_made_anew_or_has_lost_its_end() {
        let mut anew = progress(11);
        assert_eq!(anew.resume(8, 1, 3), u64::MAX);
        assert_eq!((anew.base, anew.next), (10, 1));
        let mut lost = progress(11);
        assert_eq!(lost.resume(7, 1, 6), 0);
        assert_eq!(lost.base + lost.next, 11);
        assert_eq!(lost.next, 7);
    }
}
