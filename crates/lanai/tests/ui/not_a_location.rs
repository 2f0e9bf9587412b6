use lanai::prelude::*;

struct Page;

impl Page {
    fn go(&mut self, cx: &Cx<Self>) {
        cx.navigate(3);
    }

    fn watch(cx: &Cx<Self>) {
        cx.on_query(Self::changed);
    }

    fn changed(&mut self) {}
}

fn main() {}
