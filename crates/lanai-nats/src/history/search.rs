//! The past of one topic.

use std::collections::VecDeque;

use lanai_pubsub::HistoryRequest;

use super::kept::{Kept, push};
use super::reader::Reader;
use super::requests::as_read;
use super::wishes::Taken;
use super::{Failure, HELD, Source};
use crate::stream::LONGEST_SUBJECT;

/// Sees to one wish.
pub(super) async fn run(source: &Source, wish: Taken<'_>) {
    match find(source, wish.request()).await {
        Ok(messages) => wish.answer(&messages),
        Err(error) => wish.try_again(&error),
    }
}

/// Finds the last messages of a topic, the oldest first.
///
/// The server tells its first message and its last; that answers for topics with none or one. For others, a consumer
/// tells how many messages there are from a place on. If there are many more than are wanted, a later place to begin at
/// is guessed from how densely they lie, until there are not: however long a topic is, only a few times what is wanted
/// is read.
async fn find(source: &Source, request: &HistoryRequest) -> Result<VecDeque<Kept>, Failure> {
    let (subject, up_to) = (source.places.subject(request.topic()), source.places.place(request.up_to()));
    if request.count() == 0 || up_to == 0 || subject.len() > LONGEST_SUBJECT {
        return Ok(VecDeque::new());
    }
    let Some(first) = source.next(&subject, 1).await?.filter(|first| first.sequence <= up_to) else {
        return Ok(VecDeque::new());
    };
    let (first, last) = (first.sequence, source.last(&subject, up_to + 1).await?);
    let (end, size) = match last {
        Some(last) if request.count() == 1 || last.sequence == first => {
            let place = last.sequence;
            return Ok(source.keep(place, &as_read(last)).into_iter().collect());
        }
        Some(last) => (last.sequence, last.payload.len()),
        None => (up_to, 1_024),
    };
    let share = ((size + size_of::<Kept>()).saturating_mul(request.count()) >> 10).clamp(1, HELD >> 10);
    let _room = source.room.acquire_many(u32::try_from(share)?).await?;
    let topic = Topic { source, subject: &subject, count: request.count(), up_to, first };
    let mut late = end + 1;
    loop {
        let (early, mut reader) = topic.begin(late).await?;
        let messages = topic.read(&mut reader).await;
        reader.close().await;
        let messages = messages?;
        // Of what was counted, some may have been no messages of ours, or gone by then.
        if messages.len() >= topic.count || early == first {
            return Ok(messages);
        }
        late = early;
    }
}

/// What is looked for.
struct Topic<'s> {
    source: &'s Source,
    subject: &'s str,
    count: usize,
    up_to: u64,
    /// Where its first message is.
    first: u64,
}

impl<'s> Topic<'s> {
    /// Finds a place before `late` to begin at, behind which there are enough messages, but not many more; or its
    /// first.
    async fn begin(&self, mut late: u64) -> Result<(u64, Reader<'s>), Failure> {
        let (wanted, few) = (self.count as u64, 4 * self.count as u64 + 256);
        let (mut early, mut reader) = (self.first, self.open(self.first).await?);
        if reader.pending <= few {
            return Ok((early, reader));
        }
        // What comes after is counted too.
        let next = self.open(self.up_to + 1).await?;
        let after = next.pending;
        next.close().await;
        let left = |reader: &Reader<'_>| reader.pending.saturating_sub(after);
        let mut factor = 2;
        while left(&reader) > few && late - early > 64 {
            let distance = u128::from(late - early) * u128::from(wanted * factor) / u128::from(left(&reader));
            factor = factor.saturating_mul(8).min(1 << 30);
            let guess = late.saturating_sub(u64::try_from(distance).unwrap_or(u64::MAX).max(1));
            let start = if guess > early { guess } else { early + (late - early) / 2 };
            let other = self.open(start).await?;
            if left(&other) >= wanted {
                std::mem::replace(&mut reader, other).close().await;
                early = start;
            } else {
                other.close().await;
                late = start;
            }
        }
        Ok((early, reader))
    }

    async fn open(&self, start: u64) -> Result<Reader<'s>, Failure> {
        Reader::open(self.source, Some(self.subject), start).await
    }

    async fn read(&self, reader: &mut Reader<'_>) -> Result<VecDeque<Kept>, Failure> {
        let (mut kept, mut seen) = (VecDeque::new(), 0);
        'reading: loop {
            let messages = reader.next().await?;
            if messages.is_empty() {
                break;
            }
            for (place, message) in &messages {
                if *place > self.up_to {
                    break 'reading;
                }
                seen = *place;
                if let Some(message) = self.source.keep(*place, message) {
                    push(&mut kept, message, self.count);
                }
            }
        }
        self.source.check(self.subject, seen, self.up_to).await?;
        Ok(kept)
    }
}
