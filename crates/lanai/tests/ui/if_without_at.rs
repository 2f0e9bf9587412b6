use lanai::prelude::*;

fn main() {
    let ready = true;
    let _: Html = html! {
        if ready { p { "ready" } }
    };
}
