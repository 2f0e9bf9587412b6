//! The past of many topics, by reading the stream from its end towards its beginning.
//!
//! It is read in strides: the last messages, then as many again before those, then twice as many, each stride forwards.
//! A topic that has as many messages as are wanted of it is answered at the end of a stride, the others when the
//! beginning is reached.
//!
//! First, it is read for as long as that costs no more than to ask the server about each topic that is left. Then the
//! server is asked for the first and the last message of each: some topics have none, or none that was not met. Then it
//! is read on, past what lies behind all last messages, for as long as that costs no more than a search for each. The
//! rest is left to searches.

use std::collections::{HashMap, VecDeque};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::lookup::as_read;
use super::owned_envelope::{OwnedEnvelope, push};
use super::pending::ClaimedRequest;
use super::range_reader::RangeReader;
use super::source::{CONCURRENT_SEARCHES, Failure, MAX_BYTES, Source};

/// What it costs to ask the server about a topic, in messages that could be read for it.
const QUERY_COST: u64 = 16;
/// What a search costs, and each message that it finds: the server may read a block of its file for each.
const SEARCH_COST: u64 = 300;
/// How many bytes of a message cost as much as the message itself.
const BYTES_PER_COST: u64 = 2_048;
/// How many messages the first stride has.
const FIRST_STRIDE: u64 = 4_096;

/// Sees to all these wishes, or leaves them to searches.
pub(super) async fn run(source: &Source, pending_history: Vec<ClaimedRequest<'_>>) {
    let mut scan = Scan::new(source, pending_history);
    match scan.go().await {
        Ok(()) => scan.targets.into_values().for_each(|targets| targets.request.leave_to_search()),
        Err(error) => scan.targets.into_values().for_each(|targets| targets.request.retry_later(&error)),
    }
}

struct Scan<'s, 'w> {
    source: &'s Source,
    /// The topics that have no answer yet, by subject.
    targets: HashMap<String, Target<'w>>,
    /// All from here on was read.
    read_from: u64,
    /// Nothing of interest is before this place.
    first: u64,
    /// How many messages were read, and what that has cost.
    read: u64,
    cost: u64,
    /// How many bytes of messages are held.
    held_bytes: usize,
}

/// What is known of a topic.
struct Target<'w> {
    request: ClaimedRequest<'w>,
    count: usize,
    up_to: u64,
    /// Its messages in what was read, the oldest first: `count` at most.
    found: VecDeque<OwnedEnvelope>,
    /// Those of the present stride.
    stride: VecDeque<OwnedEnvelope>,
    bytes: usize,
    /// Where its first message is, if the server was asked.
    first: u64,
}

/// What the server says of a topic.
enum TopicBounds {
    /// What was found of it is all.
    Complete,
    /// Its last message, which is all that is wanted, or all there is.
    Last(Option<OwnedEnvelope>),
    /// There are older ones: where the first is, and behind which place none is wanted.
    Older { first: u64, end: u64 },
}

impl<'s, 'w> Scan<'s, 'w> {
    fn new(source: &'s Source, pending_history: Vec<ClaimedRequest<'w>>) -> Self {
        let mut targets = HashMap::with_capacity(pending_history.len());
        for request in pending_history {
            let (count, up_to) = (request.request().count(), source.mapping.sequence(request.request().up_to()));
            let subject = source.mapping.subject(request.request().topic());
            let new =
                Target { request, count, up_to, found: VecDeque::new(), stride: VecDeque::new(), bytes: 0, first: 0 };
            if let Some(twice) = targets.insert(subject, new) {
                twice.request.leave_to_search();
            }
        }
        let read_from = targets.values().map(|targets| targets.up_to).max().unwrap_or(0) + 1;
        Self { source, targets, read_from, first: source.mapping.first().max(1), read: 0, cost: 0, held_bytes: 0 }
    }

    async fn go(&mut self) -> Result<(), Failure> {
        self.read_on(|_| QUERY_COST).await?;
        self.ask().await?;
        self.read_on(|targets| SEARCH_COST * (1 + targets.count.min(1 << 20) as u64)).await
    }

    /// Reads on for as long as it costs no more than the price of all topics that are left.
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
            let early = self.read_from.saturating_sub(stride).max(self.first);
            let mut reader = RangeReader::open(self.source, None, early).await?;
            let read = self.read_stride(&mut reader, 2 * allowed.max(before + FIRST_STRIDE)).await;
            reader.close().await;
            if !read? {
                return Ok(());
            }
            self.read_from = early;
            stride *= 2;
        }
    }

    /// Reads what is between the beginning of a reader and what was read before. False if that turns out to cost too
    /// much.
    async fn read_stride(&mut self, reader: &mut RangeReader<'_>, most: u64) -> Result<bool, Failure> {
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
                self.claim_for_scan(*sequence, message);
            }
            self.evict();
            if self.cost > most {
                for targets in self.targets.values_mut() {
                    self.held_bytes -= targets.drop_stride();
                }
                return Ok(false);
            }
        }
        self.source.check_complete(">", seen, self.read_from - 1).await?;
        for targets in self.targets.values_mut() {
            targets.stride.append(&mut targets.found);
            std::mem::swap(&mut targets.stride, &mut targets.found);
        }
        Ok(true)
    }

    /// Takes a message to its topic.
    fn claim_for_scan(&mut self, sequence: u64, message: &async_nats::Message) {
        self.read += 1;
        self.cost += 1 + message.payload.len() as u64 / BYTES_PER_COST;
        let Some(targets) = self.targets.get_mut(&*message.subject) else { return };
        let memory = targets.count.saturating_sub(targets.found.len());
        if sequence > targets.up_to || memory == 0 {
            return;
        }
        if let Some(owned_envelope) = self.source.to_owned_envelope(sequence, message) {
            let more = owned_envelope.size();
            let less = push(&mut targets.stride, owned_envelope, memory).map_or(0, |forgotten| forgotten.size());
            targets.bytes = targets.bytes + more - less;
            self.held_bytes = self.held_bytes + more - less;
        }
    }

    /// Puts topics off if too much is held: until the next scan, or if there are few, until a search. At least one
    /// stays.
    fn evict(&mut self) {
        if self.held_bytes <= MAX_BYTES {
            return;
        }
        let (mut less, mut stays) = (self.held_bytes - MAX_BYTES / 2, false);
        let put_off = self.targets.extract_if(|_, targets| {
            let leaves = stays && less > 0 && targets.bytes > 0;
            less = less.saturating_sub(if leaves { targets.bytes } else { 0 });
            stays = true;
            leaves
        });
        for (_, targets) in put_off {
            self.held_bytes -= targets.bytes;
        }
    }

    /// Answers for the topics of which no more is to come.
    async fn answer(&mut self) {
        let (read_from, from_the_first) = (self.read_from, self.read_from <= self.first);
        let complete = |targets: &Target<'_>| {
            from_the_first || targets.found.len() >= targets.count || targets.up_to == 0 || targets.first >= read_from
        };
        let answers: Vec<_> = self.targets.extract_if(|_, targets| complete(targets)).collect();
        for (_, targets) in answers {
            self.held_bytes -= targets.bytes;
            targets.request.answer(&targets.found);
            // It has called subscribers: live messages first.
            tokio::task::yield_now().await;
        }
    }

    /// Asks the server about each topic that is left.
    async fn ask(&mut self) -> Result<(), Failure> {
        let query_bounds = self.query_bounds().await?;
        let (mut first, mut end) = (u64::MAX, 0);
        for (subject, word) in query_bounds {
            let Some(targets) = self.targets.get_mut(&subject) else { continue };
            match word {
                TopicBounds::Complete => targets.first = u64::MAX,
                TopicBounds::Last(owned_envelope) => {
                    targets.found = owned_envelope.into_iter().collect();
                    targets.first = u64::MAX;
                }
                TopicBounds::Older { first: its_first, end: its_end } => {
                    targets.first = its_first;
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

    /// What the server says of each.
    async fn query_bounds(&self) -> Result<Vec<(String, TopicBounds)>, Failure> {
        let (mut topics, mut asking) = (self.targets.iter(), FuturesUnordered::new());
        let mut query_bounds = Vec::with_capacity(topics.len());
        loop {
            while asking.len() < CONCURRENT_SEARCHES
                && let Some((subject, targets)) = topics.next()
            {
                asking.push(async move { (subject.clone(), targets.ask(self.source, subject, self.read_from).await) });
            }
            let Some((subject, word)) = asking.next().await else { return Ok(query_bounds) };
            query_bounds.push((subject, word?));
        }
    }
}

impl Target<'_> {
    async fn ask(&self, source: &Source, subject: &str, read_from: u64) -> Result<TopicBounds, Failure> {
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
                    TopicBounds::Last(source.to_owned_envelope(sequence, &as_read(last)))
                }
                Some(last) => TopicBounds::Older { first, end: last.sequence },
                None => TopicBounds::Older { first, end: before - 1 },
            }),
        }
    }

    /// Forgets what the present stride has brought, and says how many bytes that was.
    fn drop_stride(&mut self) -> usize {
        let bytes = self.stride.drain(..).map(|owned_envelope| owned_envelope.size()).sum();
        self.bytes -= bytes;
        bytes
    }
}
