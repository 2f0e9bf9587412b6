use lanai::prelude::*;

#[derive(Route)]
struct Home;

fn main() {}
