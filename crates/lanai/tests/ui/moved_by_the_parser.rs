use lanai::prelude::*;

fn main() {
    let rows = [1, 2];
    let _: Html = html! {
        table { @for row in rows { tr { td { (row) } } } }
        p { div { "a block" } }
        ul { li { li { "an item" } } }
        form { div { form {} } }
        div { body { "a document" } }
        script { "if (a < b) {}" }
    };
}
