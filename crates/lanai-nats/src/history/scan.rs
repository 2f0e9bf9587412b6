//! The history of many topics, by reading the stream backwards.
//!
//! The stream is read in strides: the last messages, then as many before those, then twice as many. Each stride is read
//! forwards. A topic is answered at the end of a stride if it has enough messages, or else when the beginning of the
//! stream is reached.
//!
//! First, the scan continues for as long as it costs no more than querying the server about each remaining topic. Then
//! it queries the first and last message of each topic; some topics have none, or none before the scanned part. Then it
//! skips what comes after the last messages of all topics, and continues for as long as this costs no more than a
//! search for each. It leaves the rest to searches.

use std::collections::{HashMap, VecDeque};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::lookup::as_read;
use super::owned_envelope::{OwnedEnvelope, push};
use super::pending::ClaimedRequest;
use super::range_reader::RangeReader;
use super::source::{CONCURRENT_SEARCHES, Failure, MAX_BYTES, Source};

/// The cost of querying the server about a topic, as a number of messages that could be read instead.
const QUERY_COST: u64 = 16;
/// The cost of a search, and of each message that it finds: the server may read a block of its file for each.
const SEARCH_COST: u64 = 300;
/// How many bytes cost as much as one message.
const BYTES_PER_COST: u64 = 2_048;
/// The number of messages in the first stride.
const FIRST_STRIDE: u64 = 4_096;

/// Answers the requests, or leaves them to searches.
pub(super) async fn run(source: &Source, requests: Vec<ClaimedRequest<'_>>) {
    let mut scan = Scan::new(source, requests);
    match scan.run().await {
        Ok(()) => scan.targets.into_values().for_each(|target| target.request.leave_to_search()),
        Err(error) => scan.targets.into_values().for_each(|target| target.request.retry_later(&error)),
    }
}

struct Scan<'s, 'w> {
    source: &'s Source,
    /// The topics without an answer, by subject.
    targets: HashMap<String, Target<'w>>,
    /// Everything from this sequence on was read.
    read_from: u64,
    /// Nothing before this sequence is needed.
    first: u64,
    /// How many messages were read, and at which cost.
    read: u64,
    cost: u64,
    /// How many bytes of messages are held.
    held_bytes: usize,
}

/// A topic whose history is requested.
struct Target<'w> {
    request: ClaimedRequest<'w>,
    count: usize,
    up_to: u64,
    /// Its messages in the strides so far, the oldest first; at most `count`.
    found: VecDeque<OwnedEnvelope>,
    /// Its messages in the current stride.
    stride: VecDeque<OwnedEnvelope>,
    bytes: usize,
    /// The sequence of its first message, if the server was queried.
    first: u64,
}

/// What the server reports about a topic.
enum TopicBounds {
    /// The messages that were found are all.
    Complete,
    /// Its last message, which is all that is requested, or all there is.
    Last(Option<OwnedEnvelope>),
    /// There are older messages: the first sequence, and the one after which there are none.
    Older { first: u64, end: u64 },
}

impl<'s, 'w> Scan<'s, 'w> {
    fn new(source: &'s Source, requests: Vec<ClaimedRequest<'w>>) -> Self {
        let mut targets = HashMap::with_capacity(requests.len());
        for request in requests {
            let (count, up_to) = (request.request().count(), source.mapping.sequence(request.request().up_to()));
            let subject = source.mapping.subject(request.request().topic());
            let target =
                Target { request, count, up_to, found: VecDeque::new(), stride: VecDeque::new(), bytes: 0, first: 0 };
            if let Some(duplicate) = targets.insert(subject, target) {
                duplicate.request.leave_to_search();
            }
        }
        let read_from = targets.values().map(|target| target.up_to).max().unwrap_or(0) + 1;
        Self { source, targets, read_from, first: source.mapping.first().max(1), read: 0, cost: 0, held_bytes: 0 }
    }

    async fn run(&mut self) -> Result<(), Failure> {
        self.read_on(|_| QUERY_COST).await?;
        self.query().await?;
        self.read_on(|target| SEARCH_COST * (1 + target.count.min(1 << 20) as u64)).await
    }

    /// Continues to read for as long as that costs no more than the price of all remaining topics.
    async fn read_on(&mut self, price: fn(&Target<'_>) -> u64) -> Result<(), Failure> {
        let before = self.cost;
        let mut stride = FIRST_STRIDE;
        loop {
            self.answer().await;
            let allowed = before + self.targets.values().map(price).sum::<u64>();
            let expected = stride * self.cost.max(1).div_ceil(self.read.max(1));
            if self.targets.is_empty() || self.cost + expected > allowed {
                return Ok(());
            }
            let start = self.read_from.saturating_sub(stride).max(self.first);
            let mut reader = RangeReader::open(self.source, None, start).await?;
            let read = self.read_stride(&mut reader, 2 * allowed.max(before + FIRST_STRIDE)).await;
            reader.close().await;
            if !read? {
                return Ok(());
            }
            self.read_from = start;
            stride *= 2;
        }
    }

    /// Reads from the start of a reader up to what was read before. Returns false if that turns out to cost too much.
    async fn read_stride(&mut self, reader: &mut RangeReader<'_>, max_cost: u64) -> Result<bool, Failure> {
        let mut seen = 0;
        'reading: loop {
            let messages = reader.next().await?;
            if messages.is_empty() {
                break;
            }
            for (sequence, message) in &messages {
                if *sequence >= self.read_from {
                    break 'reading;
                }
                seen = *sequence;
                self.receive(*sequence, message);
            }
            self.evict();
            if self.cost > max_cost {
                for target in self.targets.values_mut() {
                    self.held_bytes -= target.drop_stride();
                }
                return Ok(false);
            }
        }
        self.source.check_complete(">", seen, self.read_from - 1).await?;
        for target in self.targets.values_mut() {
            target.stride.append(&mut target.found);
            std::mem::swap(&mut target.stride, &mut target.found);
        }
        Ok(true)
    }

    /// Adds a message to its topic.
    fn receive(&mut self, sequence: u64, message: &async_nats::Message) {
        self.read += 1;
        self.cost += 1 + message.payload.len() as u64 / BYTES_PER_COST;
        let Some(target) = self.targets.get_mut(&*message.subject) else { return };
        let room = target.count.saturating_sub(target.found.len());
        if sequence > target.up_to || room == 0 {
            return;
        }
        if let Some(envelope) = self.source.copy(sequence, message) {
            let added = envelope.size();
            let dropped = push(&mut target.stride, envelope, room).map_or(0, |removed| removed.size());
            target.bytes = target.bytes + added - dropped;
            self.held_bytes = self.held_bytes + added - dropped;
        }
    }

    /// If too many bytes are held, leaves topics to the next scan or, if there are few, to searches. Keeps at least
    /// one.
    fn evict(&mut self) {
        if self.held_bytes <= MAX_BYTES {
            return;
        }
        let (mut excess, mut keeps_one) = (self.held_bytes - MAX_BYTES / 2, false);
        let evicted = self.targets.extract_if(|_, target| {
            let is_evicted = keeps_one && excess > 0 && target.bytes > 0;
            excess = excess.saturating_sub(if is_evicted { target.bytes } else { 0 });
            keeps_one = true;
            is_evicted
        });
        for (_, target) in evicted {
            self.held_bytes -= target.bytes;
        }
    }

    /// Answers the requests for the topics that are complete.
    async fn answer(&mut self) {
        let (read_from, from_the_first) = (self.read_from, self.read_from <= self.first);
        let complete = |target: &Target<'_>| {
            from_the_first || target.found.len() >= target.count || target.up_to == 0 || target.first >= read_from
        };
        let answers: Vec<_> = self.targets.extract_if(|_, target| complete(target)).collect();
        for (_, target) in answers {
            self.held_bytes -= target.bytes;
            target.request.answer(&target.found);
            // Answering calls subscribers, so let live messages go first.
            tokio::task::yield_now().await;
        }
    }

    /// Queries the server about each remaining topic.
    async fn query(&mut self) -> Result<(), Failure> {
        let bounds = self.query_bounds().await?;
        let (mut first, mut end) = (u64::MAX, 0);
        for (subject, bound) in bounds {
            let Some(target) = self.targets.get_mut(&subject) else { continue };
            match bound {
                TopicBounds::Complete => target.first = u64::MAX,
                TopicBounds::Last(envelope) => {
                    target.found = envelope.into_iter().collect();
                    target.first = u64::MAX;
                }
                TopicBounds::Older { first: its_first, end: its_end } => {
                    target.first = its_first;
                    first = first.min(its_first);
                    end = end.max(its_end);
                }
            }
        }
        self.answer().await;
        self.first = self.first.max(first.min(self.read_from));
        self.read_from = self.read_from.min(end + 1);
        Ok(())
    }

    /// The server's answers.
    async fn query_bounds(&self) -> Result<Vec<(String, TopicBounds)>, Failure> {
        let (mut topics, mut queries) = (self.targets.iter(), FuturesUnordered::new());
        let mut bounds = Vec::with_capacity(topics.len());
        loop {
            while queries.len() < CONCURRENT_SEARCHES
                && let Some((subject, target)) = topics.next()
            {
                queries
                    .push(async move { (subject.clone(), target.query(self.source, subject, self.read_from).await) });
            }
            let Some((subject, bound)) = queries.next().await else { return Ok(bounds) };
            bounds.push((subject, bound?));
        }
    }
}

impl Target<'_> {
    async fn query(&self, source: &Source, subject: &str, read_from: u64) -> Result<TopicBounds, Failure> {
        let before = read_from.min(self.up_to + 1);
        let Some(first) = source.first_from(subject, 1).await?.filter(|first| first.sequence < before) else {
            return Ok(TopicBounds::Complete);
        };
        let first = first.sequence;
        match self.found.is_empty().then(|| source.last_before(subject, before)) {
            None => Ok(TopicBounds::Older { first, end: read_from - 1 }),
            Some(last) => Ok(match last.await? {
                Some(last) if self.count == 1 || last.sequence == first => {
                    let sequence = last.sequence;
                    TopicBounds::Last(source.copy(sequence, &as_read(last)))
                }
                Some(last) => TopicBounds::Older { first, end: last.sequence },
                None => TopicBounds::Older { first, end: before - 1 },
            }),
        }
    }

    /// Drops the messages of the current stride, and returns their size.
    fn drop_stride(&mut self) -> usize {
        let bytes = self.stride.drain(..).map(|envelope| envelope.size()).sum();
        self.bytes -= bytes;
        bytes
    }
}
