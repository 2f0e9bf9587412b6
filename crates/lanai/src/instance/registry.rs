//! All instances of this process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use parking_lot::Mutex;

use super::mailbox::Mail;
use super::sessions::Sessions;
use super::{Instance, InstanceId};
use crate::close_reason::CloseReason;
use crate::limits::Limits;

const SHARDS: usize = 16;

/// All instances by their number, and those without a page by when they lost it.
#[derive(Default)]
pub(crate) struct Registry {
    shards: [Mutex<HashMap<InstanceId, Entry, RandomState>>; SHARDS],
    len: AtomicUsize,
    /// The number of instances from each address, including those being mounted.
    clients: Mutex<HashMap<Client, usize, RandomState>>,
    detached: Mutex<Detached>,
    pub(crate) sessions: Sessions,
}

struct Entry {
    instance: Arc<Instance>,
    /// The address of the visitor it was mounted for.
    client: Option<Client>,
}

/// One client: an IPv4 address, or the network of 2^64 IPv6 addresses that one subscriber has.
///
/// IPv4 addresses are mapped to numbers that no IPv6 network has, since 0000::/8 is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Client(NonZeroU64);

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        const V4: NonZeroU64 = NonZeroU64::new(1 << 32).expect("it is not zero");
        Self(match address.to_canonical() {
            IpAddr::V4(address) => V4 | u64::from(address.to_bits()),
            // Only the unspecified and the loopback address have no network.
            IpAddr::V6(address) => NonZeroU64::new((address.to_bits() >> 64) as u64).unwrap_or(NonZeroU64::MIN),
        })
    }
}

/// Instances without a page.
#[derive(Default)]
struct Detached {
    next: Ticket,
    /// Instances whose page never attached. A stranger creates one with a single request, so they are counted
    /// separately and never displace the others.
    unattached: Waiting,
    /// Those of pages that a browser has fetched before anybody went there. They displace only one another.
    prefetched: Waiting,
    /// Instances that have lost their page, which may return, oldest first.
    left: BTreeMap<Ticket, Arc<Instance>>,
}

/// Instances that wait for their page.
#[derive(Default)]
struct Waiting {
    /// Oldest first.
    all: BTreeMap<Ticket, (Arc<Instance>, Option<Client>)>,
    /// The same by address.
    of: HashMap<Client, BTreeSet<Ticket>, RandomState>,
}

impl Waiting {
    /// Adds an instance. If there are too many, returns the one that has to end: the oldest of its address, or of all.
    fn add(
        &mut self,
        ticket: Ticket,
        instance: Arc<Instance>,
        client: Option<Client>,
        (per_address, in_all): (usize, usize),
    ) -> Option<Arc<Instance>> {
        self.all.insert(ticket, (instance, client));
        let own = client.map(|client| self.of.entry(client).or_default());
        let oldest = own.and_then(|own| {
            own.insert(ticket);
            (own.len() > per_address).then(|| own.first().copied())?
        });
        let oldest = oldest.or_else(|| (self.all.len() > in_all).then(|| self.oldest())?);
        oldest.and_then(|ticket| self.remove(ticket))
    }

    fn oldest(&self) -> Option<Ticket> {
        self.all.first_key_value().map(|(ticket, _)| *ticket)
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Arc<Instance>> {
        let (instance, client) = self.all.remove(&ticket)?;
        if let Some(client) = client
            && let Some(own) = self.of.get_mut(&client)
        {
            own.remove(&ticket);
            if own.is_empty() {
                self.of.remove(&client);
            }
        }
        Some(instance)
    }
}

/// Identifies an instance among those without a page.
pub(crate) type Ticket = u64;

/// Why there is no room for another instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The server is full.
    Server,
    /// The visitor's address has too many.
    Client,
    /// The visitor's session, or the person, has too many.
    Owner,
}

/// Room for an instance that is being mounted, given back when this is dropped.
pub(crate) struct Reservation<'r> {
    registry: &'r Registry,
    client: Option<Client>,
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if let Some(client) = self.client {
            self.registry.client_left(client);
        }
    }
}

impl Registry {
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Reserves room for a new instance.
    pub(crate) fn reserve(&self, address: Option<IpAddr>, limits: &Limits) -> Result<Reservation<'_>, Full> {
        // An instance whose page never attached makes room.
        if self.len() >= limits.instances && !self.evict_unattached() {
            return Err(Full::Server);
        }
        let client = address.map(Client::from);
        if let Some(client) = client {
            let mut clients = self.clients.lock();
            let count = clients.entry(client).or_default();
            if *count >= limits.instances_per_address {
                return Err(Full::Client);
            }
            *count += 1;
        }
        Ok(Reservation { registry: self, client })
    }

    /// Registers a page's root, for which room was reserved.
    pub(crate) fn insert_reserved(&self, instance: Arc<Instance>, mut reservation: Reservation<'_>) {
        self.add(Entry { instance, client: reservation.client.take() });
    }

    pub(crate) fn insert(&self, instance: Arc<Instance>) {
        self.add(Entry { instance, client: None });
    }

    fn add(&self, entry: Entry) {
        self.len.fetch_add(1, Ordering::Relaxed);
        self.shard(entry.instance.id).lock().insert(entry.instance.id, entry);
    }

    pub(crate) fn get(&self, id: InstanceId) -> Option<Arc<Instance>> {
        self.shard(id).lock().get(&id).map(|entry| entry.instance.clone())
    }

    pub(crate) fn remove(&self, id: InstanceId) {
        let Some(entry) = self.shard(id).lock().remove(&id) else { return };
        if entry.instance.is_root() {
            self.sessions.removed(id);
        }
        if let Some(client) = entry.client {
            self.client_left(client);
        }
        self.len.fetch_sub(1, Ordering::Release);
    }

    fn client_left(&self, client: Client) {
        let mut clients = self.clients.lock();
        if let Some(count) = clients.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                clients.remove(&client);
            }
        }
    }

    /// Returns all instances, for a shutdown.
    pub(crate) fn all(&self) -> Vec<Arc<Instance>> {
        let of = |shard: &Mutex<HashMap<_, Entry, _>>| {
            shard.lock().values().map(|entry| entry.instance.clone()).collect::<Vec<_>>()
        };
        self.shards.iter().flat_map(of).collect()
    }

    /// Notes that an instance has no page yet. If there are too many, the oldest of its address, or of all, ends.
    pub(crate) fn unattached(&self, instance: Arc<Instance>, is_prefetched: bool, limits: &Limits) -> Ticket {
        let client = self.shard(instance.id).lock().get(&instance.id).and_then(|entry| entry.client);
        let (ticket, evicted) = {
            let mut detached = self.detached.lock();
            let ticket = detached.ticket();
            let evicted = if is_prefetched {
                let limits = (limits.prefetched_per_address, limits.prefetched);
                detached.prefetched.add(ticket, instance, client, limits)
            } else {
                let limits = (limits.unattached_per_address, limits.unattached());
                detached.unattached.add(ticket, instance, client, limits)
            };
            (ticket, evicted)
        };
        evict(evicted);
        ticket
    }

    /// Notes that an instance has lost its page. If there are too many, the oldest ends.
    pub(crate) fn detached(&self, instance: Arc<Instance>, limits: &Limits) -> Ticket {
        let (ticket, evicted) = {
            let mut detached = self.detached.lock();
            let ticket = detached.ticket();
            detached.left.insert(ticket, instance);
            let over = detached.left.len() > limits.detached;
            (ticket, if over { detached.left.pop_first().map(|(_, instance)| instance) } else { None })
        };
        evict(evicted);
        ticket
    }

    /// Notes that an instance has its page, or has ended.
    pub(crate) fn not_detached(&self, ticket: Ticket) {
        let removed = self.detached.lock().remove(ticket);
        drop(removed);
    }

    pub(crate) fn detached_len(&self) -> usize {
        let detached = self.detached.lock();
        detached.unattached.all.len() + detached.prefetched.all.len() + detached.left.len()
    }

    /// Ends the oldest instance whose page never attached, if there is one.
    fn evict_unattached(&self) -> bool {
        let evicted = {
            let mut detached = self.detached.lock();
            let oldest = detached.prefetched.oldest().or_else(|| detached.unattached.oldest());
            oldest.and_then(|ticket| detached.remove(ticket))
        };
        let found = evicted.is_some();
        evict(evicted);
        found
    }

    fn shard(&self, id: InstanceId) -> &Mutex<HashMap<InstanceId, Entry, RandomState>> {
        &self.shards[id as usize % SHARDS]
    }
}

impl Detached {
    fn ticket(&mut self) -> Ticket {
        self.next += 1;
        self.next
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Arc<Instance>> {
        let waited = self.unattached.remove(ticket).or_else(|| self.prefetched.remove(ticket));
        waited.or_else(|| self.left.remove(&ticket))
    }
}

/// Ends an instance, outside the lock, since a full mailbox is logged.
fn evict(instance: Option<Arc<Instance>>) {
    if let Some(instance) = instance {
        instance.send(Mail::Close(CloseReason::Evicted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_for_one_subscriber() {
        let client = |address: &str| Client::from(address.parse::<IpAddr>().unwrap());
        assert_eq!(client("192.0.2.1"), client("::ffff:192.0.2.1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
        assert_eq!(client("2001:db8:0:1::1"), client("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assert_ne!(client("2001:db8:0:1::1"), client("2001:db8:0:2::1"));
        assert_ne!(client("::1"), client("0.0.0.1"));
    }
}
