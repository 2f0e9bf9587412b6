//! How entries and snapshots are stored: the tables, and the bytes of their values.

use lanai_pubsub::replicated::{Append, Entry, EntryId, Snapshot};
use redb::TableDefinition;

/// The events: by the name of the state and the sequence.
pub(crate) const EVENTS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("events");

/// The last sequence of each state.
pub(crate) const LAST: TableDefinition<'_, &str, u64> = TableDefinition::new("last");

/// The snapshots, by the name of the state: the sequence, the version, and the state.
pub(crate) const SNAPSHOTS: TableDefinition<'_, &str, (u64, u32, &[u8])> = TableDefinition::new("snapshots");

/// The bytes of an event: its version (4 bytes, little-endian), the length of its id (1 byte), the id, and the payload.
/// The sequences of a state count by one, so the previous one need not be stored.
pub(crate) fn encode(append: &Append) -> Vec<u8> {
    let id = append.id.to_string();
    let mut bytes = Vec::with_capacity(5 + id.len() + append.payload.len());
    bytes.extend(append.version.to_le_bytes());
    bytes.push(u8::try_from(id.len()).expect("an id is shorter than 256 bytes"));
    bytes.extend(id.bytes());
    bytes.extend(&*append.payload);
    bytes
}

/// Reads the bytes of an event. Returns `None` if they are none.
pub(crate) fn decode(sequence: u64, bytes: &[u8]) -> Option<Entry<'_>> {
    let (version, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first()?;
    let (id, payload) = rest.split_at_checked(usize::from(*length))?;
    let id: EntryId = std::str::from_utf8(id).ok()?.parse().ok()?;
    Some(Entry { sequence, previous: sequence - 1, id, version: u32::from_le_bytes(*version), payload })
}

/// Reads a snapshot.
pub(crate) fn snapshot((sequence, version, payload): (u64, u32, &[u8])) -> Snapshot {
    Snapshot { sequence, version, payload: payload.to_vec() }
}
