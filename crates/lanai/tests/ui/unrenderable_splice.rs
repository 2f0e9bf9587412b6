use lanai::prelude::*;

struct Money;

fn main() {
    let prices = vec![1, 2];
    let _: Html = html! {
        p { (prices) }
        p { (Money) }
    };
}
