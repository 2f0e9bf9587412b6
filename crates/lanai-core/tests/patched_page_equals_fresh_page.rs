//! After any change, a patched page equals a fresh rendering.

mod model;

use std::collections::{BTreeMap, HashSet};

use lanai_client::EventSpec;
use lanai_core::Baseline;
use lanai_core::protocol::Frame;
use model::Choices;
use model::client::{Client, canonical};
use model::schema::Schema;
use model::value;
use proptest::prelude::*;

/// Renders random views of random templates one after the other, and compares the page with the model after each.
fn run(choices: &mut Choices, steps: usize) -> Client {
    let schema = Schema::random(choices);
    let mut view = value::random(&schema, choices);

    let mut baseline = Baseline::new();
    let tape = value::tape(&schema, view.as_ref());
    if choices.one_in(3) {
        // The page is mounted a second time.
        baseline.first(&tape);
    }
    let first = baseline.first(&tape);
    let mut client = Client::boot(&first.html, &first.templates, &first.handlers);
    let mut seen: HashSet<u64> = HashSet::new();
    let mut before: Vec<u64> = Vec::new();

    for step in 0..=steps {
        if step > 0 {
            let old = view.clone();
            value::change(&schema, choices, &mut view);
            let tape = value::tape(&schema, view.as_ref());
            let mut frame = Frame::new();
            assert!(baseline.update(&tape, &mut frame).is_some());
            if old == view {
                assert!(frame.is_empty(), "nothing changed, but {}", frame.finish(0));
                continue;
            }
            let text = frame.finish(step as u64);
            assert_eq!(client.apply(&text), step as u64);
        }

        let tape = value::tape(&schema, view.as_ref());
        let fresh_page = Baseline::new().first(&tape);
        let fresh = Client::boot(&fresh_page.html, &fresh_page.templates, &fresh_page.handlers);
        assert_eq!(client.document(), fresh.document());
        let plain = tape.to_html();
        // Like maud, this leaves it to the parser to drop or replace characters.
        if !plain.contains(['\r', '\0']) && !plain.contains(">\n") {
            assert_eq!(client.visible(), canonical(&plain));
        }

        let handlers = client.handlers();
        let specs = |handlers: Vec<(u64, EventSpec)>| handlers.into_iter().map(|(_, spec)| spec).collect::<Vec<_>>();
        assert_eq!(specs(handlers.clone()), specs(fresh.handlers()));
        assert_eq!(handlers.len(), tape.split().1.len());
        let numbers: Vec<u64> = handlers.iter().map(|(number, _)| *number).collect();
        for (index, number) in numbers.iter().enumerate() {
            assert_eq!(baseline.handler(*number), Some(index), "handler {number} of {numbers:?}");
        }
        for number in &before {
            if !numbers.contains(number) {
                assert_eq!(baseline.handler(*number), None, "handler {number} is not on the page any more");
            }
        }
        for number in numbers.iter().filter(|number| !before.contains(number)) {
            assert!(seen.insert(*number), "handler number {number} is used twice");
        }
        before = numbers;
    }
    client
}

/// A page of a view with many pages.
struct Page {
    client: Client,
    frames: u64,
}

/// Renders random views for several pages: some are always in step, some fall behind and catch up with one frame, and
/// some come late. Returns what the pages have reached.
fn run_many(choices: &mut Choices, steps: usize) -> BTreeMap<&'static str, usize> {
    let schema = Schema::random(choices);
    let mut view = value::random(&schema, choices);
    let mut tape = value::tape(&schema, view.as_ref()).framed();
    let mut baseline = Baseline::for_many();
    baseline.first_nested(&tape);
    let mut frames = 0;
    let mut earlier: BTreeMap<u64, Baseline> = BTreeMap::new();
    let mut pages: Vec<Page> = Vec::new();

    for _ in 0..steps {
        if pages.len() < 2 || choices.one_in(4) {
            let page = baseline.page(&tape);
            let client = Client::boot_late(&page.html, &page.templates, &page.handlers, baseline.next_handler());
            pages.push(Page { client, frames });
        }
        value::change(&schema, choices, &mut view);
        tape = value::tape(&schema, view.as_ref()).framed();
        let mut frame = Frame::new();
        let (next, _) = baseline.next(&tape, &mut frame);
        let before = std::mem::replace(&mut baseline, next);
        if !frame.is_empty() {
            let text = frame.finish(0);
            // The first page misses nothing.
            for (index, page) in pages.iter_mut().enumerate() {
                if page.frames == frames && (index == 0 || !choices.one_in(3)) {
                    page.client.apply(&text);
                    page.frames += 1;
                }
            }
            earlier.insert(frames, before);
            frames += 1;
        }
        let fresh = Baseline::new().first(&tape);
        let fresh = Client::boot(&fresh.html, &fresh.templates, &fresh.handlers);
        for page in &mut pages {
            if page.frames < frames {
                if choices.one_in(2) {
                    continue;
                }
                let nothing = Baseline::for_many();
                let known = if choices.one_in(5) { &nothing } else { &earlier[&page.frames] };
                let mut frame = Frame::new();
                known.catch_up(&mut baseline, &tape, frames, &mut frame);
                page.client.apply(&frame.finish(0));
                assert_eq!(page.client.synced(), Some(frames));
                page.frames = frames;
            }
            assert_eq!(page.client.document(), fresh.document());
            for (index, (number, _)) in page.client.handlers().into_iter().enumerate() {
                assert_eq!(baseline.handler(number), Some(index));
            }
        }
    }
    let mut reached = BTreeMap::new();
    for page in &pages {
        for (kind, count) in page.client.reached() {
            *reached.entry(*kind).or_default() += count;
        }
    }
    reached
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patched_page_equals_a_fresh_one(numbers in proptest::collection::vec(any::<u32>(), 0..400)) {
        run(&mut Choices::new(numbers), 6);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_that_come_late_or_fall_behind_equal_a_fresh_one(numbers in proptest::collection::vec(any::<u32>(), 0..400)) {
        run_many(&mut Choices::new(numbers), 8);
    }
}

#[test]
fn pages_that_come_late_or_fall_behind_equal_a_fresh_one_through_long_lives() {
    let mut syncs = 0;
    for seed in 0..100 {
        syncs += run_many(&mut Choices::seeded(seed, 3000), 30).get("sync").copied().unwrap_or(0);
    }
    assert!(syncs > 1000, "few were brought in step: {syncs}");
}

#[test]
fn a_patched_page_equals_a_fresh_one_through_long_lives() {
    const KINDS: &[&str] = &[
        "append",
        "define",
        "define html",
        "foreign",
        "insert",
        "keep",
        "move",
        "move and patch",
        "patch node",
        "patch row",
        "raw",
        "remove",
        "root",
        "runs",
        "set event",
        "set node",
        "set scalar",
    ];
    let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..200 {
        let client = run(&mut Choices::seeded(seed, 3000), 30);
        for (kind, count) in client.reached() {
            *reached.entry(kind).or_default() += count;
        }
    }
    // The test is worth something only if its cases reach all kinds of values.
    for kind in KINDS {
        assert!(reached.get(kind).is_some_and(|count| *count >= 20), "{kind:?} is rare: {reached:#?}");
    }
}
