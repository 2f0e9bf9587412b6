//! [`Progress`]: how far a stream was read. It outlives connections, and the stream itself.
//!
//! *Places* are the stream's own numbers. A stream that is made anew, or whose server has lost its end, gives places
//! again; *positions*, which the broker is told, only grow. So there are *spans* of positions, each with its distance
//! from the places.

use std::collections::VecDeque;

use lanai_pubsub::PublicationId;

use crate::interest::Filter;

/// How many of the messages that were read last are remembered.
const REMEMBERED: usize = 1_024;
/// How many spans are remembered.
const SPANS: usize = 16;

/// How far a stream was read.
#[derive(Debug)]
pub(crate) struct Progress {
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
    pub(crate) looked: u64,
    /// The last messages that were read, ascending.
    recent: VecDeque<(u64, PublicationId)>,
    spans: Spans,
}

/// How positions and places belong together.
#[derive(Debug, Clone)]
pub(crate) struct Spans(VecDeque<Span>);

#[derive(Debug, Clone, Copy)]
struct Span {
    /// Its first place.
    first: u64,
    /// What is to be added to a place.
    base: u64,
}

impl Spans {
    fn current(&self) -> Span {
        self.0[self.0.len() - 1]
    }

    /// The position of a place.
    pub(crate) fn position(&self, place: u64) -> u64 {
        self.current().base + place
    }

    /// The place at or before a position, as far as it is still that of the same message: places that were given again
    /// are not.
    pub(crate) fn place(&self, position: u64) -> u64 {
        let mut place = u64::MAX;
        for span in self.0.iter().rev() {
            if position >= span.base + span.first {
                return place.min(position - span.base);
            }
            // It is before this span, so at a place before the span's first.
            place = place.min(span.first - 1);
        }
        place.min(position)
    }

    /// Begins a new span at a place, whose position is one that was never given.
    fn begin(&mut self, first: u64, position: u64) {
        if self.0.len() == SPANS {
            self.0.pop_front();
        }
        // Positions only grow, and so does what is added.
        self.0.push_back(Span { first, base: position - first });
    }
}

/// What a new connection finds of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// When it was created.
    pub(crate) created: i128,
    /// The places of its first and last message. If there is none, the first is behind the last.
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// What is different from what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Difference {
    /// Nothing: it has gone on.
    None,
    /// So many messages are gone that were not read.
    Missing(u64),
    /// Messages are gone that were read already, and others may have their places: the server has lost the stream's
    /// end, or the stream was made anew.
    Lost,
}

impl Progress {
    /// Behind all that is there.
    pub(crate) fn behind(found: Found) -> Self {
        Self {
            created: found.created,
            next: found.last + 1,
            covered: Filter::Nothing,
            catching_up: None,
            looked: found.last + 1,
            recent: VecDeque::new(),
            spans: Spans(VecDeque::from([Span { first: 1, base: 0 }])),
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
    pub(crate) fn spans(&self) -> &Spans {
        &self.spans
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
    pub(crate) fn change(&mut self, filter: Filter, behind: Option<u64>) {
        let first = self.spans.current().first;
        match behind {
            Some(behind) if behind + 1 < self.next => self.catching_up = Some((filter, (behind + 1).max(first))),
            _ => (self.covered, self.catching_up) = (filter, None),
        }
    }

    /// Notes that a message was met. True if it is one that was not met before.
    pub(crate) fn meet(&mut self, place: u64, subject: &str, id: Option<PublicationId>) -> bool {
        if place < self.next() {
            return false;
        }
        let is_new = place >= self.next || !self.covered.covers_subject(subject);
        if place >= self.next
            && let Some(id) = id
        {
            if self.recent.len() == REMEMBERED {
                self.recent.pop_front();
            }
            self.recent.push_back((place, id));
        }
        self.skip(place);
        is_new
    }

    /// Notes that what is read has nothing more up to a place.
    pub(crate) fn skip(&mut self, last: u64) {
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
        found: Found,
        mut is_there: impl FnMut(u64, PublicationId) -> F,
    ) -> Result<Difference, E> {
        let known = self.spans.position(self.next - 1);
        if found.created != self.created {
            self.created = found.created;
            self.rewind(found.first.max(1), known + 1);
            return Ok(Difference::Lost);
        }
        // The ones that the server has dropped since, for there is a limit, tell nothing, and no more do those that
        // someone has deleted one by one. Of the others, the last is there if nothing was lost.
        let oldest = self.recent.partition_point(|(place, _)| *place < found.first);
        let mut gone = self.recent.len();
        let mut is_lost = false;
        while gone > oldest && !is_lost {
            let (place, id) = self.recent[gone - 1];
            match if place > found.last { Some(false) } else { is_there(place, id).await? } {
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
                let (place, id) = self.recent[middle];
                if place > found.last || is_there(place, id).await? == Some(false) {
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
            self.rewind(first.max(found.first), known + 1);
            return Ok(Difference::Lost);
        }
        if found.last + 1 < self.next {
            // What was lost was not for this process, or nothing that it has read.
            self.rewind(found.last + 1, known + 1);
            return Ok(Difference::Lost);
        }
        let missing = found.first.saturating_sub(self.next());
        self.skip(found.first - 1);
        Ok(if missing > 0 { Difference::Missing(missing) } else { Difference::None })
    }

    fn rewind(&mut self, place: u64, position: u64) {
        self.next = place;
        self.catching_up = None;
        self.recent.retain(|(read, _)| *read < place);
        self.spans.begin(place, position.max(place));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn id(number: u64) -> PublicationId {
        format!("{:032x}-{number:x}", 10).parse().unwrap()
    }

    fn read(progress: &mut Progress, place: u64, name: u64) {
        assert!(progress.meet(place, "p.0.a", Some(id(name))));
    }

    /// Read up to a place, each message being called by its place.
    fn progress(known: u64) -> Progress {
        let mut progress = Progress::behind(Found { created: 7, first: 1, last: 0 });
        progress.change(Filter::Everything, None);
        (1..=known).for_each(|place| read(&mut progress, place, place));
        progress
    }

    /// Resumes on a stream whose messages are called as given, by place.
    fn resume(progress: &mut Progress, created: i128, first: u64, names: &[u64]) -> Difference {
        let found = Found { created, first, last: first + names.len() as u64 - 1 };
        let name = |place: u64| names.get(usize::try_from(place - first).unwrap()).copied();
        let resumed = progress.resume(found, |place, wanted| {
            std::future::ready(Ok::<_, ()>(name(place).filter(|name| *name != 0).map(|name| id(name) == wanted)))
        });
        resumed.now_or_never().unwrap().unwrap()
    }

    #[test]
    fn a_stream_that_went_on_is_read_on() {
        let mut progress = progress(10);
        assert_eq!(resume(&mut progress, 7, 1, &Vec::from_iter(1..=30)), Difference::None);
        assert_eq!((progress.next, progress.spans.position(11)), (11, 11));
    }

    #[test]
    fn what_the_stream_has_dropped_meanwhile_is_counted() {
        let mut progress = progress(10);
        assert_eq!(resume(&mut progress, 7, 21, &Vec::from_iter(21..=30)), Difference::Missing(10));
        assert_eq!((progress.next, progress.spans.position(21)), (21, 21));
        assert_eq!(resume(&mut progress, 7, 31, &[]), Difference::Missing(10));
        assert_eq!(progress.next, 31, "an empty stream begins behind its last message");
    }

    #[test]
    fn a_stream_that_is_made_anew_is_read_from_its_beginning_and_its_past_is_its_own() {
        let mut progress = progress(10);
        assert_eq!(resume(&mut progress, 8, 1, &[1, 2, 3]), Difference::Lost);
        assert_eq!((progress.next, progress.spans.position(1)), (1, 11));
        assert_eq!(progress.spans.place(10), 0, "what was before is gone");
        assert_eq!(progress.spans.place(13), 3);
    }

    #[test]
    fn a_stream_that_has_lost_its_end_is_read_from_there() {
        for lost in [1, 2, 5, 9] {
            for others in [0, 1, 20] {
                let mut progress = progress(10);
                let names: Vec<u64> = (1..=10 - lost).chain((0..others).map(|other| 1_000 + other)).collect();
                assert_eq!(resume(&mut progress, 7, 1, &names), Difference::Lost, "{lost} {others}");
                assert_eq!(progress.next, 11 - lost);
                let first = progress.spans.position(progress.next);
                assert!(first > 10, "positions go on: {first}");
                assert_eq!(progress.spans.place(first), progress.next);
                assert_eq!(progress.spans.place(10), 10 - lost, "the past ends where it was lost");
                assert_eq!(progress.spans.place(3), 3.min(10 - lost));
            }
        }
        let mut all = progress(10);
        assert_eq!(resume(&mut all, 7, 1, &Vec::from_iter(1_001..=1_012)), Difference::Lost);
        assert_eq!(all.next, 1);
    }

    #[test]
    fn a_message_that_was_deleted_by_itself_is_no_loss() {
        let mut progress = progress(10);
        let names: Vec<u64> = (1..=12).map(|name| if name == 10 || name == 5 { 0 } else { name }).collect();
        assert_eq!(resume(&mut progress, 7, 1, &names), Difference::None);
        assert_eq!(progress.next, 11);
    }

    #[test]
    fn what_was_lost_without_being_read_moves_the_end_alone() {
        let mut progress = progress(5);
        progress.skip(10);
        assert_eq!(resume(&mut progress, 7, 1, &Vec::from_iter(1..=7)), Difference::Lost);
        assert_eq!((progress.next, progress.spans.position(8)), (8, 11));
        assert_eq!(progress.spans.place(10), 7);
    }

    #[test]
    fn what_was_not_covered_is_read_up_and_the_rest_not_again() {
        let some = |subjects: &[&str]| Filter::Subjects(subjects.iter().map(|subject| (*subject).to_owned()).collect());
        let mut progress = Progress::behind(Found { created: 7, first: 1, last: 10 });
        progress.change(some(&["a"]), Some(10));
        assert_eq!((progress.next(), progress.covered()), (11, &some(&["a"])));
        assert!(progress.meet(20, "a", Some(id(20))));
        // Somebody wants `b`, from 12 on.
        progress.change(some(&["a", "b"]), Some(11));
        assert_eq!((progress.next(), progress.end(), progress.covered()), (12, 21, &some(&["a"])));
        assert!(progress.meet(15, "b", Some(id(15))));
        assert!(!progress.meet(15, "b", Some(id(15))), "nothing twice, on another connection either");
        assert!(!progress.meet(20, "a", Some(id(20))), "it was read");
        assert_eq!((progress.next(), progress.covered()), (21, &some(&["a", "b"])));
        assert!(progress.meet(22, "a", None) && progress.meet(23, "b", None));
        progress.change(some(&["b"]), Some(22));
        progress.skip(30);
        assert_eq!((progress.next(), progress.end(), progress.catching_up()), (31, 31, None));
    }

    #[test]
    fn losses_add_up() {
        let mut progress = progress(10);
        resume(&mut progress, 7, 1, &Vec::from_iter(1..=8));
        (9..=12).for_each(|place| read(&mut progress, place, 100 + place));
        let highest = progress.spans.position(12);
        resume(&mut progress, 7, 1, &Vec::from_iter((1..=6).chain([200])));
        assert_eq!(progress.next, 7);
        assert!(progress.spans.position(7) > highest);
        for (position, place) in [(3, 3), (8, 6), (10, 6), (highest, 6)] {
            assert_eq!(progress.spans.place(position), place, "{position}");
        }
    }
}
