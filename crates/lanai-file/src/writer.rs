//! [`Writer`]: the thread that writes the file. What waits for it is written in one transaction.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};

use futures_channel::oneshot;
use lanai_pubsub::replicated::{Append, AppendError, Appended, Entry, Snapshot};
use redb::{Database, ReadableTable, WriteTransaction};

use crate::followers::Followers;
use crate::record::{EVENTS, LAST, SNAPSHOTS, encode};

/// How much one transaction contains at most.
const BATCH: usize = 1_024;

/// Something to be written.
pub(crate) enum Work {
    Append(Append, oneshot::Sender<Result<Appended, AppendError>>),
    Snapshot(Arc<str>, Snapshot),
}

/// The thread that writes the file, until its sender is dropped.
pub(crate) struct Writer {
    pub(crate) database: Arc<Database>,
    pub(crate) followers: Arc<Followers>,
    pub(crate) work: mpsc::Receiver<Work>,
}

impl Writer {
    pub(crate) fn run(self) {
        while let Ok(first) = self.work.recv() {
            let batch: Vec<Work> = std::iter::once(first).chain(self.work.try_iter().take(BATCH - 1)).collect();
            match self.write(&batch) {
                Ok(outcomes) => self.tell(batch, outcomes),
                Err(error) => {
                    tracing::error!("replicated states cannot be written to their file: {error}");
                    let reason = format!("{error}; check the disk");
                    for work in batch {
                        if let Work::Append(_, told) = work {
                            // This fails if nobody waits for the answer.
                            let _ = told.send(Err(AppendError::Refused { reason: reason.clone() }));
                        }
                    }
                }
            }
        }
    }

    /// Writes everything, and synchronizes the file. Returns what became of each append.
    fn write(&self, batch: &[Work]) -> Result<Vec<Result<Appended, AppendError>>, redb::Error> {
        let transaction = self.database.begin_write()?;
        let outcomes = fill(&transaction, batch)?;
        transaction.commit()?;
        Ok(outcomes)
    }

    /// Delivers the events, and tells their publishers.
    fn tell(&self, batch: Vec<Work>, outcomes: Vec<Result<Appended, AppendError>>) {
        let appends = batch.into_iter().filter_map(|work| match work {
            Work::Append(append, told) => Some((append, told)),
            Work::Snapshot(..) => None,
        });
        for ((append, told), outcome) in appends.zip(outcomes) {
            if let Ok(Appended { sequence }) = outcome {
                let Append { id, version, payload, .. } = &append;
                let entry = Entry { sequence, previous: append.expected, id: *id, version: *version, payload };
                self.followers.deliver(&append.state, entry);
            }
            let _ = told.send(outcome);
        }
    }
}

fn fill(transaction: &WriteTransaction, batch: &[Work]) -> Result<Vec<Result<Appended, AppendError>>, redb::Error> {
    let mut events = transaction.open_table(EVENTS)?;
    let mut last = transaction.open_table(LAST)?;
    let mut snapshots = transaction.open_table(SNAPSHOTS)?;
    // The last sequences that this transaction has changed.
    let mut sequences: HashMap<&str, u64> = HashMap::new();
    let mut outcomes = Vec::new();
    for work in batch {
        match work {
            Work::Append(append, _) => {
                let state = &*append.state;
                let current = match sequences.get(state) {
                    Some(current) => *current,
                    None => last.get(state)?.map_or(0, |current| current.value()),
                };
                let expected = append.expected;
                if expected != current {
                    outcomes.push(Err(AppendError::Conflict { expected, current }));
                    continue;
                }
                let sequence = current + 1;
                events.insert((state, sequence), &*encode(append))?;
                sequences.insert(state, sequence);
                outcomes.push(Ok(Appended { sequence }));
            }
            Work::Snapshot(state, Snapshot { sequence, version, payload }) => {
                let stored = snapshots.get(&**state)?.map_or(0, |snapshot| snapshot.value().0);
                if *sequence > stored {
                    snapshots.insert(&**state, (*sequence, *version, &**payload))?;
                    events.retain_in((&**state, 0)..=(&**state, *sequence), |_, _| false)?;
                }
            }
        }
    }
    for (state, sequence) in sequences {
        last.insert(state, sequence)?;
    }
    Ok(outcomes)
}
