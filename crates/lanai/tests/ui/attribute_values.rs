use lanai::prelude::*;

fn main() {
    let (text, ready) = ("text", true);
    let _: Html = html! {
        button disabled=(ready) title=text class=true {}
        textarea value=(text) {}
        select value=(text) {}
        a href={ "javascript:greet('" (text) "')" } {}
        p "ONCLICK"=(text) "a b"="c" data-l="d" {}
        p title={ b { "bold" } } class="a" class="b" {}
        p title= {}
    };
}
