//! [`Shard`]: a stream as it outlives connections, and [`Worker`]: what looks after it on one of them.
//!
//! A worker reads what somebody here wants of the stream, and sends what is in the outbox. It begins by looking at what
//! has become of the stream since the last connection, and of the messages whose confirmations were lost with that.

mod reader;
mod sender;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::RawMessageError;
use async_nats::{Client, Message};
use futures_util::FutureExt;
use lanai_pubsub::{Envelope, TransportSink};
use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::task::JoinSet;

use crate::freshness::{Freshness, Question};
use crate::history::{self, Places, Wishes};
use crate::interest::{Filter, Interest};
use crate::layout::Plan;
use crate::outbox::Outbox;
use crate::progress::{Difference, Progress, Spans};
use crate::stream::{self, Existing};
use crate::transport::Shared;
use reader::{Reader, Unopened};
use sender::{Event, Sender};

/// How often everything is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How often the stream is asked how far it is: when nothing of it is read, and when something is.
const ASK_IDLE: Duration = Duration::from_secs(1);
const ASK_READING: Duration = Duration::from_secs(2);
/// How many messages are dealt with before anything else is looked at.
const TOGETHER: usize = 64;
/// How long the stream may keep silent before the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a reader may stay behind what is stored.
const BEHIND: Duration = Duration::from_secs(3);
/// How many subjects a reader names, if the server knows readers of several.
const MOST_SUBJECTS: usize = 32;
/// How long what nobody wants any more is read still.
const LINGER: Duration = Duration::from_secs(10);
/// Readers that are made anew so often within a time read everything for a while.
const OFTEN: usize = 8;

/// A stream, and what is to be done on it. It outlives connections.
pub(crate) struct Shard {
    pub(crate) outbox: Outbox,
    /// Told when something was put into the outbox.
    pub(crate) filled: Notify,
    pub(crate) interest: Interest,
    pub(crate) freshness: Freshness,
    /// What is wanted of the past.
    pub(crate) wishes: Arc<Wishes>,
    /// Held by the worker of the present session.
    progress: Arc<tokio::sync::Mutex<Progress>>,
    /// The place of the stream's first message, as it was last known.
    first: AtomicU64,
}

impl Shard {
    pub(crate) fn new(progress: Progress) -> Self {
        Self {
            outbox: Outbox::default(),
            filled: Notify::new(),
            interest: Interest::behind(progress.end() - 1),
            freshness: Freshness::default(),
            wishes: Arc::default(),
            progress: Arc::new(tokio::sync::Mutex::new(progress)),
            first: AtomicU64::new(1),
        }
    }
}

/// Something that comes later.
type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The question how far a stream is, on its way.
struct Asking {
    answer: Later<Option<Existing>>,
    question: Question,
    /// The place before which all was read when it was asked.
    end: u64,
}

/// What looks after a stream on one connection.
pub(crate) struct Worker {
    client: Client,
    context: Context,
    existing: Existing,
    shared: Arc<Shared>,
    sink: TransportSink,
    index: usize,
    progress: OwnedMutexGuard<Progress>,
    places: Arc<dyn Places>,
    reader: Option<Reader>,
    /// The next reader, on its way.
    opening: Option<Later<Result<Reader, Unopened>>>,
    sender: Sender,
    /// What the stream is being asked.
    asking: Option<Asking>,
    /// Whether it is to be asked once more when that was answered.
    ask_again: bool,
    asked: Instant,
    answered: Instant,
    /// The place of the last message that is known to be stored.
    stored: u64,
    /// Where the reader was when it was last seen to be behind that, and since when.
    behind: Option<(u64, Instant)>,
    /// How often in a row that has led to another reader.
    stuck: u32,
    /// When readers were made because more was wanted.
    widened: VecDeque<Instant>,
    /// How often in a row the server has refused a reader, and when it is asked again.
    refused: u32,
    retry: Option<tokio::time::Instant>,
    /// When to see whether the reader still reads what is wanted.
    follow_at: Option<tokio::time::Instant>,
    /// Since when the reader reads more than is wanted.
    reads_too_much: Option<Instant>,
    /// Since when the stream is shorter than it was.
    is_short: Option<Instant>,
    /// Whether the server knows readers of several subjects.
    several_subjects: bool,
}

impl Worker {
    /// Finds out where the stream is, and begins to read.
    ///
    /// # Errors
    ///
    /// What went wrong.
    pub(crate) async fn begin(
        client: Client,
        context: Context,
        existing: Existing,
        shared: Arc<Shared>,
        sink: TransportSink,
        index: usize,
    ) -> Result<Self, String> {
        let progress = Arc::clone(&shared.shards[index].progress).lock_owned().await;
        let sender = Sender::new(&client).await?;
        let now = Instant::now();
        let places = ShardPlaces { shared: Arc::clone(&shared), index, spans: progress.spans().clone() };
        let mut worker = Self {
            places: Arc::new(places),
            several_subjects: client.is_server_compatible(2, 10, 0),
            stored: existing.found.last,
            client,
            context,
            existing,
            shared,
            sink,
            index,
            progress,
            reader: None,
            opening: None,
            sender,
            asking: None,
            ask_again: false,
            asked: now,
            answered: now,
            behind: None,
            stuck: 0,
            widened: VecDeque::new(),
            refused: 0,
            retry: None,
            follow_at: None,
            reads_too_much: None,
            is_short: None,
        };
        worker.resume().await?;
        worker.follow_interest().await?;
        while worker.opening.is_some() {
            let opened = answer(worker.opening.as_mut()).await;
            worker.opened(opened)?;
        }
        Ok(worker)
    }

    /// Goes on until the connection is lost; says how it was.
    pub(crate) async fn run(mut self) -> String {
        match self.go_on().await {
            Ok(never) => match never {},
            Err(lost) => format!("{lost} (stream `{}`)", self.plan().stream),
        }
    }

    async fn go_on(&mut self) -> Result<std::convert::Infallible, String> {
        let shared = Arc::clone(&self.shared);
        let shard = &shared.shards[self.index];
        // In a task of its own, since it calls subscribers. It ends with this.
        let mut history = JoinSet::new();
        history.spawn(history::serve(
            self.context.clone(),
            self.existing.stream.clone(),
            Arc::clone(&self.places),
            Arc::clone(&shard.wishes),
        ));
        let mut clock = tokio::time::interval(LOOK);
        clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.send().await?;
            tokio::select! {
                message = Reader::next(&mut self.reader) => {
                    self.take(message).await?;
                    self.take_what_waits().await?;
                }
                event = self.sender.next() => match event {
                    Event::Confirmation(message) => {
                        self.confirm(message)?;
                        self.take_what_waits().await?;
                    }
                    Event::Rested => {}
                },
                () = shard.filled.notified() => {}
                () = shard.interest.changed.notified() => self.follow_interest().await?,
                opened = answer(self.opening.as_mut()) => self.opened(opened)?,
                () = until(self.follow_at) => self.follow_interest().await?,
                Some(Err(error)) = history.join_next() => return Err(format!("the past is not read any more: {error}")),
                () = shard.freshness.wanted.notified() => match self.asking {
                    Some(_) => self.ask_again = true,
                    None => self.ask(),
                },
                answer = answer(self.asking.as_mut().map(|asking| &mut asking.answer)) => self.heard_of(answer)?,
                _ = clock.tick() => self.look().await?,
            }
        }
    }

    /// Takes some more of what has come meanwhile, of both kinds: what came together is dealt with together.
    async fn take_what_waits(&mut self) -> Result<(), String> {
        for _ in 0..TOGETHER {
            let Some(message) = Reader::next(&mut self.reader).now_or_never() else { break };
            self.take(message).await?;
        }
        self.confirm_what_waits(TOGETHER)
    }

    fn shard(&self) -> &Shard {
        &self.shared.shards[self.index]
    }

    fn plan(&self) -> &Plan {
        self.shared.layout.plan(self.index)
    }

    /// Finds out what has become of the stream, and tells who has to know.
    async fn resume(&mut self) -> Result<(), String> {
        // A new leader may need a moment to know all that is stored.
        let begun = Instant::now();
        while self.existing.replicas > 1
            && self.existing.found.last + 1 < self.progress.end()
            && begun.elapsed() < SILENCE
        {
            tokio::time::sleep(LOOK).await;
            if let Ok(stream) = self.context.get_stream(&self.plan().stream).await {
                self.existing = Existing::new(stream);
            }
        }
        let stream = self.existing.stream.clone();
        let difference = self.progress.resume(self.existing.found, |place, id| {
            let stream = stream.clone();
            async move {
                let message = stream::message(&stream, place).await?;
                Ok::<_, RawMessageError>(message.map(|message| stream::id(&message.headers) == Some(id)))
            }
        });
        let difference = difference.await.map_err(text)?;
        let (shared, index) = (Arc::clone(&self.shared), self.index);
        self.places = Arc::new(ShardPlaces { shared, index, spans: self.progress.spans().clone() });
        self.shard().first.store(self.existing.found.first, Ordering::Relaxed);
        if difference == Difference::Lost {
            self.shard().interest.begin_again(self.progress.end());
        }
        match difference {
            Difference::None => self.tell_what_was_dropped(self.existing.found.first),
            Difference::Missing(most) => self.sink.missed(self.index, most),
            Difference::Lost => self.sink.missed(self.index, u64::MAX),
        }
        self.progress.looked = self.progress.next();
        self.pass_if_nothing_is_wanted(self.existing.found.last);
        self.decide_the_doubtful(difference).await
    }

    /// Notes how far the stream is, if nobody wants anything of it.
    fn pass_if_nothing_is_wanted(&mut self, last: u64) {
        let shard = &self.shared.shards[self.index];
        let wanted = shard.interest.lock();
        if wanted.is_empty() && last >= self.progress.end() && self.reader.is_none() && self.opening.is_none() {
            self.progress.change(Filter::Nothing, None);
            self.progress.skip(last);
            self.pass();
        }
    }

    /// Tells how far what is wanted was read: first the broker, so that who wants something from now on is told of a
    /// position at or behind that place.
    fn pass(&self) {
        let read = self.progress.end() - 1;
        self.sink.stored_up_to(self.index, self.progress.spans().position(read));
        self.shard().interest.was_read(read);
    }

    /// Takes the stream's word on how far it is.
    fn heard_of(&mut self, existing: Option<Existing>) -> Result<(), String> {
        let asked = self.asking.take();
        if std::mem::take(&mut self.ask_again) {
            self.ask();
        }
        let (Some(Asking { question, end, .. }), Some(existing)) = (asked, existing) else { return Ok(()) };
        self.answered = Instant::now();
        let found = existing.found;
        if found.created == self.existing.found.created && found.last + 1 < end {
            // A new leader may need a moment to know all that is stored.
            let since = *self.is_short.get_or_insert_with(Instant::now);
            if existing.replicas == 1 || since.elapsed() > SILENCE {
                return Err("the stream has lost its end".into());
            }
            return Ok(());
        }
        self.is_short = None;
        self.learn(existing)?;
        self.tell_what_was_dropped(found.first);
        self.stored = self.stored.max(found.last);
        self.pass_if_nothing_is_wanted(found.last);
        // For those who subscribe from now on, whatever is still on its way to others.
        self.sink.stored_up_to(self.index, self.progress.spans().position(found.last));
        self.shard().freshness.answered(question);
        Ok(())
    }

    /// Notes how the stream is now.
    ///
    /// # Errors
    ///
    /// If it is another one: what is known of the former does not hold for it.
    fn learn(&mut self, existing: Existing) -> Result<(), String> {
        if existing.found.created != self.existing.found.created {
            return Err("the stream was made anew".into());
        }
        self.shard().first.store(existing.found.first, Ordering::Relaxed);
        self.existing = existing;
        Ok(())
    }

    /// Tells of messages that may have been dropped before they were read, since it was last looked at what is the
    /// stream's first. Who reads everything sees them as a gap; others do not, whether they read yet or not.
    fn tell_what_was_dropped(&mut self, first: u64) {
        let reading = self.progress.catching_up().unwrap_or_else(|| self.progress.covered());
        if matches!(reading, Filter::Subjects(_)) && first > self.progress.looked {
            self.sink.missed(self.index, first - self.progress.looked);
        }
        self.progress.looked = self.progress.next().max(first);
    }

    /// Asks how far the stream is.
    fn ask(&mut self) {
        self.asked = Instant::now();
        let (context, name) = (self.context.clone(), self.plan().stream.clone());
        self.asking = Some(Asking {
            answer: Box::pin(async move { context.get_stream(name).await.ok().map(Existing::new) }),
            question: self.shard().freshness.ask(),
            end: self.progress.end(),
        });
    }

    /// Sees whether the server is still there, and all goes on.
    async fn look(&mut self) -> Result<(), String> {
        self.look_after_confirmations()?;
        if self.reader.is_some() {
            self.look_after_reader().await?;
        }
        let ask = if self.reader.is_some() { ASK_READING } else { ASK_IDLE };
        if self.asking.is_none() && self.asked.elapsed() >= ask {
            self.ask();
        }
        if self.reader.is_none() && self.answered.elapsed() > SILENCE {
            return Err(format!("JetStream has not answered for {SILENCE:?}"));
        }
        Ok(())
    }
}

/// How topics and positions are found in a stream, while a connection lasts.
struct ShardPlaces {
    shared: Arc<Shared>,
    index: usize,
    spans: Spans,
}

impl Places for ShardPlaces {
    fn subject(&self, topic: &str) -> String {
        self.shared.layout.plan(self.index).subject(topic)
    }

    fn place(&self, position: u64) -> u64 {
        self.spans.place(position)
    }

    fn envelope<'m>(&self, message: &'m Message, place: u64) -> Option<Envelope<'m>> {
        stream::envelope(self.shared.layout.plan(self.index), message, self.spans.position(place))
    }

    fn first(&self) -> u64 {
        self.shared.shards[self.index].first.load(Ordering::Relaxed)
    }
}

/// Waits for a moment, if there is one to wait for.
async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Waits for an answer, if there is one to wait for.
async fn answer<T>(later: Option<&mut Later<T>>) -> T {
    match later {
        Some(later) => later.await,
        None => std::future::pending().await,
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
