//! [`Progress`]: how far a stream was read. It outlives connections, and the stream itself.
//!
//! *Places* are the stream's own numbers. A stream that is made anew, or whose server has lost its end, gives places
//! again; *positions*, which the broker is told, only grow. So there are *spans* of positions, each with its distance
//! from the places.

use std::collections::VecDeque;

use lanai_pubsub::PublicationId;

use crate::epochs::Epochs;
use crate::interest::Filter;

/// How many of the messages that were read last are remembered.
const RECENT: usize = 1_024;

/// How far a stream was read.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// Which stream: one that is made anew counts from 1 again.
    created: i128,
    /// The place of the next message.
    next: u64,
    /// What was read before that.
    covered: Filter,
    /// A wider filter, and the place of its next message, while that is before the other: what was not covered is read
    /// up.
    catching_up: Option<(Filter, u64)>,
    /// The place of the next message when it was last looked at what the stream has dropped.
    pub(crate) checked_to: u64,
    /// The last messages that were read, ascending.
    recent: VecDeque<(u64, PublicationId)>,
    epochs: Epochs,
}

/// What a new connection finds of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamState {
    /// When it was created.
    pub(crate) created: i128,
    /// The places of its first and last message. If there is none, the first is behind the last.
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// What is different from what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamChange {
    /// Nothing: it has gone on.
    Continued,
    /// So many messages are gone that were not read.
    Missing(u64),
    /// Messages are gone that were read already, and others may have their places: the server has lost the stream's
    /// end, or the stream was made anew.
    Reset,
}

impl Cursor {
    /// Behind all that is there.
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

    /// The place of the next message of what is read.
    pub(crate) fn next(&self) -> u64 {
        self.catching_up.as_ref().map_or(self.next, |(_, next)| *next)
    }

    /// The place before which all was read that is covered.
    pub(crate) fn end(&self) -> u64 {
        self.next
    }

    /// How positions and places belong together.
    pub(crate) fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// What was read up to here.
    pub(crate) fn covered(&self) -> &Filter {
        &self.covered
    }

    /// The filter by which something is being read up.
    pub(crate) fn catching_up(&self) -> Option<&Filter> {
        self.catching_up.as_ref().map(|(filter, _)| filter)
    }

    /// Goes on with another filter, whose messages are to be read from a place on if they were not covered by the last
    /// one.
    pub(crate) fn set_filter(&mut self, filter: Filter, after: Option<u64>) {
        let first = self.epochs.first();
        match after {
            Some(after) if after + 1 < self.next => self.catching_up = Some((filter, (after + 1).max(first))),
            _ => (self.covered, self.catching_up) = (filter, None),
        }
    }

    /// Notes that a message was met. True if it is one that was not met before.
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

    /// Notes that what is read has nothing more up to a place.
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

    /// Finds where to go on in the stream as it is now. `is_there` tells of a place whether the message of that name is
    /// there still, or nothing if the place is empty.
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
        // The ones that the server has dropped since, for there is a limit, tell nothing, and no more do those that
        // someone has deleted one by one. Of the others, the last is there if nothing was lost.
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
                // None of them is there, so it is not known since when.
                None => self.recent[0].0,
            };
            self.restart_at(first.max(state.first), known + 1);
            return Ok(StreamChange::Reset);
        }
        if state.last + 1 < self.next {
            // What was lost was not for this process, or nothing that it has read.
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

    /// Read up to a place, each message being called by its place.
    fn cursor(known: u64) -> Cursor {
        let mut cursor = Cursor::at_end_of(StreamState { created: 7, first: 1, last: 0 });
        cursor.set_filter(Filter::Everything, None);
        (1..=known).for_each(|sequence| read(&mut cursor, sequence, sequence));
        cursor
    }

    /// Resumes on a stream whose messages are called as given, by place.
    fn resume(cursor: &mut Cursor, created: i128, first: u64, names: &[u64]) -> StreamChange {
        let state = StreamState { created, first, last: first + names.len() as u64 - 1 };
        let name = |sequence: u64| names.get(usize::try_from(sequence - first).unwrap()).copied();
        let resumed = cursor.resume(state, |sequence, wanted| {
            std::future::ready(Ok::<_, ()>(name(sequence).filter(|name| *name != 0).map(|name| id(name) == wanted)))
        });
        resumed.now_or_never().unwrap().unwrap()
    }

    #[test]
    fn a_stream_that_went_on_is_read_on() {
        let mut cursor = cursor(10);
        assert_eq!(resume(&mut cursor, 7, 1, &Vec::from_iter(1..=30)), StreamChange::Continued);
        assert_eq!((cursor.next, cursor.epochs.position(11)), (11, 11));
    }

    #[test]
    fn what_the_stream_has_dropped_meanwhile_is_counted() {
        let mut cursor = cursor(10);
        assert_eq!(resume(&mut cursor, 7, 21, &Vec::from_iter(21..=30)), StreamChange::Missing(10));
        assert_eq!((cursor.next, cursor.epochs.position(21)), (21, 21));
        assert_eq!(resume(&mut cursor, 7, 31, &[]), StreamChange::Missing(10));
        assert_eq!(cursor.next, 31, "an empty stream begins behind its last message");
    }

    #[test]
    fn a_stream_that_is_made_anew_is_read_from_its_beginning_and_its_past_is_its_own() {
        let mut cursor = cursor(10);
        assert_eq!(resume(&mut cursor, 8, 1, &[1, 2, 3]), StreamChange::Reset);
        assert_eq!((cursor.next, cursor.epochs.position(1)), (1, 11));
        assert_eq!(cursor.epochs.sequence(10), 0, "what was before is gone");
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
                assert!(first > 10, "positions go on: {first}");
                assert_eq!(cursor.epochs.sequence(first), cursor.next);
                assert_eq!(cursor.epochs.sequence(10), 10 - lost, "the past ends where it was lost");
                assert_eq!(cursor.epochs.sequence(3), 3.min(10 - lost));
            }
        }
        let mut all = cursor(10);
        assert_eq!(resume(&mut all, 7, 1, &Vec::from_iter(1_001..=1_012)), StreamChange::Reset);
        assert_eq!(all.next, 1);
    }

    #[test]
    fn a_message_that_was_deleted_by_itself_is_no_loss() {
        let mut cursor = cursor(10);
        let names: Vec<u64> = (1..=12).map(|name| if name == 10 || name == 5 { 0 } else { name }).collect();
        assert_eq!(resume(&mut cursor, 7, 1, &names), StreamChange::Continued);
        assert_eq!(cursor.next, 11);
    }

    #[test]
    fn what_was_lost_without_being_read_moves_the_end_alone() {
        let mut cursor = cursor(5);
        cursor.skip_to(10);
        assert_eq!(resume(&mut cursor, 7, 1, &Vec::from_iter(1..=7)), StreamChange::Reset);
        assert_eq!((cursor.next, cursor.epochs.position(8)), (8, 11));
        assert_eq!(cursor.epochs.sequence(10), 7);
    }

    #[test]
    fn what_was_not_covered_is_read_up_and_the_rest_not_again() {
        let some = |subjects: &[&str]| Filter::Subjects(subjects.iter().map(|subject| (*subject).to_owned()).collect());
        let mut cursor = Cursor::at_end_of(StreamState { created: 7, first: 1, last: 10 });
        cursor.set_filter(some(&["a"]), Some(10));
        assert_eq!((cursor.next(), cursor.covered()), (11, &some(&["a"])));
        assert!(cursor.record(20, "a", Some(id(20))));
        // Somebody wants `b`, from 12 on.
        cursor.set_filter(some(&["a", "b"]), Some(11));
        assert_eq!((cursor.next(), cursor.end(), cursor.covered()), (12, 21, &some(&["a"])));
        assert!(cursor.record(15, "b", Some(id(15))));
        assert!(!cursor.record(15, "b", Some(id(15))), "nothing twice, on another connection either");
        assert!(!cursor.record(20, "a", Some(id(20))), "it was read");
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
