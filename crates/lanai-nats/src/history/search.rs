//! The history of one topic.

use std::collections::VecDeque;

use lanai_pubsub::HistoryRequest;

use super::lookup::as_read;
use super::owned_envelope::{OwnedEnvelope, push};
use super::pending::ClaimedRequest;
use super::range_reader::RangeReader;
use super::source::{Failure, MAX_BYTES, Source};
use crate::message::LONGEST_SUBJECT;

/// Answers one request.
pub(super) async fn run(source: &Source, request: ClaimedRequest<'_>) {
    match find(source, request.request()).await {
        Ok(messages) => request.answer(&messages),
        Err(error) => request.retry_later(&error),
    }
}

/// Finds the last messages of a topic, the oldest first.
///
/// The server reports the topic's first and last message, which is enough for topics with at most one. For others, a
/// consumer reports how many messages there are from a sequence on. While there are many more than requested, this
/// guesses a later start from their density. So however long a topic is, it reads only a few times as many messages as
/// requested.
async fn find(source: &Source, request: &HistoryRequest) -> Result<VecDeque<OwnedEnvelope>, Failure> {
    let (subject, up_to) = (source.mapping.subject(request.topic()), source.mapping.sequence(request.up_to()));
    if request.count() == 0 || up_to == 0 || subject.len() > LONGEST_SUBJECT {
        return Ok(VecDeque::new());
    }
    let Some(first) = source.first_from(&subject, 1).await?.filter(|first| first.sequence <= up_to) else {
        return Ok(VecDeque::new());
    };
    let (first, last) = (first.sequence, source.last_before(&subject, up_to + 1).await?);
    let (end, size) = match last {
        Some(last) if request.count() == 1 || last.sequence == first => {
            let sequence = last.sequence;
            return Ok(source.copy(sequence, &as_read(last)).into_iter().collect());
        }
        Some(last) => (last.sequence, last.payload.len()),
        None => (up_to, 1_024),
    };
    let share = ((size + size_of::<OwnedEnvelope>()).saturating_mul(request.count()) >> 10).clamp(1, MAX_BYTES >> 10);
    let _room = source.memory.acquire_many(u32::try_from(share)?).await?;
    let search = Search { source, subject: &subject, count: request.count(), up_to, first };
    let mut end = end + 1;
    loop {
        let (start, mut reader) = search.begin(end).await?;
        let messages = search.read(&mut reader).await;
        reader.close().await;
        let messages = messages?;
        // Some of the counted messages may not be Lanai messages, or may have been deleted.
        if messages.len() >= search.count || start == first {
            return Ok(messages);
        }
        end = start;
    }
}

/// What to search for.
struct Search<'s> {
    source: &'s Source,
    subject: &'s str,
    count: usize,
    up_to: u64,
    /// The sequence of its first message.
    first: u64,
}

impl<'s> Search<'s> {
    /// Finds a sequence before `end` to start from, after which there are enough messages but not many more; or the
    /// first one.
    async fn begin(&self, mut end: u64) -> Result<(u64, RangeReader<'s>), Failure> {
        let (wanted, few) = (self.count as u64, 4 * self.count as u64 + 256);
        let (mut start, mut reader) = (self.first, self.open(self.first).await?);
        if reader.pending <= few {
            return Ok((start, reader));
        }
        // The consumer counts the messages after the range too.
        let next = self.open(self.up_to + 1).await?;
        let after = next.pending;
        next.close().await;
        let left = |reader: &RangeReader<'_>| reader.pending.saturating_sub(after);
        let mut factor = 2;
        while left(&reader) > few && end - start > 64 {
            let distance = u128::from(end - start) * u128::from(wanted * factor) / u128::from(left(&reader));
            factor = factor.saturating_mul(8).min(1 << 30);
            let guess = end.saturating_sub(u64::try_from(distance).unwrap_or(u64::MAX).max(1));
            let middle = if guess > start { guess } else { start + (end - start) / 2 };
            let other = self.open(middle).await?;
            if left(&other) >= wanted {
                std::mem::replace(&mut reader, other).close().await;
                start = middle;
            } else {
                other.close().await;
                end = middle;
            }
        }
        Ok((start, reader))
    }

    async fn open(&self, start: u64) -> Result<RangeReader<'s>, Failure> {
        RangeReader::open(self.source, Some(self.subject), start).await
    }

    async fn read(&self, reader: &mut RangeReader<'_>) -> Result<VecDeque<OwnedEnvelope>, Failure> {
        let (mut last, mut seen) = (VecDeque::new(), 0);
        'reading: loop {
            let messages = reader.next().await?;
            if messages.is_empty() {
                break;
            }
            for (sequence, message) in &messages {
                if *sequence > self.up_to {
                    break 'reading;
                }
                seen = *sequence;
                if let Some(message) = self.source.copy(*sequence, message) {
                    push(&mut last, message, self.count);
                }
            }
        }
        self.source.check_complete(self.subject, seen, self.up_to).await?;
        Ok(last)
    }
}
