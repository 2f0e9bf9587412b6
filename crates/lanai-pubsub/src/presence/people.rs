//! [`People`]: who is present, as derived from the log. All nodes that have read the same log have the same result.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::event::{LeaveReason, NodeId, Stamp, Track, TrackId};
use super::person::{Change, Entry};

/// The tracks of all nodes, by topic and key.
#[derive(Default)]
pub(crate) struct People {
    topics: HashMap<Arc<str>, TopicPeople>,
    nodes: HashMap<NodeId, NodeTracks>,
}

/// The people on one topic.
#[derive(Default)]
struct TopicPeople {
    by_key: HashMap<Arc<str>, Vec<(NodeId, Track)>>,
    /// In the order of joining.
    order: BTreeSet<(Stamp, Arc<str>)>,
}

/// The tracks of one node.
#[derive(Default)]
struct NodeTracks {
    /// Each with its digest. Equal digests mean that the track is unchanged.
    by_id: BTreeMap<TrackId, (PersonKey, u64)>,
    digest: u64,
}

/// Identifies a person on a topic.
#[derive(Clone, PartialEq, Eq, Hash)]
struct PersonKey {
    topic: Arc<str>,
    key: Arc<str>,
}

impl PersonKey {
    fn of(track: &Track) -> Self {
        Self { topic: Arc::clone(&track.topic), key: Arc::clone(&track.key) }
    }
}

/// A change and its topic.
pub(crate) type TopicChange = (Arc<str>, Change);

impl People {
    /// Inserts a track of a node, or replaces the one of the same number.
    pub(crate) fn put(&mut self, node: NodeId, track: Track, changes: &mut Vec<TopicChange>) {
        let id = track.id;
        let person = PersonKey::of(&track);
        let before = self.nodes.get(&node).and_then(|tracks| tracks.by_id.get(&id));
        if before.is_some_and(|(before, _)| *before != person) {
            self.remove(node, id, LeaveReason::Untracked, changes);
        }
        self.change(&person, LeaveReason::Untracked, changes, |people| {
            people.remove_track(node, id);
            people.insert(node, track);
        });
    }

    /// Removes a track of a node.
    pub(crate) fn remove(&mut self, node: NodeId, id: TrackId, reason: LeaveReason, changes: &mut Vec<TopicChange>) {
        let person = self.nodes.get(&node).and_then(|tracks| tracks.by_id.get(&id)).cloned();
        if let Some((person, _)) = person {
            self.change(&person, reason, changes, |people| people.remove_track(node, id));
        }
    }

    /// Replaces the tracks of a node in a range of numbers.
    pub(crate) fn replace(
        &mut self,
        node: NodeId,
        range: RangeInclusive<TrackId>,
        tracks: &[Track],
        reason: LeaveReason,
        changes: &mut Vec<TopicChange>,
    ) {
        // For each affected person, the tracks to remove and to insert. Most tracks of a state are already known.
        let mut affected: HashMap<PersonKey, (Vec<TrackId>, Vec<Track>)> = HashMap::new();
        let mut known: BTreeMap<TrackId, u64> = BTreeMap::new();
        if let Some(before) = self.nodes.get(&node) {
            let unchanged: HashMap<TrackId, u64> = tracks.iter().map(|track| (track.id, track.digest())).collect();
            for (id, (person, digest)) in before.by_id.range(range.clone()) {
                if unchanged.get(id) == Some(digest) {
                    known.insert(*id, *digest);
                } else {
                    affected.entry(person.clone()).or_default().0.push(*id);
                }
            }
        }
        for track in tracks.iter().filter(|track| range.contains(&track.id) && !known.contains_key(&track.id)) {
            affected.entry(PersonKey::of(track)).or_default().1.push(track.clone());
        }
        let mut affected: Vec<_> = affected.into_iter().collect();
        // All nodes report the changes in the same order: first those who left, then those who joined, in the order of
        // joining.
        affected.sort_by_cached_key(|(person, (_, tracks))| {
            (tracks.iter().map(|track| track.since).min(), Arc::clone(&person.topic), Arc::clone(&person.key))
        });
        let before: Vec<Option<Entry>> =
            affected.iter().map(|(person, _)| self.entry(&person.topic, &person.key)).collect();
        for (_, (ids, _)) in &affected {
            ids.iter().for_each(|id| self.remove_track(node, *id));
        }
        for ((person, (_, tracks)), before) in affected.into_iter().zip(before) {
            tracks.into_iter().for_each(|track| self.insert(node, track));
            self.record_change(&person, before, reason, changes);
        }
    }

    fn change(
        &mut self,
        person: &PersonKey,
        reason: LeaveReason,
        changes: &mut Vec<TopicChange>,
        change: impl FnOnce(&mut Self),
    ) {
        let before = self.entry(&person.topic, &person.key);
        change(self);
        self.record_change(person, before, reason, changes);
    }

    /// Records how a person differs from before, if they do.
    fn record_change(
        &self,
        person: &PersonKey,
        before: Option<Entry>,
        reason: LeaveReason,
        changes: &mut Vec<TopicChange>,
    ) {
        let change = match (before, self.entry(&person.topic, &person.key)) {
            (None, Some(now)) => Change::Joined(now),
            (Some(before), None) => Change::Left(before, reason),
            (Some(before), Some(now)) if before != now => Change::Updated(now),
            _ => return,
        };
        changes.push((Arc::clone(&person.topic), change));
    }

    fn insert(&mut self, node: NodeId, track: Track) {
        let person = PersonKey::of(&track);
        let tracks = self.nodes.entry(node).or_default();
        let digest = track.digest();
        tracks.digest = tracks.digest.wrapping_add(digest);
        tracks.by_id.insert(track.id, (person.clone(), digest));
        let topic = self.topics.entry(person.topic).or_default();
        topic.update(person.key, |all| all.push((node, track)));
    }

    fn remove_track(&mut self, node: NodeId, id: TrackId) {
        let Some(tracks) = self.nodes.get_mut(&node) else { return };
        let Some((person, digest)) = tracks.by_id.remove(&id) else { return };
        tracks.digest = tracks.digest.wrapping_sub(digest);
        let Some(topic) = self.topics.get_mut(&person.topic) else { return };
        topic.update(person.key, |all| {
            if let Some(index) = all.iter().position(|(of, track)| *of == node && track.id == id) {
                all.swap_remove(index);
            }
        });
        if topic.by_key.is_empty() {
            self.topics.remove(&person.topic);
        }
        if tracks.by_id.is_empty() {
            self.nodes.remove(&node);
        }
    }

    /// A person on a topic.
    pub(crate) fn entry(&self, topic: &str, key: &str) -> Option<Entry> {
        let (key, tracks) = self.topics.get(topic)?.by_key.get_key_value(key)?;
        let newest = tracks.iter().max_by_key(|(node, track)| (track.stamp, *node, track.id))?;
        Some(Entry { key: Arc::clone(key), meta: newest.1.meta.clone(), tabs: tracks.len(), since: since(tracks)? })
    }

    /// All people on a topic, in the order of joining.
    pub(crate) fn entries(&self, topic: &str) -> Vec<Entry> {
        let Some(people) = self.topics.get(topic) else { return Vec::new() };
        people.order.iter().filter_map(|(_, key)| self.entry(topic, key)).collect()
    }

    /// The number of people on a topic.
    pub(crate) fn count(&self, topic: &str) -> usize {
        self.topics.get(topic).map_or(0, |people| people.by_key.len())
    }

    /// The number of tracks, on all topics and nodes.
    pub(crate) fn tracks(&self) -> usize {
        self.nodes.values().map(|tracks| tracks.by_id.len()).sum()
    }

    /// The digest of a node's tracks.
    pub(crate) fn digest(&self, node: NodeId) -> u64 {
        self.nodes.get(&node).map_or(0, |tracks| tracks.digest)
    }
}

impl TopicPeople {
    fn update(&mut self, key: Arc<str>, change: impl FnOnce(&mut Vec<(NodeId, Track)>)) {
        let tracks = self.by_key.entry(Arc::clone(&key)).or_default();
        let before = since(tracks);
        change(tracks);
        let after = since(tracks);
        if let Some(before) = before.filter(|_| before != after) {
            self.order.remove(&(before, Arc::clone(&key)));
        }
        match after {
            None => drop(self.by_key.remove(&key)),
            Some(after) if before != Some(after) => drop(self.order.insert((after, key))),
            Some(_) => {}
        }
    }
}

/// When a person with these tracks joined.
fn since(tracks: &[(NodeId, Track)]) -> Option<Stamp> {
    tracks.iter().map(|(_, track)| track.since).min()
}
