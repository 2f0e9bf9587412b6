//! How a worker reads: which reader it has, and how it handles the messages.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::{Message, StatusCode};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use super::Worker;
use super::reader::{OpenError, Reader};
use crate::interest::Filter;
use crate::message::{envelope, sequences};

/// How long a reader may make no progress while messages are stored.
const STALL_TIMEOUT: Duration = Duration::from_secs(3);
/// The most filter subjects of a reader, if the server supports several.
const MAX_SUBJECTS: usize = 32;
/// How long to keep reading subjects without subscriptions.
const FILTER_LINGER: Duration = Duration::from_secs(10);
/// If readers are replaced this often within [`FILTER_LINGER`], the next one reads everything for a while.
const MAX_WIDENINGS: usize = 8;
/// After how long without a heartbeat the consumer counts as lost.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long to wait before replacing a reader, so that subscriptions made at the same time need only one.
const COALESCE: Duration = Duration::from_millis(50);
/// How often to check whether a narrower filter would do.
const RECHECK: Duration = Duration::from_secs(2);
/// How many stalled readers in a row are replaced before the session ends.
const MAX_RESTARTS: u32 = 2;
/// How long to wait before asking again for a refused reader: at first, and at most.
const REFUSED_RETRY: Duration = Duration::from_millis(250);
const REFUSED_RETRY_MAX: Duration = Duration::from_secs(16);
/// How many refusals in a row are normal: if the number of consumers is limited, the previous one may have to go first.
const TOLERATED_REFUSALS: u32 = 1;

impl Worker {
    /// Replaces the reader if it does not read all subscriptions, or has read much more than them for some time.
    pub(super) async fn update_reader(&mut self) -> Result<(), String> {
        // One step at a time: first finish catching up.
        let catching_up = self.cursor.catching_up();
        if self.opening.is_some() || catching_up.is_some() {
            self.update_reader_at = Some(tokio::time::Instant::now() + COALESCE);
            return match catching_up {
                Some(_) if self.opening.is_none() && self.reader.is_none() => self.restart_reader().await,
                _ => Ok(()),
            };
        }
        if let Some(retry_at) = self.retry_at
            && self.reader.is_none()
            && retry_at > tokio::time::Instant::now()
            && !self.shard().interest.lock().is_empty()
        {
            self.update_reader_at = Some(retry_at);
            return Ok(());
        }
        self.update_reader_at = Some(tokio::time::Instant::now() + RECHECK);
        let now = Instant::now();
        while self.widenings.front().is_some_and(|at| now.duration_since(*at) > FILTER_LINGER) {
            self.widenings.pop_front();
        }
        let wanted = self.shard().interest.filter(self.spec(), self.max_subjects());
        match &self.reader {
            None if wanted == Filter::Nothing => {
                self.reader_works();
                return Ok(());
            }
            None => {}
            Some(reader) if reader.filter == wanted => {
                self.too_wide_since = None;
                return Ok(());
            }
            Some(reader) if reader.filter.covers(&wanted) => {
                let since = *self.too_wide_since.get_or_insert(now);
                if since.elapsed() < FILTER_LINGER {
                    return Ok(());
                }
            }
            // Subscriptions made at the same time need only one reader.
            Some(reader) if reader.created.elapsed() < COALESCE => {
                self.update_reader_at = Some(tokio::time::Instant::now() + COALESCE);
                return Ok(());
            }
            Some(_) => self.widenings.push_back(now),
        }
        self.replace_reader().await
    }

    /// How many filter subjects a reader may have before it reads everything.
    fn max_subjects(&self) -> usize {
        match self.widenings.len() {
            MAX_WIDENINGS.. => 0,
            _ if self.has_multiple_filters => MAX_SUBJECTS,
            _ => 1,
        }
    }

    /// Opens a reader for the current subscriptions.
    async fn replace_reader(&mut self) -> Result<(), String> {
        self.end_reader().await?;
        let (covered, read, max_subjects) = (self.cursor.covered(), self.cursor.end() - 1, self.max_subjects());
        // New subscriptions are promised the messages after this position.
        self.sink.stored_up_to(self.index, self.cursor.epochs().position(read));
        let knows_what_is_gone = !matches!(covered, Filter::Subjects(_));
        let (filter, behind) = self.shard().interest.change_filter(self.spec(), covered, read, max_subjects);
        self.cursor.set_filter(filter.clone(), behind);
        let next = self.cursor.next();
        self.cursor.checked_to = if knows_what_is_gone { next } else { self.cursor.checked_to.min(next) };
        self.open_reader(filter);
        Ok(())
    }

    /// Opens another reader with the same filter.
    async fn restart_reader(&mut self) -> Result<(), String> {
        self.end_reader().await?;
        let filter = self.cursor.catching_up().unwrap_or_else(|| self.cursor.covered()).clone();
        self.open_reader(filter);
        Ok(())
    }

    /// Closes the reader, if there is one.
    async fn end_reader(&mut self) -> Result<(), String> {
        // Messages that have already arrived count, and are not delivered again.
        while let Some(Some(message)) = self.reader.as_mut().and_then(|reader| reader.messages.next().now_or_never()) {
            self.receive(Some(message)).await?;
        }
        if let Some(reader) = self.reader.take() {
            reader.close();
        }
        (self.stalled, self.too_wide_since) = (None, None);
        Ok(())
    }

    /// Starts to open a reader from the next message on.
    fn open_reader(&mut self, filter: Filter) {
        if filter != Filter::Nothing {
            let (client, stream, inner) =
                (self.client.clone(), self.stream_info.stream.clone(), Arc::clone(&self.inner));
            self.opening = Some(Box::pin(Reader::open(client, stream, filter, self.cursor.next(), inner)));
        }
    }

    /// Uses the reader that was opened.
    pub(super) fn reader_opened(&mut self, reader: Result<Reader, OpenError>) -> Result<(), String> {
        self.opening = None;
        let mut reader = match reader {
            Ok(reader) => reader,
            Err(OpenError::Refused(reason)) => {
                self.reader_refused(&reason);
                return Ok(());
            }
            Err(OpenError::NoAnswer) => return Err("the server does not answer the request for a consumer".into()),
            Err(OpenError::Failed(error)) => return Err(error),
        };
        self.reader_works();
        reader.created = Instant::now();
        if let Some(first) = reader.first {
            // Before the messages of this reader, so that the gap is reported in its place.
            self.report_dropped(first);
        }
        self.reader = Some(reader);
        // There may be more subscriptions by now.
        self.update_reader_at = Some(tokio::time::Instant::now() + COALESCE);
        Ok(())
    }

    /// Handles that the server refuses a reader. The worker asks again later, and continues to publish.
    fn reader_refused(&mut self, reason: &str) {
        let pause = REFUSED_RETRY.saturating_mul(1 << self.refusals.min(16)).min(REFUSED_RETRY_MAX);
        self.refusals += 1;
        let retry_at = tokio::time::Instant::now() + pause;
        (self.retry_at, self.update_reader_at) = (Some(retry_at), Some(retry_at));
        tracing::warn!(
            stream = self.spec().stream,
            "this process does not receive messages from a stream: {reason}; check the user's permissions, and the limits on consumers of the \
             stream and the account; trying again in {pause:?}"
        );
        if self.refusals > TOLERATED_REFUSALS && self.inner.set_unreadable(self.index, true) {
            self.sink.disconnected();
        }
    }

    /// Notes that the reader works, or that none is needed.
    fn reader_works(&mut self) {
        (self.refusals, self.retry_at) = (0, None);
        if self.inner.set_unreadable(self.index, false) && self.inner.reads_everything() {
            self.sink.connected();
        }
    }

    /// Handles a message from the reader.
    pub(super) async fn receive(&mut self, message: Option<Message>) -> Result<(), String> {
        let message = message.ok_or("the server has closed the subscription")?;
        let Some(reader) = &mut self.reader else { return Ok(()) };
        reader.last_heard = Instant::now();
        if let Some(status) = message.status {
            return self.handle_status(status, &message).await;
        }
        let sequence =
            message.reply.as_deref().and_then(sequences).ok_or("the server sent a message without its sequence")?;
        if sequence.consumer != reader.read + 1 {
            return Err("messages were lost between the server and here; they are read again".into());
        }
        reader.read = sequence.consumer;
        let next = self.cursor.next();
        if reader.filter == Filter::Everything && sequence.stream > next {
            self.sink.missed(self.index, sequence.stream - next);
        }
        let position = self.cursor.epochs().position(sequence.stream);
        let envelope = envelope(self.spec(), &message, position);
        let name = envelope.as_ref().map(|envelope| envelope.id);
        if !self.cursor.record(sequence.stream, &message.subject, name) {
            return Ok(());
        }
        match envelope {
            Some(envelope) => self.sink.deliver(self.index, envelope),
            None => {
                tracing::warn!(subject = %message.subject, "the stream contains a message that no Lanai program has published")
            }
        }
        // After the broker: a new subscription is promised only messages after a position at or after this one.
        self.shard().interest.set_read_to(self.cursor.end() - 1);
        Ok(())
    }

    /// Handles a status message: heartbeats, flow control, and the end of the consumer.
    async fn handle_status(&mut self, status: StatusCode, message: &Message) -> Result<(), String> {
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
                    self.skip_to(last);
                }
            }
            _ => {}
        }
        // Flow control: the server continues when this confirms that everything before has arrived.
        let stalled = header("Nats-Consumer-Stalled");
        if let Some(reply) = message.reply.as_ref().map(|reply| reply.to_string()).or(stalled) {
            self.client.publish(reply, Bytes::new()).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Handles the server's report that there are no more messages for this reader up to a sequence.
    fn skip_to(&mut self, last: u64) {
        let next = self.cursor.next();
        if last >= next && self.reader.as_ref().is_some_and(|reader| reader.filter == Filter::Everything) {
            // There were messages, but they were dropped before they could be read.
            self.sink.missed(self.index, last + 1 - next);
        }
        self.cursor.skip_to(last);
        if self.cursor.catching_up().is_none() {
            self.report_position();
        }
    }

    /// Checks whether the reader makes progress.
    pub(super) async fn check_reader(&mut self) -> Result<(), String> {
        let next = self.cursor.next();
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let mut is_silent = false;
        if reader.last_heard.elapsed() > HEARTBEAT_TIMEOUT {
            // Messages that have already arrived count, however late they are handled.
            match reader.messages.next().now_or_never() {
                Some(message) => return self.receive(message).await,
                None => is_silent = true,
            }
        }
        let is_stuck = match self.stalled {
            _ if next > self.last_stored => {
                (self.stalled, self.restarts) = (None, 0);
                false
            }
            Some((at, since)) if at == next => since.elapsed() > STALL_TIMEOUT,
            _ => {
                self.stalled = Some((next, Instant::now()));
                false
            }
        };
        if !is_silent && !is_stuck {
            return Ok(());
        }
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            return Err(format!("readers repeatedly stall, at {next} of {} messages", self.last_stored));
        }
        tracing::warn!(next, last_stored = self.last_stored, is_silent, "a reader has stalled and is replaced");
        self.restart_reader().await
    }
}
