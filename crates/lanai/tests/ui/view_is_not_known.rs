use lanai::prelude::*;

fn badge() -> Html {
    html! { b { "new" } }
}

fn card<V: 'static>(body: Html<V>) -> Html<V> {
    html! { section { (body) } }
}

fn closable<V: 'static>(close: Callback<V>) -> Html<V> {
    html! { div { (card(html! { (badge()) button onclick=(close) { "close" } })) } }
}

fn main() {
    println!("{}", html! { p { "text" } }.to_html());
}
