//! Power failures: what was written, but not synchronized, is lost in part.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use lanai_pubsub::Broker;
use lanai_pubsub::replicated::{Replicate, Replicated, SnapshotPolicy};
use redb::{Database, StorageBackend};
use serde::{Deserialize, Serialize};

use crate::FileJournal;

/// A disk with a cache, whose power supply can fail.
#[derive(Debug, Clone, Default)]
struct Disk(Arc<Mutex<Platters>>);

#[derive(Debug, Default)]
struct Platters {
    /// What survives.
    durable: Vec<u8>,
    /// What programs see.
    cached: Vec<u8>,
    /// The writes since the last synchronization.
    unsynced: Vec<(usize, Vec<u8>)>,
    random: u64,
    /// The number of writes after which nothing reaches the disk.
    writes_left: Option<u32>,
}

impl Disk {
    /// Fails: of what was not synchronized, some blocks of 512 bytes are there, and others are not.
    fn fail(&self) -> Self {
        let mut platters = self.0.lock().unwrap();
        let mut survives = platters.durable.clone();
        for (at, data) in std::mem::take(&mut platters.unsynced) {
            for (index, block) in data.chunks(512).enumerate() {
                // Knuth's linear congruential generator for 64 bits.
                platters.random =
                    platters.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                if platters.random >> 63 == 1 {
                    let from = at + index * 512;
                    survives.resize(survives.len().max(from + block.len()), 0);
                    survives[from..from + block.len()].copy_from_slice(block);
                }
            }
        }
        let random = platters.random;
        let platters = Platters { durable: survives.clone(), cached: survives, random, ..Platters::default() };
        Self(Arc::new(Mutex::new(platters)))
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.0.lock().unwrap().cached.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let platters = self.0.lock().unwrap();
        let from = usize::try_from(offset).unwrap();
        let data = platters.cached.get(from..from + out.len());
        out.copy_from_slice(data.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        let mut platters = self.0.lock().unwrap();
        let len = usize::try_from(len).unwrap();
        // Sizes survive, as with a file system that keeps a journal of them.
        platters.cached.resize(len, 0);
        platters.durable.resize(len, 0);
        platters.unsynced.retain(|(at, data)| at + data.len() <= len);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        let mut platters = self.0.lock().unwrap();
        if platters.writes_left == Some(0) {
            return Err(io::Error::other("the power has failed"));
        }
        platters.durable = platters.cached.clone();
        platters.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let mut platters = self.0.lock().unwrap();
        match &mut platters.writes_left {
            Some(0) => return Err(io::Error::other("the power has failed")),
            Some(left) => *left -= 1,
            None => {}
        }
        let from = usize::try_from(offset).unwrap();
        platters.cached[from..from + data.len()].copy_from_slice(data);
        platters.unsynced.push((from, data.to_vec()));
        Ok(())
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Numbers {
    seen: BTreeSet<u32>,
    events: u32,
}

#[derive(Serialize, Deserialize)]
struct Seen(u32);

impl Replicate for Numbers {
    type Event = Seen;

    fn apply(&mut self, Seen(number): &Seen) {
        self.seen.insert(*number);
        self.events += 1;
    }
}

/// The power fails during any of the writes. What was confirmed is there, nothing is there twice, and the file opens.
#[tokio::test]
async fn after_a_power_failure_everything_confirmed_is_there() {
    let mut disk = Disk::default();
    let mut confirmed = BTreeSet::new();
    let policy = SnapshotPolicy { events: 5, ..SnapshotPolicy::default() };
    for failure in 0..60 {
        let database = Database::builder().create_with_backend(disk.clone()).expect("the file opens");
        let journal = FileJournal::on(database, "disk".as_ref()).expect("the file can be used").snapshots(policy);
        let broker = Broker::with_journal(journal);
        let numbers: Replicated<Numbers> = broker.replicated("numbers").await.expect("the state opens");
        {
            let state = numbers.read();
            assert!(confirmed.is_subset(&state.seen), "a confirmed event is lost at failure {failure}");
            assert_eq!(state.events as usize, state.seen.len(), "an event is there twice at failure {failure}");
        }
        disk.0.lock().unwrap().writes_left = Some(failure * 7);
        for number in failure * 1_000.. {
            match numbers.command(|_| Ok::<_, String>(Seen(number))).await {
                Ok(_) => confirmed.insert(number),
                Err(_) => break,
            };
        }
        let failed = disk.fail();
        drop((numbers, broker));
        disk = failed;
    }
    assert!(confirmed.len() > 100, "only {} events were confirmed", confirmed.len());
}
