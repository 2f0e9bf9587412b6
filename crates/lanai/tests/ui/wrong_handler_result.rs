//! Invalid return types of event handlers, and futures that are not `Send`.

use std::sync::Mutex;

use lanai::prelude::*;

struct NotAnError;

struct Page {
    count: Mutex<u32>,
}

impl Page {
    fn fails(&mut self) -> Result<(), NotAnError> {
        Err(NotAnError)
    }

    async fn fails_later(&mut self, _: Click) -> Result<(), NotAnError> {
        Err(NotAnError)
    }

    fn counts(&mut self) -> Result<u32> {
        Ok(7)
    }

    async fn locks(&mut self) {
        let mut count = self.count.lock().unwrap();
        std::future::ready(()).await;
        *count += 1;
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::fails) { "now" }
            button onclick=(Self::fails_later) { "later" }
            button onclick=(Self::counts) { "count" }
            button onclick=(Self::locks) { "lock" }
        }
    }
}

fn main() {}
