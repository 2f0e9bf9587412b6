use std::rc::Rc;

use lanai_pubsub::{Broker, Topic};

struct Line {
    text: Rc<str>,
}

fn main() {
    let _ = Broker::new().publish(Topic::local("chat"), Line { text: "hello".into() });
}
