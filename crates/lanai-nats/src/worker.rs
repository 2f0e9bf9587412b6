//! [`Worker`]: handles one stream on one connection.
//!
//! A worker reads the messages that this process subscribes to, and sends those in the outbox. First it finds out how
//! the stream has changed since the last connection, and what happened to the messages whose confirmations were lost.

mod mapping;
mod reader;
mod reading;
mod sender;
mod sending;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::RawMessageError;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lanai_pubsub::TransportSink;
use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinSet;

use crate::cursor::{Cursor, StreamChange};
use crate::end_check::Query;
use crate::history::{self, Mapping};
use crate::inner::Inner;
use crate::interest::Filter;
use crate::layout::StreamSpec;
use crate::message;
use crate::retry::sleep_until;
use crate::shard::Shard;
use crate::stream::{self, StreamInfo};
use mapping::ShardMapping;
use reader::{OpenError, Reader};
use sender::{Event, Sender};

/// How often the worker checks everything.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// How often the worker queries the state of the stream: while it reads nothing from it, and while it reads something.
const QUERY_IDLE: Duration = Duration::from_secs(1);
const QUERY_READING: Duration = Duration::from_secs(2);
/// How many messages are handled before anything else gets a turn.
const MAX_BATCH: usize = 64;
/// How long the stream may not answer before the connection counts as lost.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);

/// A query for the state of the stream, in progress.
struct PendingQuery {
    answer: BoxFuture<'static, Option<StreamInfo>>,
    query: Query,
    /// The end of the cursor when the query started.
    end: u64,
}

/// Handles one stream on one connection.
pub(crate) struct Worker {
    client: Client,
    context: Context,
    stream_info: StreamInfo,
    inner: Arc<Inner>,
    sink: TransportSink,
    index: usize,
    cursor: OwnedMutexGuard<Cursor>,
    mapping: Arc<dyn Mapping>,
    reader: Option<Reader>,
    /// The next reader, while it is being opened.
    opening: Option<BoxFuture<'static, Result<Reader, OpenError>>>,
    sender: Sender,
    /// The current query for the stream's state.
    pending_query: Option<PendingQuery>,
    /// Whether to query again after the current one.
    query_again: bool,
    queried_at: Instant,
    answered_at: Instant,
    /// The sequence of the last message that is known to be stored.
    last_stored: u64,
    /// Where the reader was when it was first seen behind `last_stored` without progress, and since when.
    stalled: Option<(u64, Instant)>,
    /// How many readers in a row were replaced because they stalled.
    restarts: u32,
    /// When readers were replaced because they did not cover new subscriptions.
    widenings: VecDeque<Instant>,
    /// How often in a row the server has refused a reader, and when to try again.
    refusals: u32,
    retry_at: Option<tokio::time::Instant>,
    /// When to check whether the reader still reads what is subscribed to.
    update_reader_at: Option<tokio::time::Instant>,
    /// Since when the reader reads more than is subscribed to.
    too_wide_since: Option<Instant>,
    /// Since when the stream is shorter than it was.
    short_since: Option<Instant>,
    /// Whether the server supports consumers with several filter subjects.
    has_multiple_filters: bool,
}

impl Worker {
    /// Finds out how the stream has changed, and starts to read.
    ///
    /// # Errors
    ///
    /// The reason why the session has to end.
    pub(crate) async fn start(
        client: Client,
        context: Context,
        stream_info: StreamInfo,
        inner: Arc<Inner>,
        sink: TransportSink,
        index: usize,
    ) -> Result<Self, String> {
        let cursor = Arc::clone(&inner.shards[index].cursor).lock_owned().await;
        let sender = Sender::new(&client).await?;
        let now = Instant::now();
        let mapping = ShardMapping { inner: Arc::clone(&inner), index, epochs: cursor.epochs().clone() };
        let mut worker = Self {
            mapping: Arc::new(mapping),
            has_multiple_filters: client.is_server_compatible(2, 10, 0),
            last_stored: stream_info.state.last,
            client,
            context,
            stream_info,
            inner,
            sink,
            index,
            cursor,
            reader: None,
            opening: None,
            sender,
            pending_query: None,
            query_again: false,
            queried_at: now,
            answered_at: now,
            stalled: None,
            restarts: 0,
            widenings: VecDeque::new(),
            refusals: 0,
            retry_at: None,
            update_reader_at: None,
            too_wide_since: None,
            short_since: None,
        };
        worker.resume().await?;
        worker.update_reader().await?;
        while worker.opening.is_some() {
            let reader_opened = resolved(worker.opening.as_mut()).await;
            worker.reader_opened(reader_opened)?;
        }
        Ok(worker)
    }

    /// Runs until the connection is lost. Returns the reason.
    pub(crate) async fn run(mut self) -> String {
        match self.run_loop().await {
            Ok(never) => match never {},
            Err(lost) => format!("{lost} (stream `{}`)", self.spec().stream),
        }
    }

    async fn run_loop(&mut self) -> Result<std::convert::Infallible, String> {
        let inner = Arc::clone(&self.inner);
        let shard = &inner.shards[self.index];
        // In its own task, since it calls subscribers. It ends with this worker.
        let mut history = JoinSet::new();
        history.spawn(history::serve(
            self.context.clone(),
            self.stream_info.stream.clone(),
            Arc::clone(&self.mapping),
            Arc::clone(&shard.pending_history),
        ));
        let mut clock = tokio::time::interval(CHECK_INTERVAL);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.send().await?;
            tokio::select! {
                message = Reader::next(&mut self.reader) => {
                    self.receive(message).await?;
                    self.drain_ready().await?;
                }
                event = self.sender.next() => match event {
                    Event::Confirmation(message) => {
                        self.confirm(message)?;
                        self.drain_ready().await?;
                    }
                    Event::PauseOver => {}
                },
                () = shard.outbox_filled.notified() => {}
                () = shard.interest.changed.notified() => self.update_reader().await?,
                reader_opened = resolved(self.opening.as_mut()) => self.reader_opened(reader_opened)?,
                () = sleep_until(self.update_reader_at) => self.update_reader().await?,
                Some(Err(error)) = history.join_next() => return Err(format!("the task that reads history failed: {error}")),
                () = shard.end_check.requested.notified() => match self.pending_query {
                    Some(_) => self.query_again = true,
                    None => self.query_state(),
                },
                state = resolved(self.pending_query.as_mut().map(|pending_query| &mut pending_query.answer)) => self.state_received(state)?,
                _ = clock.tick() => self.check().await?,
            }
        }
    }

    /// Handles more messages and confirmations that have already arrived, so that those that arrive together are
    /// handled together.
    async fn drain_ready(&mut self) -> Result<(), String> {
        for _ in 0..MAX_BATCH {
            let Some(message) = Reader::next(&mut self.reader).now_or_never() else { break };
            self.receive(message).await?;
        }
        self.drain_confirmations(MAX_BATCH)
    }

    fn shard(&self) -> &Shard {
        &self.inner.shards[self.index]
    }

    fn spec(&self) -> &StreamSpec {
        self.inner.layout.spec(self.index)
    }

    /// Finds out how the stream has changed, and reports it.
    async fn resume(&mut self) -> Result<(), String> {
        // A new leader may need a moment to learn what is stored.
        let begun = Instant::now();
        while self.stream_info.replicas > 1
            && self.stream_info.state.last + 1 < self.cursor.end()
            && begun.elapsed() < SILENCE_TIMEOUT
        {
            tokio::time::sleep(CHECK_INTERVAL).await;
            if let Ok(stream) = self.context.get_stream(&self.spec().stream).await {
                self.stream_info = StreamInfo::new(stream);
            }
        }
        let stream = self.stream_info.stream.clone();
        let change = self.cursor.resume(self.stream_info.state, |sequence, id| {
            let stream = stream.clone();
            async move {
                let message = stream::message(&stream, sequence).await?;
                Ok::<_, RawMessageError>(message.map(|message| message::id(&message.headers) == Some(id)))
            }
        });
        let change = change.await.map_err(text)?;
        let (inner, index) = (Arc::clone(&self.inner), self.index);
        self.mapping = Arc::new(ShardMapping { inner, index, epochs: self.cursor.epochs().clone() });
        self.shard().first.store(self.stream_info.state.first, Ordering::Relaxed);
        if change == StreamChange::Reset {
            self.shard().interest.restart_at(self.cursor.end());
        }
        match change {
            StreamChange::Continued => self.report_dropped(self.stream_info.state.first),
            StreamChange::Missing(most) => self.sink.missed(self.index, most),
            StreamChange::Reset => self.sink.missed(self.index, u64::MAX),
        }
        self.cursor.checked_to = self.cursor.next();
        self.advance_if_unsubscribed(self.stream_info.state.last);
        self.resolve_uncertain(change).await
    }

    /// Moves the cursor to the end of the stream if this process has no subscriptions in it.
    fn advance_if_unsubscribed(&mut self, last: u64) {
        let shard = &self.inner.shards[self.index];
        let wanted = shard.interest.lock();
        if wanted.is_empty() && last >= self.cursor.end() && self.reader.is_none() && self.opening.is_none() {
            self.cursor.set_filter(Filter::Nothing, None);
            self.cursor.skip_to(last);
            self.report_position();
        }
    }

    /// Reports how far the stream was read. The broker comes first, so that a new subscription is promised only
    /// messages after a position that is at or after the recorded one.
    fn report_position(&self) {
        let read = self.cursor.end() - 1;
        self.sink.stored_up_to(self.index, self.cursor.epochs().position(read));
        self.shard().interest.set_read_to(read);
    }

    /// Handles the answer to a query for the stream's state.
    fn state_received(&mut self, stream_info: Option<StreamInfo>) -> Result<(), String> {
        let queried_at = self.pending_query.take();
        if std::mem::take(&mut self.query_again) {
            self.query_state();
        }
        let (Some(PendingQuery { query, end, .. }), Some(stream_info)) = (queried_at, stream_info) else {
            return Ok(());
        };
        self.answered_at = Instant::now();
        let state = stream_info.state;
        if state.created == self.stream_info.state.created && state.last + 1 < end {
            // A new leader may need a moment to learn what is stored.
            let since = *self.short_since.get_or_insert_with(Instant::now);
            if stream_info.replicas == 1 || since.elapsed() > SILENCE_TIMEOUT {
                return Err("the stream has lost its last messages".into());
            }
            return Ok(());
        }
        self.short_since = None;
        self.update_stream(stream_info)?;
        self.report_dropped(state.first);
        self.last_stored = self.last_stored.max(state.last);
        self.advance_if_unsubscribed(state.last);
        // For new subscribers, even while messages are still on their way to others.
        self.sink.stored_up_to(self.index, self.cursor.epochs().position(state.last));
        self.shard().end_check.finish(query);
        Ok(())
    }

    /// Updates what is known of the stream.
    ///
    /// # Errors
    ///
    /// If it is a different stream, so that what was known no longer applies.
    fn update_stream(&mut self, stream_info: StreamInfo) -> Result<(), String> {
        if stream_info.state.created != self.stream_info.state.created {
            return Err("the stream was recreated".into());
        }
        self.shard().first.store(stream_info.state.first, Ordering::Relaxed);
        self.stream_info = stream_info;
        Ok(())
    }

    /// Reports messages that the stream may have dropped before they were read, since the last check. A reader of
    /// everything sees them as a gap. A reader of some subjects does not, whether it is open yet or not.
    fn report_dropped(&mut self, first: u64) {
        let reading = self.cursor.catching_up().unwrap_or_else(|| self.cursor.covered());
        if matches!(reading, Filter::Subjects(_)) && first > self.cursor.checked_to {
            self.sink.missed(self.index, first - self.cursor.checked_to);
        }
        self.cursor.checked_to = self.cursor.next().max(first);
    }

    /// Starts a query for the state of the stream.
    fn query_state(&mut self) {
        self.queried_at = Instant::now();
        let (context, name) = (self.context.clone(), self.spec().stream.clone());
        self.pending_query = Some(PendingQuery {
            answer: Box::pin(async move { context.get_stream(name).await.ok().map(StreamInfo::new) }),
            query: self.shard().end_check.begin(),
            end: self.cursor.end(),
        });
    }

    /// Checks whether the server still answers, and whether reading and sending make progress.
    async fn check(&mut self) -> Result<(), String> {
        self.check_confirmations()?;
        if self.reader.is_some() {
            self.check_reader().await?;
        }
        let ask = if self.reader.is_some() { QUERY_READING } else { QUERY_IDLE };
        if self.pending_query.is_none() && self.queried_at.elapsed() >= ask {
            self.query_state();
        }
        if self.reader.is_none() && self.answered_at.elapsed() > SILENCE_TIMEOUT {
            return Err(format!("JetStream has not answered for {SILENCE_TIMEOUT:?}"));
        }
        Ok(())
    }
}

/// Waits for a future, or forever if there is none.
async fn resolved<T>(later: Option<&mut BoxFuture<'static, T>>) -> T {
    match later {
        Some(later) => later.await,
        None => std::future::pending().await,
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
