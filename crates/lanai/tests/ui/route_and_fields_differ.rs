use lanai::prelude::*;

#[derive(Route)]
#[route("/issues/{id}")]
struct IssuePage {
    number: u64,
}

#[derive(Route)]
#[route("/issues/:id")]
struct OldPage {
    id: u64,
}

#[derive(Route)]
#[route("/issues")]
struct IssuesPage {
    filter: String,
}

#[derive(Route)]
#[route("/people/{name}")]
struct PersonPage {
    name: String,
}

fn main() {
    let _ = PersonPage { id: 3 }.url();
}
