use lanai::prelude::*;

fn main() {
    let (ready, names) = (true, ["a", "b"]);
    let _: Html = html! {
        if ready { p { "ready" } } else { p { "not ready" } }
        for name in names { p { (name) } }
        match ready { true => p { "ready" }, false => "not ready" }
        let count = names.len();
        p { (count) }
        while ready { "again" }
        p { (missing) }
    };
}
