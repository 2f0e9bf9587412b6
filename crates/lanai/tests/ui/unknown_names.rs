use lanai::prelude::*;

fn main() {
    let _: Html = html! {
        dvi { "a" }
        input placehoder="b";
        a hrf="/" { "c" }
    };
}
