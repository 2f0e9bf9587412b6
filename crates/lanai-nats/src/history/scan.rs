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

use super::kept::{Kept, push};
use super::reader::Reader;
use super::requests::as_read;
use super::wishes::Taken;
use super::{AT_ONCE, Failure, HELD, Source};

/// What it costs to ask the server about a topic, in messages that could be read for it.
const ASKING: u64 = 16;
/// What a search costs, and each message that it finds: the server may read a block of its file for each.
const SEARCH: u64 = 300;
/// How many bytes of a message cost as much as the message itself.
const BYTES: u64 = 2_048;
/// How many messages the first stride has.
const STRIDE: u64 = 4_096;

/// Sees to all these wishes, or leaves them to searches.
pub(super) async fn run(source: &Source, wishes: Vec<Taken<'_>>) {
    let mut scan = Scan::new(source, wishes);
    match scan.go().await {
        Ok(()) => scan.sought.into_values().for_each(|sought| sought.wish.leave_to_search()),
        Err(error) => scan.sought.into_values().for_each(|sought| sought.wish.try_again(&error)),
    }
}

struct Scan<'s, 'w> {
    source: &'s Source,
    /// The topics that have no answer yet, by subject.
    sought: HashMap<String, Sought<'w>>,
    /// All from here on was read.
    late: u64,
    /// Nothing of interest is before this place.
    first: u64,
    /// How many messages were read, and what that has cost.
    read: u64,
    cost: u64,
    /// How many bytes of messages are held.
    held: usize,
}

/// What is known of a topic.
struct Sought<'w> {
    wish: Taken<'w>,
    count: usize,
    up_to: u64,
    /// Its messages in what was read, the oldest first: `count` at most.
    found: VecDeque<Kept>,
    /// Those of the present stride.
    stride: VecDeque<Kept>,
    bytes: usize,
    /// Where its first message is, if the server was asked.
    first: u64,
}

/// What the server says of a topic.
enum Word {
    /// What was found of it is all.
    Complete,
    /// Its last message, which is all that is wanted, or all there is.
    Last(Option<Kept>),
    /// There are older ones: where the first is, and behind which place none is wanted.
    Older { first: u64, end: u64 },
}

impl<'s, 'w> Scan<'s, 'w> {
    fn new(source: &'s Source, wishes: Vec<Taken<'w>>) -> Self {
        let mut sought = HashMap::with_capacity(wishes.len());
        for wish in wishes {
            let (count, up_to) = (wish.request().count(), source.places.place(wish.request().up_to()));
            let subject = source.places.subject(wish.request().topic());
            let new =
                Sought { wish, count, up_to, found: VecDeque::new(), stride: VecDeque::new(), bytes: 0, first: 0 };
            if let Some(twice) = sought.insert(subject, new) {
                twice.wish.leave_to_search();
            }
        }
        let late = sought.values().map(|sought| sought.up_to).max().unwrap_or(0) + 1;
        Self { source, sought, late, first: source.places.first().max(1), read: 0, cost: 0, held: 0 }
    }

    async fn go(&mut self) -> Result<(), Failure> {
        self.read_on(|_| ASKING).await?;
        self.ask().await?;
        self.read_on(|sought| SEARCH * (1 + sought.count.min(1 << 20) as u64)).await
    }

    /// Reads on for as long as it costs no more than the price of all topics that are left.
    async fn read_on(&mut self, price: fn(&Sought<'_>) -> u64) -> Result<(), Failure> {
        let before = self.cost;
        let mut stride = STRIDE;
        loop {
            self.answer().await;
            let allowed = before + self.sought.values().map(price).sum::<u64>();
            let expected = stride * self.cost.max(1).div_ceil(self.read.max(1));
            if self.sought.is_empty() || self.cost + expected > allowed {
                return Ok(());
            }
            let early = self.late.saturating_sub(stride).max(self.first);
            let mut reader = Reader::open(self.source, None, early).await?;
            let read = self.read_stride(&mut reader, 2 * allowed.max(before + STRIDE)).await;
            reader.close().await;
            if !read? {
                return Ok(());
            }
            self.late = early;
            stride *= 2;
        }
    }

    /// Reads what is between the beginning of a reader and what was read before. False if that turns out to cost too
    /// much.
    async fn read_stride(&mut self, reader: &mut Reader<'_>, most: u64) -> Result<bool, Failure> {
        let mut seen = 0;
        'reading: loop {
            let messages = reader.next().await?;
            if messages.is_empty() {
                break;
            }
            for (place, message) in &messages {
                if *place >= self.late {
                    break 'reading;
                }
                seen = *place;
                self.take(*place, message);
            }
            self.shed();
            if self.cost > most {
                for sought in self.sought.values_mut() {
                    self.held -= sought.drop_stride();
                }
                return Ok(false);
            }
        }
        self.source.check(">", seen, self.late - 1).await?;
        for sought in self.sought.values_mut() {
            sought.stride.append(&mut sought.found);
            std::mem::swap(&mut sought.stride, &mut sought.found);
        }
        Ok(true)
    }

    /// Takes a message to its topic.
    fn take(&mut self, place: u64, message: &async_nats::Message) {
        self.read += 1;
        self.cost += 1 + message.payload.len() as u64 / BYTES;
        let Some(sought) = self.sought.get_mut(&*message.subject) else { return };
        let room = sought.count.saturating_sub(sought.found.len());
        if place > sought.up_to || room == 0 {
            return;
        }
        if let Some(kept) = self.source.keep(place, message) {
            let more = kept.size();
            let less = push(&mut sought.stride, kept, room).map_or(0, |forgotten| forgotten.size());
            sought.bytes = sought.bytes + more - less;
            self.held = self.held + more - less;
        }
    }

    /// Puts topics off if too much is held: until the next scan, or if there are few, until a search. At least one
    /// stays.
    fn shed(&mut self) {
        if self.held <= HELD {
            return;
        }
        let (mut less, mut stays) = (self.held - HELD / 2, false);
        let put_off = self.sought.extract_if(|_, sought| {
            let leaves = stays && less > 0 && sought.bytes > 0;
            less = less.saturating_sub(if leaves { sought.bytes } else { 0 });
            stays = true;
            leaves
        });
        for (_, sought) in put_off {
            self.held -= sought.bytes;
        }
    }

    /// Answers for the topics of which no more is to come.
    async fn answer(&mut self) {
        let (late, from_the_first) = (self.late, self.late <= self.first);
        let complete = |sought: &Sought<'_>| {
            from_the_first || sought.found.len() >= sought.count || sought.up_to == 0 || sought.first >= late
        };
        let answers: Vec<_> = self.sought.extract_if(|_, sought| complete(sought)).collect();
        for (_, sought) in answers {
            self.held -= sought.bytes;
            sought.wish.answer(&sought.found);
            // It has called subscribers: live messages first.
            tokio::task::yield_now().await;
        }
    }

    /// Asks the server about each topic that is left.
    async fn ask(&mut self) -> Result<(), Failure> {
        let words = self.words().await?;
        let (mut first, mut end) = (u64::MAX, 0);
        for (subject, word) in words {
            let Some(sought) = self.sought.get_mut(&subject) else { continue };
            match word {
                Word::Complete => sought.first = u64::MAX,
                Word::Last(kept) => {
                    sought.found = kept.into_iter().collect();
                    sought.first = u64::MAX;
                }
                Word::Older { first: its_first, end: its_end } => {
                    sought.first = its_first;
                    first = first.min(its_first);
                    end = end.max(its_end);
                }
            }
        }
        self.answer().await;
        self.first = self.first.max(first.min(self.late));
        self.late = self.late.min(end + 1);
        Ok(())
    }

    /// What the server says of each.
    async fn words(&self) -> Result<Vec<(String, Word)>, Failure> {
        let (mut topics, mut asking) = (self.sought.iter(), FuturesUnordered::new());
        let mut words = Vec::with_capacity(topics.len());
        loop {
            while asking.len() < AT_ONCE
                && let Some((subject, sought)) = topics.next()
            {
                asking.push(async move { (subject.clone(), sought.ask(self.source, subject, self.late).await) });
            }
            let Some((subject, word)) = asking.next().await else { return Ok(words) };
            words.push((subject, word?));
        }
    }
}

impl Sought<'_> {
    async fn ask(&self, source: &Source, subject: &str, late: u64) -> Result<Word, Failure> {
        let before = late.min(self.up_to + 1);
        let Some(first) = source.next(subject, 1).await?.filter(|first| first.sequence < before) else {
            return Ok(Word::Complete);
        };
        let first = first.sequence;
        match self.found.is_empty().then(|| source.last(subject, before)) {
            None => Ok(Word::Older { first, end: late - 1 }),
            Some(last) => Ok(match last.await? {
                Some(last) if self.count == 1 || last.sequence == first => {
                    let place = last.sequence;
                    Word::Last(source.keep(place, &as_read(last)))
                }
                Some(last) => Word::Older { first, end: last.sequence },
                None => Word::Older { first, end: before - 1 },
            }),
        }
    }

    /// Forgets what the present stride has brought, and says how many bytes that was.
    fn drop_stride(&mut self) -> usize {
        let bytes = self.stride.drain(..).map(|kept| kept.size()).sum();
        self.bytes -= bytes;
        bytes
    }
}
