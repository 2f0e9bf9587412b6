use std::sync::Arc;

use lanai_pubsub::{Broker, SubscriberId, Topic};

const ROOM: Topic<u32> = Topic::new("room");

fn main() {
    // A wildcard hands over the message with the way to its topic.
    let _ = Broker::new().subscribe(SubscriberId::new(), ROOM.any(), |_: Arc<u32>| {});
    // One cannot publish to many topics at once.
    let _ = Broker::new().publish(ROOM.any(), 7);
}
