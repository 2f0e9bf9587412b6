use lanai::prelude::*;

fn main() {
    let bold: Html = html! { b { "bold" } };
    let _: Html = html! { p title=(bold) { "a" } };
}
