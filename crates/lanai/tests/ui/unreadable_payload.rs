//! Types that a form or a value cannot be deserialized into.

use lanai::prelude::*;

struct Draft {
    text: String,
}

struct Page;

impl Page {
    fn send(&mut self, form: Form<Draft>) {
        let _ = form.0.text;
    }

    fn set(&mut self, _: Value<Draft>) {}
}

fn main() {}
