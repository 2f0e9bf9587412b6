//! What the broker does with what its transport reports.

use std::sync::Arc;

use crate::any_hub::Incoming;
use crate::delivery::catch_panic;
use crate::error::Missed;
use crate::hub::Hub;
use crate::registry::Registry;
use crate::sync::atomic::Ordering;
use crate::transport::{Envelope, TransportEvents};
use crate::transport_state::TransportState;

impl TransportEvents for Registry {
    fn deliver(self: Arc<Self>, shard: usize, envelope: &Envelope<'_>) {
        let Some(transport) = &self.transport else { return };
        // Record the position before the search: a hub that is opened too late to be found then knows that this message
        // came before it.
        transport.set_arrived(shard, envelope.position);
        let original = transport.take_in_flight(envelope.id);
        let except = envelope.except.and_then(|address| address.local());
        let mut incoming = Incoming { envelope: *envelope, original, except };
        loop {
            let hub = self.find(envelope.topic).or_else(|| {
                let group = self.wildcards.first(envelope.topic).filter(|group| !group.is_local())?;
                group.open_hub(envelope.topic, envelope.position)
            });
            // If the hub was closed meanwhile, there may be a new one.
            if hub.is_none_or(|hub| hub.receive(&mut incoming)) {
                break;
            }
        }
        catch_panic("the destructor of a message", || drop(incoming));
    }

    fn stored_up_to(&self, shard: usize, position: u64) {
        if let Some(transport) = &self.transport {
            transport.set_stored(shard, position);
        }
    }

    fn missed(&self, shard: usize, at_most: u64) {
        let Some(transport) = &self.transport else { return };
        let missed = Missed::new(at_most);
        transport.gaps.fetch_add(1, Ordering::Relaxed);
        catch_panic("logging", || tracing::error!("{missed}"));
        for hub in self.all() {
            if transport.shard(hub.name()) == shard {
                hub.missed(missed);
            }
        }
        for group in self.wildcards.all() {
            if !group.is_local() && transport.transport().shards_of(&group.name()).contains(&shard) {
                group.missed(missed);
            }
        }
    }

    fn set_connected(&self, connected: bool) {
        let Some(transport) = &self.transport else { return };
        if !transport.set_connected(connected) {
            return;
        }
        let Some(hub) = self.find(&TransportState::CHANGES.name()) else { return };
        if let Ok(hub) = Hub::<TransportState>::downcast(hub) {
            let _ = hub.publish(self, Arc::new(transport.state()), None, 0);
        }
    }
}
