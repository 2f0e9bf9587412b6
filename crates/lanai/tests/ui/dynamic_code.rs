use lanai::prelude::*;

fn main() {
    let name = "name";
    let _: Html = html! {
        script { "let name = " (name) }
        style { (name) " { color: red }" }
        iframe srcdoc=(name) {}
        button onclick={ "greet('" (name) "')" } { "a" }
    };
}
