//! [`Reader`]: what is read of a stream, by a consumer of the server's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use async_nats::jetstream::stream::{ConsumerErrorKind, Stream};
use async_nats::{Client, Message, StatusCode, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use super::{BEHIND, LINGER, MOST_SUBJECTS, OFTEN, Worker, text};
use crate::interest::Filter;
use crate::session::persist;
use crate::stream::{envelope, place};
use crate::transport::Shared;

/// How often the server says that it is there when it has nothing else to say.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// After how long without a word the consumer counts as lost.
const UNHEARD: Duration = Duration::from_secs(4);
/// How long to wait between readers, so that what is wanted in the same moment makes one.
const PAUSE: Duration = Duration::from_millis(50);
/// How often to see whether less would do.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How often in a row another reader is tried where one stays behind.
const STUCK: u32 = 2;
/// How long to wait before the server is asked again that has refused a reader: at first, and at most.
const REFUSED: Duration = Duration::from_millis(250);
const REFUSED_AT_MOST: Duration = Duration::from_secs(16);
/// How often in a row a reader may be refused before that is told. Where there may be few consumers, the former one has
/// to go first.
const AT_ONCE: u32 = 1;
/// The errors of JetStream that say that there may be no more consumers: of the stream, of the account, by the size of
/// what they need.
const LIMITS: [ErrorCode; 3] =
    [ErrorCode::MAXIMUM_CONSUMERS_LIMIT, ErrorCode::ACCOUNT_RESOURCES_EXCEEDED, ErrorCode::MEMORY_RESOURCES_EXCEEDED];

/// A consumer of the server's, and what has come from it.
pub(super) struct Reader {
    pub(super) filter: Filter,
    messages: Subscriber,
    consumer: String,
    stream: Stream,
    /// The place of the stream's first message when it was made, if that is known: what was wanted before it is gone.
    first: Option<u64>,
    /// How many messages it was sent.
    read: u64,
    heard: Instant,
    made: Instant,
}

impl Reader {
    async fn open(
        client: Client,
        stream: Stream,
        filter: Filter,
        next: u64,
        shared: Arc<Shared>,
    ) -> Result<Self, Unopened> {
        let (mut filter_subject, mut filter_subjects) = (String::new(), Vec::new());
        match &filter {
            Filter::Subjects(subjects) if subjects.len() == 1 => filter_subject = subjects.iter().cloned().collect(),
            Filter::Subjects(subjects) => filter_subjects = subjects.iter().cloned().collect(),
            Filter::Everything | Filter::Nothing => {}
        }
        let request = format!("$JS.API.CONSUMER.CREATE.{}", stream.cached_info().config.name);
        shared.forget_denials(&request);
        let (shared, request) = (&*shared, request.as_str());
        // Each attempt with a place of its own to deliver to: one that was given up may have been made all the same.
        let open = persist(
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
                    let messages = client.subscribe(deliver).await.map_err(|error| Unopened::Lost(text(error)))?;
                    let consumer = stream.create_consumer(config).await.map_err(|error| match error.kind() {
                        ConsumerErrorKind::TimedOut if shared.is_denied(request) => {
                            Unopened::Refused(format!("the server does not let this user publish on `{request}`"))
                        }
                        ConsumerErrorKind::TimedOut => Unopened::Silence,
                        ConsumerErrorKind::JetStream(error) if LIMITS.contains(&error.error_code()) => {
                            Unopened::Refused(error.to_string())
                        }
                        _ => Unopened::Lost(format!("no consumer can be made: {error}")),
                    })?;
                    Ok((messages, consumer.cached_info().name.clone()))
                }
            },
            |unopened| matches!(unopened, Unopened::Silence),
        );
        let (messages, consumer) = open.await?;
        // Who reads everything sees what is gone by the places of what is left.
        let first = match filter {
            Filter::Subjects(_) => stream.get_info().await.ok().map(|info| info.state.first_sequence),
            Filter::Everything | Filter::Nothing => None,
        };
        let now = Instant::now();
        Ok(Self { filter, messages, consumer, stream, first, read: 0, heard: now, made: now })
    }

    /// Ends the consumer, beside everything else. Without it the server would, ten seconds later.
    fn close(self) {
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
pub(super) enum Unopened {
    /// The server has not answered.
    Silence,
    /// The server does not let us read, here or elsewhere, until somebody changes that.
    Refused(String),
    /// Anything else, which another connection may mend.
    Lost(String),
}

impl Worker {
    /// Makes another reader if the present one does not read what is wanted, or has read much more for some time.
    pub(super) async fn follow_interest(&mut self) -> Result<(), String> {
        // One thing after the other: what is being read up comes first.
        let catching_up = self.progress.catching_up();
        if self.opening.is_some() || catching_up.is_some() {
            self.follow_at = Some(tokio::time::Instant::now() + PAUSE);
            return match catching_up {
                Some(_) if self.opening.is_none() && self.reader.is_none() => self.read_again().await,
                _ => Ok(()),
            };
        }
        if let Some(retry) = self.retry
            && self.reader.is_none()
            && retry > tokio::time::Instant::now()
            && !self.shard().interest.lock().is_empty()
        {
            self.follow_at = Some(retry);
            return Ok(());
        }
        self.follow_at = Some(tokio::time::Instant::now() + LOOK_AGAIN);
        let now = Instant::now();
        while self.widened.front().is_some_and(|at| now.duration_since(*at) > LINGER) {
            self.widened.pop_front();
        }
        let wanted = self.shard().interest.filter(self.plan(), self.most_subjects());
        match &self.reader {
            None if wanted == Filter::Nothing => {
                self.is_read();
                return Ok(());
            }
            None => {}
            Some(reader) if reader.filter == wanted => {
                self.reads_too_much = None;
                return Ok(());
            }
            Some(reader) if reader.filter.covers(&wanted) => {
                let since = *self.reads_too_much.get_or_insert(now);
                if since.elapsed() < LINGER {
                    return Ok(());
                }
            }
            // What is wanted in the same moment makes one reader.
            Some(reader) if reader.made.elapsed() < PAUSE => {
                self.follow_at = Some(tokio::time::Instant::now() + PAUSE);
                return Ok(());
            }
            Some(_) => self.widened.push_back(now),
        }
        self.read_what_is_wanted().await
    }

    /// How many subjects a reader may name before it reads everything.
    fn most_subjects(&self) -> usize {
        match self.widened.len() {
            OFTEN.. => 0,
            _ if self.several_subjects => MOST_SUBJECTS,
            _ => 1,
        }
    }

    /// Reads what is wanted from now on.
    async fn read_what_is_wanted(&mut self) -> Result<(), String> {
        self.end_reader().await?;
        let (covered, read, most) = (self.progress.covered(), self.progress.end() - 1, self.most_subjects());
        // Who wants something from now on is to have what is behind this.
        self.sink.stored_up_to(self.index, self.progress.spans().position(read));
        let knows_what_is_gone = !matches!(covered, Filter::Subjects(_));
        let (filter, behind) = self.shard().interest.change(self.plan(), covered, read, most);
        self.progress.change(filter.clone(), behind);
        let next = self.progress.next();
        self.progress.looked = if knows_what_is_gone { next } else { self.progress.looked.min(next) };
        self.open_reader(filter);
        Ok(())
    }

    /// Reads as before, by another reader.
    async fn read_again(&mut self) -> Result<(), String> {
        self.end_reader().await?;
        let filter = self.progress.catching_up().unwrap_or_else(|| self.progress.covered()).clone();
        self.open_reader(filter);
        Ok(())
    }

    /// Ends the present reader, if there is one.
    async fn end_reader(&mut self) -> Result<(), String> {
        // What has come already counts, and is not sent again.
        while let Some(Some(message)) = self.reader.as_mut().and_then(|reader| reader.messages.next().now_or_never()) {
            self.take(Some(message)).await?;
        }
        if let Some(reader) = self.reader.take() {
            reader.close();
        }
        (self.behind, self.reads_too_much) = (None, None);
        Ok(())
    }

    /// Asks for a reader from the next message on.
    fn open_reader(&mut self, filter: Filter) {
        if filter != Filter::Nothing {
            let (client, stream, shared) =
                (self.client.clone(), self.existing.stream.clone(), Arc::clone(&self.shared));
            self.opening = Some(Box::pin(Reader::open(client, stream, filter, self.progress.next(), shared)));
        }
    }

    /// Reads by the reader that was asked for.
    pub(super) fn opened(&mut self, reader: Result<Reader, Unopened>) -> Result<(), String> {
        self.opening = None;
        let mut reader = match reader {
            Ok(reader) => reader,
            Err(Unopened::Refused(reason)) => {
                self.cannot_read(&reason);
                return Ok(());
            }
            Err(Unopened::Silence) => return Err("the server makes no consumer: it does not answer".into()),
            Err(Unopened::Lost(error)) => return Err(error),
        };
        self.is_read();
        reader.made = Instant::now();
        if let Some(first) = reader.first {
            // In its place, before what comes.
            self.tell_what_was_dropped(first);
        }
        self.reader = Some(reader);
        // More may be wanted by now.
        self.follow_at = Some(tokio::time::Instant::now() + PAUSE);
        Ok(())
    }

    /// Notes that the server does not let us read what is wanted. It is asked again later, and what is published goes
    /// on.
    fn cannot_read(&mut self, reason: &str) {
        let pause = REFUSED.saturating_mul(1 << self.refused.min(16)).min(REFUSED_AT_MOST);
        self.refused += 1;
        let retry = tokio::time::Instant::now() + pause;
        (self.retry, self.follow_at) = (Some(retry), Some(retry));
        tracing::warn!(
            stream = self.plan().stream,
            "what other processes publish is not heard: {reason}; see to the permissions of this user, and to the limits on consumers of the \
             stream and the account; asking again in {pause:?}"
        );
        if self.refused > AT_ONCE && self.shared.set_unread(self.index, true) {
            self.sink.disconnected();
        }
    }

    /// Notes that what is wanted is read, or that nothing is wanted.
    fn is_read(&mut self) {
        (self.refused, self.retry) = (0, None);
        if self.shared.set_unread(self.index, false) && self.shared.reads_all() {
            self.sink.connected();
        }
    }

    /// Takes a message of the stream.
    pub(super) async fn take(&mut self, message: Option<Message>) -> Result<(), String> {
        let message = message.ok_or("the server has closed it")?;
        let Some(reader) = &mut self.reader else { return Ok(()) };
        reader.heard = Instant::now();
        if let Some(status) = message.status {
            return self.heed(status, &message).await;
        }
        let place = message.reply.as_deref().and_then(place).ok_or("the server sent a message without its place")?;
        if place.consumer != reader.read + 1 {
            return Err("messages were lost between the server and here; they are read again".into());
        }
        reader.read = place.consumer;
        let next = self.progress.next();
        if reader.filter == Filter::Everything && place.stream > next {
            self.sink.missed(self.index, place.stream - next);
        }
        let position = self.progress.spans().position(place.stream);
        let envelope = envelope(self.plan(), &message, position);
        let name = envelope.as_ref().map(|envelope| envelope.id);
        if !self.progress.meet(place.stream, &message.subject, name) {
            return Ok(());
        }
        match envelope {
            Some(envelope) => self.sink.deliver(self.index, envelope),
            None => {
                tracing::warn!(subject = %message.subject, "the stream has a message that no Lanai program has sent")
            }
        }
        // After the broker was told of it: who wants something from now on is told of a position at or behind this one.
        self.shard().interest.was_read(self.progress.end() - 1);
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
        let number = |name: &str| header(name).and_then(|number| number.parse::<u64>().ok());
        let read = self.reader.as_ref().map_or(0, |reader| reader.read);
        match number("Nats-Last-Consumer") {
            Some(last) if last > read => {
                return Err("messages were lost between the server and here; they are read again".into());
            }
            Some(last) if last == read => {
                if let Some(last) = number("Nats-Last-Stream") {
                    self.nothing_up_to(last);
                }
            }
            _ => {}
        }
        // Flow control: it goes on when this says that everything before has come.
        let stalled = header("Nats-Consumer-Stalled");
        if let Some(reply) = message.reply.as_ref().map(|reply| reply.to_string()).or(stalled) {
            self.client.publish(reply, Bytes::new()).await.map_err(text)?;
        }
        Ok(())
    }

    /// Notes the server's word that it has nothing more for this reader up to a place.
    fn nothing_up_to(&mut self, last: u64) {
        let next = self.progress.next();
        if last >= next && self.reader.as_ref().is_some_and(|reader| reader.filter == Filter::Everything) {
            // They were there, and were dropped before they could be read.
            self.sink.missed(self.index, last + 1 - next);
        }
        self.progress.skip(last);
        if self.progress.catching_up().is_none() {
            self.pass();
        }
    }

    /// Sees whether the reader still reads.
    pub(super) async fn look_after_reader(&mut self) -> Result<(), String> {
        let next = self.progress.next();
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let mut is_silent = false;
        if reader.heard.elapsed() > UNHEARD {
            // What has come already counts, however long it took to get to it.
            match reader.messages.next().now_or_never() {
                Some(message) => return self.take(message).await,
                None => is_silent = true,
            }
        }
        let is_stuck = match self.behind {
            _ if next > self.stored => {
                (self.behind, self.stuck) = (None, 0);
                false
            }
            Some((at, since)) if at == next => since.elapsed() > BEHIND,
            _ => {
                self.behind = Some((next, Instant::now()));
                false
            }
        };
        if !is_silent && !is_stuck {
            return Ok(());
        }
        self.stuck += 1;
        if self.stuck > STUCK {
            return Err(format!("readers keep silent, at {next} of {} messages", self.stored));
        }
        tracing::warn!(next, stored = self.stored, is_silent, "a reader has stopped; another one is made");
        self.read_again().await
    }
}
