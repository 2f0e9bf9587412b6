use lanai_pubsub::{Broker, Topic};

#[derive(serde::Serialize, serde::Deserialize)]
struct Line;

const CHAT: Topic<Line> = Topic::new("chat");

fn main() {
    let _ = Broker::new().publish(CHAT, String::from("hello"));
    let _ = Broker::new().publish(&CHAT, 7);
}
