//! Invalid mount functions for views inside views.

use std::sync::Mutex;

use lanai::prelude::*;

static VISITS: Mutex<u32> = Mutex::new(0);

/// A type without `render`.
struct Clock;

struct Orders;

impl Orders {
    async fn hold_a_lock(_cx: Cx<Self>) -> Self {
        let mut visits = VISITS.lock().unwrap();
        std::future::ready(()).await;
        *visits += 1;
        Self
    }
}

impl View for Orders {
    fn render(&self) -> Html<Self> {
        html! {}
    }
}

struct Unlike;

fn unlike_an_error(_cx: Cx<Orders>) -> Result<Orders, Unlike> {
    Err(Unlike)
}

fn nothing(_cx: Cx<Orders>) {}

fn ask(cx: &Cx<Orders>, handle: &lanai::Handle) {
    cx.child("clock", |_cx: Cx<Clock>| Clock);
    cx.child("orders", Orders::hold_a_lock);
    cx.shared("clock", async |_cx: Cx<Clock>| Clock);
    cx.daemon("orders", unlike_an_error);
    handle.daemon("orders", nothing);
}

fn main() {}
