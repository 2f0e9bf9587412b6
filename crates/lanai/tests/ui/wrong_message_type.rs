use lanai::prelude::*;

const NUMBERS: Topic<u32> = Topic::new("numbers");

struct Page;

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(NUMBERS, Self::heard);
        cx.publish(NUMBERS, "text");
        Self
    }

    fn heard(&mut self, _: &String) {}
}

fn main() {}
