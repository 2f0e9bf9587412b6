//! Snapshots in the bucket: a *head* for each state, and the parts that it names.
//!
//! A head is replaced only by a later one. Parts are stored before the head that names them, and removed after it was
//! replaced; so whoever finds a part missing reads the head again.

use bytes::Bytes;
use lanai_pubsub::replicated::{JournalError, Snapshot};
use serde::{Deserialize, Serialize};

use super::online::Online;

/// How often a snapshot is read that is replaced meanwhile.
const ATTEMPTS: u32 = 10;

#[derive(Serialize, Deserialize)]
struct Head {
    sequence: u64,
    version: u32,
    parts: usize,
    bytes: usize,
}

/// The key of a state. Keys have fewer characters than names of states: `=` and two digits stand for each other one.
fn key(state: &str) -> String {
    let mut key = String::with_capacity(state.len());
    for byte in state.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => key.push(char::from(byte)),
            _ => key += &format!("={byte:02X}"),
        }
    }
    key
}

fn head_key(state: &str) -> String {
    format!("{}.head", key(state))
}

fn part_key(state: &str, sequence: u64, part: usize) -> String {
    format!("{}.{sequence}.{part}", key(state))
}

async fn head(online: &Online, state: &str) -> Result<Option<(Head, u64)>, JournalError> {
    let failed = |error: String| JournalError(format!("the snapshot of the state `{state}` cannot be read: {error}"));
    let entry = online.snapshots.entry(head_key(state)).await.map_err(|error| failed(error.to_string()))?;
    let Some(entry) = entry.filter(|entry| !entry.value.is_empty()) else { return Ok(None) };
    let head = serde_json::from_slice(&entry.value).map_err(|error| failed(error.to_string()))?;
    Ok(Some((head, entry.revision)))
}

/// Reads the snapshot of a state, if there is one.
pub(super) async fn load(online: &Online, state: &str) -> Result<Option<Snapshot>, JournalError> {
    'again: for _ in 0..ATTEMPTS {
        let Some((head, _)) = head(online, state).await? else { return Ok(None) };
        let mut payload = Vec::with_capacity(head.bytes);
        for part in 0..head.parts {
            let key = part_key(state, head.sequence, part);
            match online.snapshots.get(key).await {
                Ok(Some(bytes)) => payload.extend(bytes),
                Ok(None) => continue 'again,
                Err(error) => return Err(JournalError(error.to_string())),
            }
        }
        if payload.len() == head.bytes {
            return Ok(Some(Snapshot { sequence: head.sequence, version: head.version, payload }));
        }
    }
    Err(JournalError(format!("a part of the snapshot of the state `{state}` is missing")))
}

/// Stores a snapshot unless there is a later one. Then removes the events that it contains.
pub(super) async fn store(
    online: &Online,
    state: &str,
    subject: &str,
    snapshot: &Snapshot,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let before = head(online, state).await?;
    if before.as_ref().is_some_and(|(head, _)| head.sequence >= snapshot.sequence) {
        return Ok(());
    }
    let size = (online.client.max_payload() / 2).max(1);
    let (mut parts, mut first) = (0, None);
    for part in snapshot.payload.chunks(size) {
        let key = part_key(state, snapshot.sequence, parts);
        let revision = online.snapshots.put(key, Bytes::copy_from_slice(part)).await?;
        first.get_or_insert(revision);
        parts += 1;
    }
    let head = Head { sequence: snapshot.sequence, version: snapshot.version, parts, bytes: snapshot.payload.len() };
    let head = Bytes::from(serde_json::to_vec(&head)?);
    // If another process has replaced it meanwhile, this one is not needed.
    match before {
        Some((_, revision)) => online.snapshots.update(head_key(state), head, revision).await.map(drop)?,
        None => online.snapshots.create(head_key(state), head).await.map(drop)?,
    }
    if let Some(first) = first {
        let older = format!("{}{}.*.*", online.snapshots.prefix, key(state));
        online.snapshots.stream.purge().filter(older).sequence(first).await?;
    }
    // The last event stays, so that the server knows its sequence. Some servers take the sequence 1 for a request to
    // remove everything (nats-server #4696).
    if snapshot.sequence > 1 {
        online.stream.purge().filter(subject).sequence(snapshot.sequence).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_states_become_different_keys() {
        assert_eq!(key("board"), "board");
        assert_eq!(key("room/1:a%20b"), "room=2F1=3Aa=2520b");
        assert_ne!(key("a=2Fb"), key("a/b"));
    }
}
