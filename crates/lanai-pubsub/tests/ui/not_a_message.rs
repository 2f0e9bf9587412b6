use std::rc::Rc;

use lanai_pubsub::Broker;

struct Line {
    text: Rc<str>,
}

fn main() {
    let _ = Broker::new().publish("chat", Line { text: "hello".into() });
}
