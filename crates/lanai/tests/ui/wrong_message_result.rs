//! Invalid return types of handlers of messages and results, and futures that are not `Send`.

use std::sync::Mutex;

use lanai::prelude::*;

struct NotAnError;

struct Page {
    count: Mutex<u32>,
}

const NUMBERS: Topic<u32> = Topic::new("numbers");

impl Page {
    fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(NUMBERS, Self::fails);
        cx.subscribe(NUMBERS, Self::locks);
        cx.spawn(async { 1 }, Self::takes);
        cx.spawn(async { 1 }, Self::takes_and_locks);
        cx.spawn(async { "text" }, Self::takes);
        Self { count: Mutex::new(0) }
    }

    fn fails(&mut self, _: &u32) -> Result<(), NotAnError> {
        Err(NotAnError)
    }

    fn takes(&mut self, _: u32) -> Result<(), NotAnError> {
        Err(NotAnError)
    }

    async fn takes_and_locks(&mut self, number: u32) {
        self.locks(&number).await;
    }

    async fn locks(&mut self, number: &u32) {
        let mut count = self.count.lock().unwrap();
        std::future::ready(()).await;
        *count += number;
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}

fn main() {}
