use lanai::prelude::*;

fn main() {
    let _: Html = html! {
        br { "text" }
        div;
    };
}
