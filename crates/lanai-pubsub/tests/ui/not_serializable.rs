use lanai_pubsub::{Broker, Topic};

struct Line {
    text: String,
}

const CHAT: Topic<Line> = Topic::new("chat");

fn main() {
    let _ = Broker::new().publish("chat", Line { text: "hello".into() });
    let _ = Broker::new().publish(CHAT, Line { text: "hello".into() });
}
