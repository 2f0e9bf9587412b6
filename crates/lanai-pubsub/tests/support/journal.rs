//! A journal in memory that several brokers share, and that can misbehave.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard};

use lanai_pubsub::Broker;
use lanai_pubsub::replicated::{
    Append, AppendError, Appended, Delivered, Entry, Journal, JournalFuture, JournalSink, Snapshot, SnapshotPolicy,
};

#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Log>>);

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) entries: Vec<(u64, Append)>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) sinks: Vec<JournalSink>,
    /// Stored, but not delivered yet.
    pub(crate) held: bool,
    /// What becomes of the answers to appends.
    pub(crate) answer: Answer,
    /// The number of appends, with repetitions.
    pub(crate) appends: usize,
    pub(crate) policy: SnapshotPolicy,
    /// Whether commands run into their timeout.
    pub(crate) is_late: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Answer {
    #[default]
    Given,
    /// The entry is stored, but the answer never arrives.
    Lost,
    /// The entry is stored, and then sent again, which conflicts with itself.
    SentTwice,
    /// The journal is away: nothing is stored.
    Away,
    /// The journal refuses.
    Refused,
}

impl Shared {
    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap()
    }

    pub(crate) fn broker(&self) -> Broker {
        Broker::with_journal(self.clone())
    }

    /// Sequences have gaps, as in a stream that several states share.
    fn push(&self, append: Append) -> Result<u64, AppendError> {
        let mut log = self.log();
        let current = log.entries.last().map_or(log.snapshot.as_ref().map_or(0, |s| s.sequence), |(at, _)| *at);
        if append.expected != current {
            return Err(AppendError::Conflict { expected: append.expected, current });
        }
        log.entries.push((current + 3, append));
        Ok(current + 3)
    }

    /// Delivers to all what they do not have yet.
    pub(crate) fn deliver(&self) {
        if self.log().held {
            return;
        }
        let sinks = self.log().sinks.clone();
        sinks.iter().for_each(|sink| self.feed(sink));
    }

    fn feed(&self, sink: &JournalSink) {
        let Some(mut position) = sink.position() else { return };
        let snapshot = self.log().snapshot.clone();
        if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.sequence > position) {
            position = snapshot.sequence;
            sink.restore(Some(&snapshot));
        }
        let entries: Vec<_> = self.log().entries.iter().filter(|(at, _)| *at > position).cloned().collect();
        for (sequence, append) in entries {
            let Append { expected: previous, id, version, payload, .. } = &append;
            let entry = Entry { sequence, previous: *previous, id: *id, version: *version, payload };
            if sink.deliver(entry) == Delivered::Gap {
                return sink.lost(*previous);
            }
        }
    }
}

impl Journal for Shared {
    fn follow(&self, _: &str, sink: JournalSink) -> Box<dyn Any + Send + Sync> {
        self.feed(&sink);
        sink.caught_up();
        self.log().sinks.push(sink);
        Box::new(())
    }

    fn append(&self, append: Append) -> JournalFuture<Result<Appended, AppendError>> {
        let shared = self.clone();
        Box::pin(async move {
            let answer = {
                let mut log = shared.log();
                log.appends += 1;
                log.answer
            };
            match answer {
                Answer::Away => return std::future::pending().await,
                Answer::Refused => return Err(AppendError::Refused { reason: "no space".into() }),
                Answer::Given | Answer::Lost | Answer::SentTwice => {}
            }
            let mut stored = shared.push(append.clone());
            if answer == Answer::SentTwice {
                stored = shared.push(append);
            }
            shared.deliver();
            match answer {
                Answer::Lost => std::future::pending().await,
                _ => stored.map(|sequence| Appended { sequence }),
            }
        })
    }

    fn store(&self, _: &str, snapshot: Snapshot) {
        let mut log = self.log();
        log.entries.retain(|(at, _)| *at > snapshot.sequence);
        log.snapshot = Some(snapshot);
    }

    fn snapshots(&self) -> SnapshotPolicy {
        self.log().policy
    }

    fn timeout(&self) -> JournalFuture<()> {
        match self.log().is_late {
            true => Box::pin(std::future::ready(())),
            false => Box::pin(std::future::pending()),
        }
    }
}
