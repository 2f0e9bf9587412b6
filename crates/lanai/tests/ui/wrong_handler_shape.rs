use lanai::prelude::*;
use std::net::TcpStream;

struct Counter;

impl Counter {
    fn two(&mut self, _: Click, _: Click) {}
    fn stream(&mut self, _: TcpStream) {}
    fn number(&mut self) -> u32 {
        1
    }
}

impl View for Counter {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(Self::two) { "a" }
            button onclick=(Self::stream) { "b" }
            button onclick=(Self::number) { "c" }
            button onclick=("text") { "d" }
        }
    }
}

fn main() {}
