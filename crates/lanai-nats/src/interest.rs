//! [`Interest`]: what this process subscribes to in a stream.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::layout::StreamSpec;

/// The topics and wildcards of a stream that have subscribers here.
///
/// The current reader may not read a newly added name. Its subscriber was promised everything after the last reported
/// position. So a reader that includes the name has to start there, although the messages of other names were read
/// further by then.
#[derive(Debug, Default)]
pub(crate) struct Interest {
    names: Mutex<Names>,
    /// The sequence up to which the names were read, as reported to the broker.
    read_to: AtomicU64,
    /// Notified when a name is added, or none is left.
    pub(crate) changed: Notify,
}

/// The names with subscribers.
pub(crate) type Names = HashMap<Box<str>, NameInterest>;

#[derive(Debug)]
pub(crate) struct NameInterest {
    /// How often it was added.
    count: usize,
    /// The sequence after which its messages are needed.
    after: u64,
}

/// What a reader reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    Nothing,
    /// These subjects, none of which covers another.
    Subjects(BTreeSet<String>),
    Everything,
}

impl Interest {
    /// The interest in a stream that was read up to a sequence.
    pub(crate) fn at(sequence: u64) -> Self {
        Self { read_to: AtomicU64::new(sequence), ..Self::default() }
    }

    /// Sets the sequence up to which the names were read, after it was reported to the broker.
    pub(crate) fn set_read_to(&self, sequence: u64) {
        self.read_to.store(sequence, Ordering::SeqCst);
    }

    /// Handles that sequences from one on were assigned again: the subscribers need the new messages.
    pub(crate) fn restart_at(&self, sequence: u64) {
        let mut names = self.lock();
        self.set_read_to(sequence - 1);
        names.values_mut().for_each(|add| add.after = sequence - 1);
    }

    /// Adds a name once more.
    pub(crate) fn add(&self, name: &str) {
        let mut names = self.lock();
        match names.get_mut(name) {
            Some(add) => add.count += 1,
            None => {
                names.insert(name.into(), NameInterest { count: 1, after: self.read_to.load(Ordering::SeqCst) });
                drop(names);
                self.changed.notify_one();
            }
        }
    }

    /// Reverts adding a name once.
    pub(crate) fn remove(&self, name: &str) {
        let mut names = self.lock();
        let Some(add) = names.get_mut(name) else { return };
        add.count -= 1;
        if add.count == 0 {
            names.remove(name);
            if names.is_empty() {
                names.shrink_to_fit();
                drop(names);
                self.changed.notify_one();
            }
        }
    }

    /// Locks the names. While this is held, no name can be added.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes from a filter by which everything up to a sequence was read to the filter for the current names, with at
    /// most `max_subjects`. Returns that filter, and the sequence after which to read those names that the old filter
    /// does not cover.
    ///
    /// Both happen under one lock: a name that is added later begins after the sequence. A name that was added between
    /// two separate steps would be read from too early a sequence, and its subscribers would receive messages twice.
    pub(crate) fn change_filter(
        &self,
        spec: &StreamSpec,
        covered: &Filter,
        read_to: u64,
        max_subjects: usize,
    ) -> (Filter, Option<u64>) {
        let mut names = self.lock();
        self.set_read_to(read_to);
        let mut after = None::<u64>;
        for (name, add) in names.iter_mut() {
            if covered.covers_subject(&spec.subject(name)) {
                add.after = add.after.max(read_to);
            } else {
                after = Some(after.map_or(add.after, |least| least.min(add.after)));
            }
        }
        (filter(&names, spec, max_subjects), after)
    }

    /// The filter for the current names, with at most `max_subjects`.
    pub(crate) fn filter(&self, spec: &StreamSpec, max_subjects: usize) -> Filter {
        filter(&self.lock(), spec, max_subjects)
    }
}

fn filter(names: &Names, spec: &StreamSpec, max_subjects: usize) -> Filter {
    if names.is_empty() {
        return Filter::Nothing;
    }
    let wildcards: Vec<&str> = names.keys().map(|name| &**name).filter(|name| is_wildcard(name)).collect();
    let mut subjects = BTreeSet::new();
    for name in names.keys() {
        if !wildcards.iter().any(|wildcard| *wildcard != &**name && covers(wildcard, name)) {
            subjects.insert(spec.subject(name));
            if subjects.len() > max_subjects {
                return Filter::Everything;
            }
        }
    }
    Filter::Subjects(subjects)
}

impl Filter {
    /// Whether this filter matches everything that the other one matches.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everything, _) | (_, Self::Nothing) => true,
            (Self::Nothing, _) | (_, Self::Everything) => false,
            (Self::Subjects(_), Self::Subjects(those)) => those.iter().all(|subject| self.covers_subject(subject)),
        }
    }

    /// Whether this filter matches a subject, or all subjects that a wildcard covers.
    pub(crate) fn covers_subject(&self, subject: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Subjects(these) => {
                these.contains(subject)
                    || these.iter().any(|wildcard| is_wildcard(wildcard) && covers(wildcard, subject))
            }
        }
    }
}

fn is_wildcard(name: &str) -> bool {
    name.ends_with(".*") || name.ends_with(".>")
}

/// Whether a wildcard covers all topics of a name.
fn covers(wildcard: &str, name: &str) -> bool {
    let (above, deep) = (&wildcard[..wildcard.len() - 1], wildcard.ends_with('>'));
    name.strip_prefix(above).is_some_and(|rest| !rest.is_empty() && (deep || !rest.contains('.') && rest != ">"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::options::Options;

    fn filter(names: &[&str], max_subjects: usize) -> Filter {
        let layout = Layout::new(&Options::new("p")).unwrap();
        let interest = Interest::default();
        names.iter().for_each(|name| interest.add(name));
        interest.filter(layout.spec(0), max_subjects)
    }

    fn subjects(subjects: &[&str]) -> Filter {
        Filter::Subjects(subjects.iter().map(|subject| format!("p.0.{subject}")).collect())
    }

    #[test]
    fn a_filter_omits_subjects_that_a_wildcard_covers() {
        assert_eq!(filter(&["a.1", "a.*", "a.1.x", "b"], 9), subjects(&["a.*", "a.1.x", "b"]));
        assert_eq!(filter(&["a.1", "a.*", "a.>", "a.1.x", "a", "a.1.*"], 9), subjects(&["a", "a.>"]));
        assert_eq!(filter(&[], 9), Filter::Nothing);
    }

    #[test]
    fn too_many_subjects_read_everything() {
        assert_eq!(filter(&["a", "b"], 2), subjects(&["a", "b"]));
        assert_eq!(filter(&["a", "b", "c"], 2), Filter::Everything);
        assert_eq!(filter(&["a.*", "a.1", "a.2"], 1), subjects(&["a.*"]));
    }

    #[test]
    fn a_filter_covers_what_is_in_it() {
        let some = subjects(&["a.*", "b"]);
        for (within, is_covered) in [
            (Filter::Nothing, true),
            (Filter::Everything, false),
            (subjects(&["a.1", "b"]), true),
            (subjects(&["a.*"]), true),
            (subjects(&["a.>"]), false),
            (subjects(&["a.1.x"]), false),
            (subjects(&["a"]), false),
            (subjects(&["c"]), false),
        ] {
            assert_eq!(some.covers(&within), is_covered, "{within:?}");
        }
        assert!(Filter::Everything.covers(&some) && !Filter::Nothing.covers(&some));
    }

    #[test]
    fn a_new_name_is_read_from_where_its_subscription_began() {
        let layout = Layout::new(&Options::new("p")).unwrap();
        let spec = layout.spec(0);
        let interest = Interest::at(10);
        interest.add("a");
        interest.set_read_to(20);
        interest.add("b");
        interest.set_read_to(30);
        interest.add("a");
        let after = |filter: &Filter| interest.change_filter(spec, filter, 20, 9).1;
        assert_eq!(after(&Filter::Nothing), Some(10));
        assert_eq!(after(&subjects(&["a"])), Some(20));
        assert_eq!(after(&subjects(&["a", "b"])), None);
        assert_eq!(after(&Filter::Everything), None);
        interest.restart_at(5);
        assert_eq!(after(&Filter::Nothing), Some(4));
    }

    #[test]
    fn changing_the_filter_repeats_nothing_and_misses_nothing() {
        let layout = Layout::new(&Options::new("p")).unwrap();
        let spec = layout.spec(0);
        let interest = Interest::at(10);
        // The reader of `a` and more has read up to 30, which was not reported yet.
        interest.add("a");
        interest.add("b");
        assert_eq!(interest.change_filter(spec, &subjects(&["a", "b", "c"]), 30, 9), (subjects(&["a", "b"]), None));
        interest.add("c");
        assert_eq!(interest.change_filter(spec, &subjects(&["a", "b"]), 40, 9), (subjects(&["a", "b", "c"]), Some(30)));
        assert_eq!(interest.change_filter(spec, &subjects(&["b"]), 50, 9), (subjects(&["a", "b", "c"]), Some(30)));
        assert_eq!(interest.change_filter(spec, &subjects(&["b", "c"]), 50, 9), (subjects(&["a", "b", "c"]), Some(40)));
    }

    #[test]
    fn a_name_added_twice_must_be_removed_twice() {
        let interest = Interest::default();
        let layout = Layout::new(&Options::new("p")).unwrap();
        interest.add("a");
        interest.add("a");
        interest.remove("a");
        assert_eq!(interest.filter(layout.spec(0), 1), subjects(&["a"]));
        interest.remove("a");
        assert_eq!(interest.filter(layout.spec(0), 1), Filter::Nothing);
        interest.remove("a");
    }
}
