use std::sync::Arc;

use lanai_pubsub::{Broker, SubscriberId, Topic};

const ROOM: Topic<u32> = Topic::new("room");

fn main() {
    // A wildcard delivers each message together with the path of its topic.
    let _ = Broker::new().subscribe(SubscriberId::new(), ROOM.any(), |_: Arc<u32>| {});
    // Publishing on many topics at once is not possible.
    let _ = Broker::new().publish(ROOM.any(), 7);
}
