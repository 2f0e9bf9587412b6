//! How a worker reads: which reader it has, and what it does with what comes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::{Message, StatusCode};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use super::Worker;
use super::reader::{OpenError, Reader};
use crate::interest::Filter;
use crate::message::{envelope, sequences};

/// How long a reader may stay behind what is stored.
const STALL_TIMEOUT: Duration = Duration::from_secs(3);
/// How many subjects a reader names, if the server knows readers of several.
const MAX_SUBJECTS: usize = 32;
/// How long what nobody wants any more is read still.
const FILTER_LINGER: Duration = Duration::from_secs(10);
/// Readers that are made anew so often within a time read everything for a while.
const MAX_WIDENINGS: usize = 8;
/// After how long without a word the consumer counts as lost.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long to wait between readers, so that what is wanted in the same moment makes one.
const COALESCE: Duration = Duration::from_millis(50);
/// How often to see whether less would do.
const RECHECK: Duration = Duration::from_secs(2);
/// How often in a row another reader is tried where one stays behind.
const MAX_RESTARTS: u32 = 2;
/// How long to wait before the server is asked again that has refused a reader: at first, and at most.
const REFUSED_RETRY: Duration = Duration::from_millis(250);
const REFUSED_RETRY_MAX: Duration = Duration::from_secs(16);
/// How often in a row a reader may be refused before that is told. Where there may be few consumers, the former one has
/// to go first.
const TOLERATED_REFUSALS: u32 = 1;
impl Worker {
    /// Makes another reader if the present one does not read what is wanted, or has read much more for some time.
    pub(super) async fn update_reader(&mut self) -> Result<(), String> {
        // One thing after the other: what is being read up comes first.
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
        let wanted = self.shard().interest.filter(self.spec(), self.most_subjects());
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
            // What is wanted in the same moment makes one reader.
            Some(reader) if reader.created.elapsed() < COALESCE => {
                self.update_reader_at = Some(tokio::time::Instant::now() + COALESCE);
                return Ok(());
            }
            Some(_) => self.widenings.push_back(now),
        }
        self.replace_reader().await
    }

    /// How many subjects a reader may name before it reads everything.
    fn most_subjects(&self) -> usize {
        match self.widenings.len() {
            MAX_WIDENINGS.. => 0,
            _ if self.has_multiple_filters => MAX_SUBJECTS,
            _ => 1,
        }
    }

    /// Reads what is wanted from now on.
    async fn replace_reader(&mut self) -> Result<(), String> {
        self.end_reader().await?;
        let (covered, read, max_subjects) = (self.cursor.covered(), self.cursor.end() - 1, self.most_subjects());
        // Who wants something from now on is to have what is behind this.
        self.sink.stored_up_to(self.index, self.cursor.epochs().position(read));
        let knows_what_is_gone = !matches!(covered, Filter::Subjects(_));
        let (filter, behind) = self.shard().interest.change_filter(self.spec(), covered, read, max_subjects);
        self.cursor.set_filter(filter.clone(), behind);
        let next = self.cursor.next();
        self.cursor.checked_to = if knows_what_is_gone { next } else { self.cursor.checked_to.min(next) };
        self.open_reader(filter);
        Ok(())
    }

    /// Reads as before, by another reader.
    async fn restart_reader(&mut self) -> Result<(), String> {
        self.end_reader().await?;
        let filter = self.cursor.catching_up().unwrap_or_else(|| self.cursor.covered()).clone();
        self.open_reader(filter);
        Ok(())
    }

    /// Ends the present reader, if there is one.
    async fn end_reader(&mut self) -> Result<(), String> {
        // What has come already counts, and is not sent again.
        while let Some(Some(message)) = self.reader.as_mut().and_then(|reader| reader.messages.next().now_or_never()) {
            self.receive(Some(message)).await?;
        }
        if let Some(reader) = self.reader.take() {
            reader.close();
        }
        (self.stalled, self.too_wide_since) = (None, None);
        Ok(())
    }

    /// Asks for a reader from the next message on.
    fn open_reader(&mut self, filter: Filter) {
        if filter != Filter::Nothing {
            let (client, stream, inner) =
                (self.client.clone(), self.stream_info.stream.clone(), Arc::clone(&self.inner));
            self.opening = Some(Box::pin(Reader::open(client, stream, filter, self.cursor.next(), inner)));
        }
    }

    /// Reads by the reader that was asked for.
    pub(super) fn reader_opened(&mut self, reader: Result<Reader, OpenError>) -> Result<(), String> {
        self.opening = None;
        let mut reader = match reader {
            Ok(reader) => reader,
            Err(OpenError::Refused(reason)) => {
                self.reader_refused(&reason);
                return Ok(());
            }
            Err(OpenError::NoAnswer) => return Err("the server makes no consumer: it does not answer".into()),
            Err(OpenError::Failed(error)) => return Err(error),
        };
        self.reader_works();
        reader.created = Instant::now();
        if let Some(first) = reader.first {
            // In its place, before what comes.
            self.report_dropped(first);
        }
        self.reader = Some(reader);
        // More may be wanted by now.
        self.update_reader_at = Some(tokio::time::Instant::now() + COALESCE);
        Ok(())
    }

    /// Notes that the server does not let us read what is wanted. It is asked again later, and what is published goes
    /// on.
    fn reader_refused(&mut self, reason: &str) {
        let pause = REFUSED_RETRY.saturating_mul(1 << self.refusals.min(16)).min(REFUSED_RETRY_MAX);
        self.refusals += 1;
        let retry_at = tokio::time::Instant::now() + pause;
        (self.retry_at, self.update_reader_at) = (Some(retry_at), Some(retry_at));
        tracing::warn!(
            stream = self.spec().stream,
            "what other processes publish is not heard: {reason}; see to the permissions of this user, and to the limits on consumers of the \
             stream and the account; asking again in {pause:?}"
        );
        if self.refusals > TOLERATED_REFUSALS && self.inner.set_unreadable(self.index, true) {
            self.sink.disconnected();
        }
    }

    /// Notes that what is wanted is read, or that nothing is wanted.
    fn reader_works(&mut self) {
        (self.refusals, self.retry_at) = (0, None);
        if self.inner.set_unreadable(self.index, false) && self.inner.reads_everything() {
            self.sink.connected();
        }
    }

    /// Takes a message of the stream.
    pub(super) async fn receive(&mut self, message: Option<Message>) -> Result<(), String> {
        let message = message.ok_or("the server has closed it")?;
        let Some(reader) = &mut self.reader else { return Ok(()) };
        reader.last_heard = Instant::now();
        if let Some(status) = message.status {
            return self.handle_status(status, &message).await;
        }
        let sequence =
            message.reply.as_deref().and_then(sequences).ok_or("the server sent a message without its place")?;
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
                tracing::warn!(subject = %message.subject, "the stream has a message that no Lanai program has sent")
            }
        }
        // After the broker was told of it: who wants something from now on is told of a position at or behind this one.
        self.shard().interest.set_read_to(self.cursor.end() - 1);
        Ok(())
    }

    /// Heeds what the server says beside messages.
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
        // Flow control: it goes on when this says that everything before has come.
        let stalled = header("Nats-Consumer-Stalled");
        if let Some(reply) = message.reply.as_ref().map(|reply| reply.to_string()).or(stalled) {
            self.client.publish(reply, Bytes::new()).await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Notes the server's word that it has nothing more for this reader up to a place.
    fn skip_to(&mut self, last: u64) {
        let next = self.cursor.next();
        if last >= next && self.reader.as_ref().is_some_and(|reader| reader.filter == Filter::Everything) {
            // They were there, and were dropped before they could be read.
            self.sink.missed(self.index, last + 1 - next);
        }
        self.cursor.skip_to(last);
        if self.cursor.catching_up().is_none() {
            self.report_position();
        }
    }

    /// Sees whether the reader still reads.
    pub(super) async fn check_reader(&mut self) -> Result<(), String> {
        let next = self.cursor.next();
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let mut is_silent = false;
        if reader.last_heard.elapsed() > HEARTBEAT_TIMEOUT {
            // What has come already counts, however long it took to get to it.
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
            return Err(format!("readers keep silent, at {next} of {} messages", self.last_stored));
        }
        tracing::warn!(next, last_stored = self.last_stored, is_silent, "a reader has stopped; another one is made");
        self.restart_reader().await
    }
}
