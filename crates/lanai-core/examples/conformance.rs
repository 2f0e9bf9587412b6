//! Random cases for the real client. `cargo run -p lanai-core --example conformance -- FILE [CASES [happy-dom]]` writes
//! them as JSON, and `node client-js/conformance.mjs FILE` applies them. The same command always writes the same cases.
//! With `happy-dom`, the cases are limited to those that this library, which is not a browser, parses as a browser
//! does.
//!
//! A case is a first page and frames, each with the HTML and the handler numbers that the page must show after it. The
//! templates, renderings and changes are those of the property test `patched_page_equals_fresh_page`.

#[path = "../tests/model/mod.rs"]
mod model;

use std::error::Error;

use lanai_core::Baseline;
use lanai_core::protocol::Frame;
use model::Choices;
use model::client::Client;
use model::schema::Schema;
use model::value;
use serde_json::{Value, json, value::to_value};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: conformance FILE [CASES [happy-dom]]")?;
    let count: u64 = arguments.next().map_or(Ok(500), |count| count.parse())?;
    let happy_dom = arguments.next().is_some_and(|parser| parser == "happy-dom");
    let cases: Vec<Value> = (0..)
        .map(case)
        .filter(|case| !happy_dom || case.as_ref().is_ok_and(is_read_by_happy_dom))
        .take(count as usize)
        .collect::<Result<_, _>>()?;
    std::fs::write(file, serde_json::to_string(&cases)?)?;
    Ok(())
}

/// Whether happy-dom parses the case's HTML as a browser does. It keeps the first newline of a `textarea` or `pre`, and
/// it does not return to HTML inside foreign elements.
fn is_read_by_happy_dom(case: &Value) -> bool {
    let steps = case["steps"].as_array().into_iter().flatten();
    let texts = steps.flat_map(|step| [&step["expect"], &step["frame"]]).chain([&case["html"]]);
    texts.filter_map(Value::as_str).all(|text| !["foreignObject", "<mi", ">\n\n"].iter().any(|odd| text.contains(odd)))
}

/// Creates the case of a seed.
fn case(seed: u64) -> Result<Value, serde_json::Error> {
    // Small cases come first, because a mismatch is easier to read in them.
    let choices = &mut Choices::seeded(seed, 50 + 4 * seed as usize);
    let schema = Schema::random(choices);
    let mut view = value::random(&schema, choices);

    let mut baseline = Baseline::new();
    let tape = value::tape(&schema, view.as_ref());
    if choices.one_in(4) {
        // A page that is mounted a second time, with given handler numbers.
        baseline.first(&tape);
    }
    let first = baseline.first(&tape);
    let mut boot = json!({ "i": "1", "s": "s", "t": serde_json::from_str::<Value>(&first.templates)? });
    if !first.handlers.is_empty() {
        boot["h"] = serde_json::from_str(&first.handlers)?;
        boot["n"] = to_value(baseline.next_handler())?;
    }

    // The model knows the handlers' numbers as the page should.
    let mut client = Client::boot(&first.html, &first.templates, &first.handlers);
    let mut steps = Vec::new();
    for step in 1..=8 {
        value::change(&schema, choices, &mut view);
        let tape = value::tape(&schema, view.as_ref());
        let mut frame = Frame::new();
        assert!(baseline.update(&tape, &mut frame).is_some());
        let frame = frame.finish(step);
        client.apply(&frame);
        let handlers: Vec<u64> = client.handlers().into_iter().map(|(number, _)| number).collect();
        steps.push(json!({ "frame": frame, "expect": Baseline::new().first(&tape).html, "handlers": handlers }));
    }
    Ok(json!({ "html": first.html, "boot": boot, "steps": steps }))
}
