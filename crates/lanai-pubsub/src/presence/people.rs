//! [`People`]: who is here, as it follows from the log. All nodes that have read the same log hold the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::event::{LeaveReason, NodeId, Stamp, Track, TrackId};
use super::person::{Change, Entry};

/// The tracks of all nodes, by topic and key.
#[derive(Default)]
pub(crate) struct People {
    topics: HashMap<Arc<str>, Here>,
    nodes: HashMap<NodeId, Tracks>,
}

/// Those on one topic.
#[derive(Default)]
struct Here {
    by_key: HashMap<Arc<str>, Vec<(NodeId, Track)>>,
    /// By arrival.
    order: BTreeSet<(Stamp, Arc<str>)>,
}

/// Where the tracks of one node are.
#[derive(Default)]
struct Tracks {
    /// With the digest of each: who has the same knows the same of it.
    at: BTreeMap<TrackId, (Spot, u64)>,
    digest: u64,
}

/// A person on a topic.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Spot {
    topic: Arc<str>,
    key: Arc<str>,
}

impl Spot {
    fn of(track: &Track) -> Self {
        Self { topic: Arc::clone(&track.topic), key: Arc::clone(&track.key) }
    }
}

/// A change, with its topic.
pub(crate) type Changed = (Arc<str>, Change);

impl People {
    /// A track of a node is here, in place of the one with the same number.
    pub(crate) fn put(&mut self, node: NodeId, track: Track, changes: &mut Vec<Changed>) {
        let id = track.id;
        let spot = Spot::of(&track);
        let before = self.nodes.get(&node).and_then(|tracks| tracks.at.get(&id));
        if before.is_some_and(|(before, _)| *before != spot) {
            self.remove(node, id, LeaveReason::Untracked, changes);
        }
        self.change(&spot, LeaveReason::Untracked, changes, |people| {
            people.take(node, id);
            people.insert(node, track);
        });
    }

    /// A track of a node is gone.
    pub(crate) fn remove(&mut self, node: NodeId, id: TrackId, why: LeaveReason, changes: &mut Vec<Changed>) {
        let spot = self.nodes.get(&node).and_then(|tracks| tracks.at.get(&id)).cloned();
        if let Some((spot, _)) = spot {
            self.change(&spot, why, changes, |people| people.take(node, id));
        }
    }

    /// Of the tracks of a node with numbers in a range, there are these and no others.
    pub(crate) fn replace(
        &mut self,
        node: NodeId,
        range: RangeInclusive<TrackId>,
        tracks: &[Track],
        why: LeaveReason,
        changes: &mut Vec<Changed>,
    ) {
        // Of each person concerned: what the node had, and what it has. A state mostly says what is known.
        let mut concerned: HashMap<Spot, (Vec<TrackId>, Vec<Track>)> = HashMap::new();
        let mut known: BTreeMap<TrackId, u64> = BTreeMap::new();
        if let Some(before) = self.nodes.get(&node) {
            let stay: HashMap<TrackId, u64> = tracks.iter().map(|track| (track.id, track.digest())).collect();
            for (id, (spot, digest)) in before.at.range(range.clone()) {
                if stay.get(id) == Some(digest) {
                    known.insert(*id, *digest);
                } else {
                    concerned.entry(spot.clone()).or_default().0.push(*id);
                }
            }
        }
        for track in tracks.iter().filter(|track| range.contains(&track.id) && !known.contains_key(&track.id)) {
            concerned.entry(Spot::of(track)).or_default().1.push(track.clone());
        }
        let mut concerned: Vec<_> = concerned.into_iter().collect();
        // All nodes tell it in the same order: first who is gone, then who has come, by arrival.
        concerned.sort_by_cached_key(|(spot, (_, tracks))| {
            (tracks.iter().map(|track| track.since).min(), Arc::clone(&spot.topic), Arc::clone(&spot.key))
        });
        let before: Vec<Option<Entry>> = concerned.iter().map(|(spot, _)| self.entry(&spot.topic, &spot.key)).collect();
        for (_, (ids, _)) in &concerned {
            ids.iter().for_each(|id| self.take(node, *id));
        }
        for ((spot, (_, tracks)), before) in concerned.into_iter().zip(before) {
            tracks.into_iter().for_each(|track| self.insert(node, track));
            self.tell(&spot, before, why, changes);
        }
    }

    fn change(&mut self, spot: &Spot, why: LeaveReason, changes: &mut Vec<Changed>, change: impl FnOnce(&mut Self)) {
        let before = self.entry(&spot.topic, &spot.key);
        change(self);
        self.tell(spot, before, why, changes);
    }

    /// Says how a person is other than before, if so.
    fn tell(&self, spot: &Spot, before: Option<Entry>, why: LeaveReason, changes: &mut Vec<Changed>) {
        let change = match (before, self.entry(&spot.topic, &spot.key)) {
            (None, Some(now)) => Change::Joined(now),
            (Some(before), None) => Change::Left(before, why),
            (Some(before), Some(now)) if before != now => Change::Updated(now),
            _ => return,
        };
        changes.push((Arc::clone(&spot.topic), change));
    }

    fn insert(&mut self, node: NodeId, track: Track) {
        let spot = Spot::of(&track);
        let tracks = self.nodes.entry(node).or_default();
        let digest = track.digest();
        tracks.digest = tracks.digest.wrapping_add(digest);
        tracks.at.insert(track.id, (spot.clone(), digest));
        let here = self.topics.entry(spot.topic).or_default();
        here.update(spot.key, |all| all.push((node, track)));
    }

    fn take(&mut self, node: NodeId, id: TrackId) {
        let Some(tracks) = self.nodes.get_mut(&node) else { return };
        let Some((spot, digest)) = tracks.at.remove(&id) else { return };
        tracks.digest = tracks.digest.wrapping_sub(digest);
        let Some(here) = self.topics.get_mut(&spot.topic) else { return };
        here.update(spot.key, |all| {
            if let Some(index) = all.iter().position(|(of, track)| *of == node && track.id == id) {
                all.swap_remove(index);
            }
        });
        if here.by_key.is_empty() {
            self.topics.remove(&spot.topic);
        }
        if tracks.at.is_empty() {
            self.nodes.remove(&node);
        }
    }

    /// Someone on a topic.
    pub(crate) fn entry(&self, topic: &str, key: &str) -> Option<Entry> {
        let (key, tracks) = self.topics.get(topic)?.by_key.get_key_value(key)?;
        let newest = tracks.iter().max_by_key(|(node, track)| (track.stamp, *node, track.id))?;
        Some(Entry { key: Arc::clone(key), meta: newest.1.meta.clone(), tabs: tracks.len(), since: since(tracks)? })
    }

    /// All on a topic, by arrival.
    pub(crate) fn entries(&self, topic: &str) -> Vec<Entry> {
        let Some(here) = self.topics.get(topic) else { return Vec::new() };
        here.order.iter().filter_map(|(_, key)| self.entry(topic, key)).collect()
    }

    /// How many are on a topic.
    pub(crate) fn count(&self, topic: &str) -> usize {
        self.topics.get(topic).map_or(0, |here| here.by_key.len())
    }

    /// How many tracks there are, on all topics and nodes.
    pub(crate) fn tracks(&self) -> usize {
        self.nodes.values().map(|tracks| tracks.at.len()).sum()
    }

    /// The digest of a node's tracks.
    pub(crate) fn digest(&self, node: NodeId) -> u64 {
        self.nodes.get(&node).map_or(0, |tracks| tracks.digest)
    }
}

impl Here {
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

/// When a person with these tracks came.
fn since(tracks: &[(NodeId, Track)]) -> Option<Stamp> {
    tracks.iter().map(|(_, track)| track.since).min()
}
