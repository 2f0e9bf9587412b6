use lanai::prelude::*;

fn main() {
    let _: Html = html! {
        table {
            @for row in 0..3 { tr { td { (row) } } }
        }
    };
}
