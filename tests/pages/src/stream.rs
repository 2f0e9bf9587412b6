//! Ten thousand messages and as many clicks, while the socket is cut repeatedly.

use axum::Extension;
use axum::extract::Path;
use lanai::Broker;
use lanai::prelude::{Cx, Html, Topic, View, html};

const NUMBERS: Topic<u32> = Topic::new("numbers");

/// Publishes the numbers from 1 to `count`, a few at a time.
pub(crate) async fn publish(Path(count): Path<u32>, Extension(broker): Extension<Broker>) -> String {
    for number in 1..=count {
        if let Err(error) = broker.publish(NUMBERS, number) {
            return error.to_string();
        }
        if number % 10 == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
    "published".into()
}

pub(crate) struct Stream {
    heard: u32,
    last: u32,
    disorder: u32,
    clicks: u32,
    tail: Vec<u32>,
}

impl Stream {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(NUMBERS, Self::number);
        Self { heard: 0, last: 0, disorder: 0, clicks: 0, tail: Vec::new() }
    }

    fn number(&mut self, number: &u32) {
        self.disorder += u32::from(*number != self.last + 1);
        self.last = *number;
        self.heard += 1;
        self.tail.insert(0, *number);
        self.tail.truncate(20);
    }

    fn click(&mut self) {
        self.clicks += 1;
    }
}

impl View for Stream {
    fn render(&self) -> Html<Self> {
        html! {
            p { "heard " b #heard { (self.heard) } ", last " b #last { (self.last) } ", out of order " b #disorder { (self.disorder) } }
            button #click onclick=(Self::click) { "clicks: " (self.clicks) }
            b #clicks { (self.clicks) }
            ol #tail { @for number in &self.tail { li key=(number) { (number) } } }
            input #draft;
        }
    }
}
