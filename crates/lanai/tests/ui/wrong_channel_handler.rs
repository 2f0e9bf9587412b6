use std::rc::Rc;

use lanai::prelude::*;

struct NotSerializable;

struct Page;

impl Page {
    fn mount(cx: Cx<Self>) -> Self {
        let channel = cx.channel("map");
        channel.on("two", Self::two);
        channel.answer("opaque", Self::opaque);
        channel.answer("wait", Self::wait);
        Self
    }

    fn two(&mut self, _: u32, _: u32) {}

    fn opaque(&mut self, _: u32) -> NotSerializable {
        NotSerializable
    }

    async fn wait(&mut self, _: u32) -> u32 {
        let local = Rc::new(1);
        std::future::ready(()).await;
        *local
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! { p {} }
    }
}

fn main() {}
