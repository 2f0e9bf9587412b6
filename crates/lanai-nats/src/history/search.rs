//! The past of one topic.

use std::collections::VecDeque;

use lanai_pubsub::HistoryRequest;

use super::lookup::as_read;
use super::owned_envelope::{OwnedEnvelope, push};
use super::pending::ClaimedRequest;
use super::range_reader::RangeReader;
use super::source::{Failure, MAX_BYTES, Source};
use crate::message::LONGEST_SUBJECT;

/// Sees to one wish.
pub(super) async fn run(source: &Source, request: ClaimedRequest<'_>) {
    match find(source, request.request()).await {
        Ok(messages) => request.answer(&messages),
        Err(error) => request.retry_later(&error),
    }
}

/// Finds the last messages of a topic, the oldest first.
///
/// The server tells its first message and its last; that answers for topics with none or one. For others, a consumer
/// tells how many messages there are from a place on. If there are many more than are wanted, a later place to begin at
/// is guessed from how densely they lie, until there are not: however long a topic is, only a few times what is wanted
/// is read.
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
            return Ok(source.to_owned_envelope(sequence, &as_read(last)).into_iter().collect());
        }
        Some(last) => (last.sequence, last.payload.len()),
        None => (up_to, 1_024),
    };
    let share = ((size + size_of::<OwnedEnvelope>()).saturating_mul(request.count()) >> 10).clamp(1, MAX_BYTES >> 10);
    let _room = source.memory.acquire_many(u32::try_from(share)?).await?;
    let topic = Search { source, subject: &subject, count: request.count(), up_to, first };
    let mut read_from = end + 1;
    loop {
        let (early, mut reader) = topic.begin(read_from).await?;
        let messages = topic.read(&mut reader).await;
        reader.close().await;
        let messages = messages?;
        // Of what was counted, some may have been no messages of ours, or gone by then.
        if messages.len() >= topic.count || early == first {
            return Ok(messages);
        }
        read_from = early;
    }
}

/// What is looked for.
struct Search<'s> {
    source: &'s Source,
    subject: &'s str,
    count: usize,
    up_to: u64,
    /// Where its first message is.
    first: u64,
}

impl<'s> Search<'s> {
    /// Finds a place before `late` to begin at, behind which there are enough messages, but not many more; or its
    /// first.
    async fn begin(&self, mut read_from: u64) -> Result<(u64, RangeReader<'s>), Failure> {
        let (wanted, few) = (self.count as u64, 4 * self.count as u64 + 256);
        let (mut early, mut reader) = (self.first, self.open(self.first).await?);
        if reader.pending <= few {
            return Ok((early, reader));
        }
        // What comes after is counted too.
        let next = self.open(self.up_to + 1).await?;
        let after = next.pending;
        next.close().await;
        let left = |reader: &RangeReader<'_>| reader.pending.saturating_sub(after);
        let mut factor = 2;
        while left(&reader) > few && read_from - early > 64 {
            let distance = u128::from(read_from - early) * u128::from(wanted * factor) / u128::from(left(&reader));
            factor = factor.saturating_mul(8).min(1 << 30);
            let guess = read_from.saturating_sub(u64::try_from(distance).unwrap_or(u64::MAX).max(1));
            let start = if guess > early { guess } else { early + (read_from - early) / 2 };
            let other = self.open(start).await?;
            if left(&other) >= wanted {
                std::mem::replace(&mut reader, other).close().await;
                early = start;
            } else {
                other.close().await;
                read_from = start;
            }
        }
        Ok((early, reader))
    }

    async fn open(&self, start: u64) -> Result<RangeReader<'s>, Failure> {
        RangeReader::open(self.source, Some(self.subject), start).await
    }

    async fn read(&self, reader: &mut RangeReader<'_>) -> Result<VecDeque<OwnedEnvelope>, Failure> {
        let (mut owned_envelope, mut seen) = (VecDeque::new(), 0);
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
                if let Some(message) = self.source.to_owned_envelope(*sequence, message) {
                    push(&mut owned_envelope, message, self.count);
                }
            }
        }
        self.source.check_complete(self.subject, seen, self.up_to).await?;
        Ok(owned_envelope)
    }
}
