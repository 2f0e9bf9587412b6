//! [`Cursor`]: how far a stream has been read. It outlives connections, and the stream itself.

use std::collections::VecDeque;

use lanai_pubsub::PublicationId;

use crate::epochs::Epochs;
use crate::interest::Filter;

/// How many of the most recently read messages are remembered.
const RECENT: usize = 1_024;

/// How far a stream has been read.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// Identifies the stream: a stream that was recreated numbers its messages from 1 again.
    created: i128,
    /// The sequence of the next message.
    next: u64,
    /// The filter by which everything before that was read.
    covered: Filter,
    /// A wider filter, and the sequence of its next message. It is set while the messages that the old filter did not
    /// cover are being read up to `next`.
    catching_up: Option<(Filter, u64)>,
    /// The sequence up to which it was checked whether the stream has dropped messages.
    pub(crate) checked_to: u64,
    /// The most recently read messages, in ascending order.
    recent: VecDeque<(u64, PublicationId)>,
    epochs: Epochs,
}

/// The state of a stream on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamState {
    /// When it was created, in nanoseconds since 1970.
    pub(crate) created: i128,
    /// The sequences of its first and last message. If it is empty, the first is greater than the last.
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// How a stream has changed since it was last read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamChange {
    /// It continues where it was.
    Continued,
    /// It has dropped this many messages that were not read.
    Missing(u64),
    /// Messages that were already read are gone, and others may have taken their sequences: the server has lost the end
    /// of the stream, or the stream was recreated.
    Reset,
}

impl Cursor {
    /// A cursor after the last message of a stream.
    pub(crate) fn at_end_of(state: StreamState) -> Self {
        Self {
            created: state.created,
            next: state.last + 1,
            covered: Filter::Nothing,
            catching_up: None,
            checked_to: state.last + 1,
            recent: VecDeque::new(),
            epochs: Epochs::new(),
        }
    }

    /// The sequence of the next message to read.
    pub(crate) fn next(&self) -> u64 {
        self.catching_up.as_ref().map_or(self.next, |(_, next)| *next)
    }

    /// The sequence before which everything covered by the filter was read.
    pub(crate) fn end(&self) -> u64 {
        self.next
    }

    /// The mapping between positions and sequences.
    pub(crate) fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// The filter by which everything up to here was read.
    pub(crate) fn covered(&self) -> &Filter {
        &self.covered
    }

    /// The wider filter, while it is being caught up.
    pub(crate) fn catching_up(&self) -> Option<&Filter> {
        self.catching_up.as_ref().map(|(filter, _)| filter)
    }

    /// Sets another filter. Messages that the old filter did not cover are to be read from after the given sequence on.
    pub(crate) fn set_filter(&mut self, filter: Filter, after: Option<u64>) {
        let first = self.epochs.first();
        match after {
            Some(after) if after + 1 < self.next => self.catching_up = Some((filter, (after + 1).max(first))),
            _ => (self.covered, self.catching_up) = (filter, None),
        }
    }

    /// Records that a message arrived. Returns false if it was read before.
    pub(crate) fn record(&mut self, sequence: u64, subject: &str, id: Option<PublicationId>) -> bool {
        if sequence < self.next() {
            return false;
        }
        let is_new = sequence >= self.next || !self.covered.covers_subject(subject);
        if sequence >= self.next
            && let Some(id) = id
        {
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back((sequence, id));
        }
        self.skip_to(sequence);
        is_new
    }

    /// Records that there are no more messages for the filter up to a sequence.
    pub(crate) fn skip_to(&mut self, last: u64) {
        match &mut self.catching_up {
            Some((_, next)) => {
                *next = (*next).max(last + 1);
                if *next >= self.next
                    && let Some((filter, next)) = self.catching_up.take()
                {
                    (self.covered, self.next) = (filter, next);
                }
            }
            None => self.next = self.next.max(last + 1),
        }
    }

    /// Finds out where to continue in the stream as it is now. `is_there` returns whether a sequence still holds the
    /// message with that id, or `None` if it holds no message.
    ///
    /// # Errors
    ///
    /// As `is_there`.
    pub(crate) async fn resume<E, F: Future<Output = Result<Option<bool>, E>>>(
        &mut self,
        state: StreamState,
        mut is_there: impl FnMut(u64, PublicationId) -> F,
    ) -> Result<StreamChange, E> {
        let known = self.epochs.position(self.next - 1);
        if state.created != self.created {
            self.created = state.created;
            self.restart_at(state.first.max(1), known + 1);
            return Ok(StreamChange::Reset);
        }
        // Messages that the server has dropped because of a limit tell nothing, and neither do those that were deleted
        // one by one. If nothing was lost, the last of the others is still there.
        let oldest = self.recent.partition_point(|(sequence, _)| *sequence < state.first);
        let mut gone = self.recent.len();
        let mut is_lost = false;
        while gone > oldest && !is_lost {
            let (sequence, id) = self.recent[gone - 1];
            match if sequence > state.last { Some(false) } else { is_there(sequence, id).await? } {
                Some(true) => break,
                Some(false) => is_lost = true,
                None => {}
            }
            gone -= 1;
        }
        if is_lost {
            let mut there = oldest;
            while there < gone {
                let middle = there + (gone - there) / 2;
                let (sequence, id) = self.recent[middle];
                if sequence > state.last || is_there(sequence, id).await? == Some(false) {
                    gone = middle;
                } else {
                    there = middle + 1;
                }
            }
            let first = match gone.checked_sub(1) {
                Some(last) => self.recent[last].0 + 1,
                // None of them is there, so it is unknown where the loss begins.
                None => self.recent[0].0,
            };
            self.restart_at(first.max(state.first), known + 1);
            return Ok(StreamChange::Reset);
        }
        if state.last + 1 < self.next {
            // What was lost was not read by this process.
            self.restart_at(state.last + 1, known + 1);
            return Ok(StreamChange::Reset);
        }
        let missing = state.first.saturating_sub(self.next());
        self.skip_to(state.first - 1);
        Ok(if missing > 0 { StreamChange::Missing(missing) } else { StreamChange::Continued })
    }

    fn restart_at(&mut self, sequence: u64, position: u64) {
        self.next = sequence;
        self.catching_up = None;
        self.recent.retain(|(read, _)| *read < sequence);
        self.epochs.begin(sequence, position.max(sequence));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn id(number: u64) -> PublicationId {
        format!("{:032x}-{number:x}", 10).parse().unwrap()
    }

    fn read(cursor: &mut Cursor, sequence: u64, name: u64) {
        assert!(cursor.record(sequence, "p.0.a", Some(id(name))));
    }

    /// A cursor that has read up to a sequence. The id of each message is its sequence.
    fn cursor(known: u64) -> Cursor {
        let mut cursor = Cursor::at_end_of(StreamState { created: 7, first: 1, last: 0 });
        cursor.set_filter(Filter::Everything, None);
        (1..=known).for_each(|sequence| read(&mut cursor, sequence, sequence));
        cursor
    }

    /// Resumes on a stream whose messages have these ids.
    fn resume(cursor: &mut Cursor, created: i128, first: u64, names: &[u64]) -> StreamChange {
        let state = StreamState { created, first, last: first + names.len() as u64 - 1 };
        let name = |sequence: u64| names.get(usize::try_from(sequence - first).unwrap()).copied();
        let resumed = cursor.resume(state, |sequence, wanted| {
            std::future::ready(Ok::<_, ()>(name(sequence).filter(|name| *name != 0).map(|name| id(name) == wanted)))
        });
        resumed.now_or_never().unwrap().unwrap()
    }

    #[test]
    fn a_stream_that_continued_is_read_on() {
        let mut cursor = cursor(10);
        assert_eq!(resume(&mut cursor, 7, 1, &Vec::from_iter(1..=30)), StreamChange::Continued);
        assert_eq!((cursor.next, cursor.epochs.position(11)), (11, 11));
    }

    #[test]
    fn dropped_messages_are_counted() {
        let mut cursor = cursor(10);
        assert_eq!(resume(&mut cursor, 7, 21, &Vec::from_iter(21..=30)), StreamChange::Missing(10));
        assert_eq!((cursor.next, cursor.epochs.position(21)), (21, 21));
        assert_eq!(resume(&mut cursor, 7, 31, &[]), StreamChange::Missing(10));
        assert_eq!(cursor.next, 31, "an empty stream begins after its last message");
    }

    #[test]
    fn a_recreated_stream_is_read_from_its_beginning() {
        let mut cursor = cursor(10);
        assert_eq!(resume(&mut cursor, 8, 1, &[1, 2, 3]), StreamChange::Reset);
        assert_eq!((cursor.next, cursor.epochs.position(1)), (1, 11));
        assert_eq!(cursor.epochs.sequence(10), 0, "the messages before are gone");
        assert_eq!(cursor.epochs.sequence(13), 3);
    }

    #[test]
    fn a_stream_that_has_lost_its_end_is_read_from_there() {
        for lost in [1, 2, 5, 9] {
            for others in [0, 1, 20] {
                let mut cursor = cursor(10);
                let names: Vec<u64> = (1..=10 - lost).chain((0..others).map(|other| 1_000 + other)).collect();
                assert_eq!(resume(&mut cursor, 7, 1, &names), StreamChange::Reset, "{lost} {others}");
                assert_eq!(cursor.next, 11 - lost);
                let first = cursor.epochs.position(cursor.next);
                assert!(first > 10, "positions increase: {first}");
                assert_eq!(cursor.epochs.sequence(first), cursor.next);
                assert_eq!(cursor.epochs.sequence(10), 10 - lost, "the history ends where the stream was cut");
                assert_eq!(cursor.epochs.sequence(3), 3.min(10 - lost));
            }
        }
        let mut all = cursor(10);
        assert_eq!(resume(&mut all, 7, 1, &Vec::from_iter(1_001..=1_012)), StreamChange::Reset);
        assert_eq!(all.next, 1);
    }

    #[test]
    fn a_single_deleted_message_is_not_a_loss() {
        let mut cursor = cursor(10);
        let names: Vec<u64> = (1..=12).map(|name| if name == 10 || name == 5 { 0 } else { name }).collect();
        assert_eq!(resume(&mut cursor, 7, 1, &names), StreamChange::Continued);
        assert_eq!(cursor.next, 11);
    }

    #[test]
    fn losing_unread_messages_only_moves_the_end() {
        let mut cursor = cursor(5);
        cursor.skip_to(10);
        assert_eq!(resume(&mut cursor, 7, 1, &Vec::from_iter(1..=7)), StreamChange::Reset);
        assert_eq!((cursor.next, cursor.epochs.position(8)), (8, 11));
        assert_eq!(cursor.epochs.sequence(10), 7);
    }

    #[test]
    fn a_wider_filter_reads_only_what_was_not_covered() {
        let some = |subjects: &[&str]| Filter::Subjects(subjects.iter().map(|subject| (*subject).to_owned()).collect());
        let mut cursor = Cursor::at_end_of(StreamState { created: 7, first: 1, last: 10 });
        cursor.set_filter(some(&["a"]), Some(10));
        assert_eq!((cursor.next(), cursor.covered()), (11, &some(&["a"])));
        assert!(cursor.record(20, "a", Some(id(20))));
        // Someone subscribes to `b`, from 12 on.
        cursor.set_filter(some(&["a", "b"]), Some(11));
        assert_eq!((cursor.next(), cursor.end(), cursor.covered()), (12, 21, &some(&["a"])));
        assert!(cursor.record(15, "b", Some(id(15))));
        assert!(!cursor.record(15, "b", Some(id(15))), "no duplicates, even on another connection");
        assert!(!cursor.record(20, "a", Some(id(20))), "it was read before");
        assert_eq!((cursor.next(), cursor.covered()), (21, &some(&["a", "b"])));
        assert!(cursor.record(22, "a", None) && cursor.record(23, "b", None));
        cursor.set_filter(some(&["b"]), Some(22));
        cursor.skip_to(30);
        assert_eq!((cursor.next(), cursor.end(), cursor.catching_up()), (31, 31, None));
    }

    #[test]
    fn losses_add_up() {
        let mut cursor = cursor(10);
        resume(&mut cursor, 7, 1, &Vec::from_iter(1..=8));
        (9..=12).for_each(|sequence| read(&mut cursor, sequence, 100 + sequence));
        let highest = cursor.epochs.position(12);
        resume(&mut cursor, 7, 1, &Vec::from_iter((1..=6).chain([200])));
        assert_eq!(cursor.next, 7);
        assert!(cursor.epochs.position(7) > highest);
        for (position, sequence) in [(3, 3), (8, 6), (10, 6), (highest, 6)] {
            assert_eq!(cursor.epochs.sequence(position), sequence, "{position}");
        }
    }
}
