//! List scripts are as short as possible.

mod model;

use model::rows::{Page, Row, rows};
use proptest::prelude::*;
use serde_json::{Value, json};

fn numbered(ids: &[u64]) -> Vec<Row> {
    ids.iter().map(|&id| Row { id, label: format!("row {id}"), selected: false }).collect()
}

fn script(old: &[u64], new: &[u64]) -> Vec<Value> {
    Page::new(&numbered(old), true).script(&numbered(new))
}

/// Returns the numbers of rows that a script moves, inserts and removes.
fn counts(script: &[Value]) -> (usize, usize, usize) {
    let mut counts = (0, 0, 0);
    for step in script {
        match step {
            Value::String(_) => counts.0 += 1,
            Value::Array(ops) if ops[0].is_string() => counts.0 += 1,
            Value::Object(rows) => counts.1 += rows.values().map(|rows| rows.as_array().unwrap().len()).sum::<usize>(),
            Value::Number(count) if count.as_i64() < Some(0) => counts.2 += -count.as_i64().unwrap() as usize,
            _ => {}
        }
    }
    counts
}

/// Returns the length of a longest increasing subsequence, by trying all.
fn longest_increasing(numbers: &[usize]) -> usize {
    (0..1u32 << numbers.len())
        .filter(|chosen| {
            let chosen: Vec<usize> =
                numbers.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, &number)| number).collect();
            chosen.is_sorted_by(|a, b| a < b)
        })
        .map(|chosen| chosen.count_ones() as usize)
        .max()
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn moves_inserts_and_removes_are_the_fewest_there_can_be(
        old in proptest::collection::btree_set(0..12u64, 0..9).prop_map(|ids| ids.into_iter().collect::<Vec<_>>()).prop_shuffle(),
        new in proptest::collection::btree_set(0..12u64, 0..9).prop_map(|ids| ids.into_iter().collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let kept: Vec<usize> = new.iter().filter_map(|id| old.iter().position(|before| before == id)).collect();
        let fewest = (kept.len() - longest_increasing(&kept), new.len() - kept.len(), old.len() - kept.len());
        let script = script(&old, &new);
        prop_assert_eq!(counts(&script), fewest, "{:?} to {:?}: {:?}", old, new, script);
    }

    #[test]
    fn rows_with_the_same_key_are_told_apart_by_their_order(
        lists in proptest::collection::vec(proptest::collection::vec(0..4u64, 0..10), 2..6),
        labels in proptest::collection::vec(0..100u64, 60),
    ) {
        let mut labels = labels.into_iter();
        let mut labelled = |ids: &[u64]| {
            let row = |&id| Row { id, label: labels.next().unwrap_or(0).to_string(), selected: false };
            ids.iter().map(row).collect::<Vec<_>>()
        };
        let mut page = Page::new(&labelled(&lists[0]), true);
        for list in &lists[1..] {
            page.show(&labelled(list));
        }
    }
}

#[test]
fn every_way_to_reorder_five_rows_moves_the_fewest() {
    let old = [0, 1, 2, 3, 4];
    let mut seen = 0;
    for code in 0..5usize.pow(5) {
        let new: Vec<u64> = (0..5).map(|at| (code / 5usize.pow(at) % 5) as u64).collect();
        if (0..5).all(|id| new.contains(&id)) {
            let places: Vec<usize> = new.iter().map(|&id| id as usize).collect();
            assert_eq!(counts(&script(&old, &new)), (5 - longest_increasing(&places), 0, 0), "{new:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 120);
}

#[test]
fn a_prepend_is_one_insertion_and_an_append_a_step_and_an_insertion() {
    let old: Vec<u64> = (1..=1000).collect();
    assert_eq!(script(&old, &[&[0], &old[..]].concat()), [json!({"1": [[0, "0", "row 0"]]})]);
    assert_eq!(script(&old, &[&old[..], &[0]].concat()), [json!(1000), json!({"1": [[0, "0", "row 0"]]})]);
}

#[test]
fn two_rows_swapped_are_two_moves_at_most() {
    let old: Vec<u64> = (0..1000).collect();
    for (one, other) in [(1, 998), (0, 999), (0, 1), (400, 402)] {
        let mut new = old.clone();
        new.swap(one, other);
        let (moves, inserts, removes) = counts(&script(&old, &new));
        assert!(moves <= 2 && inserts == 0 && removes == 0, "{one} and {other}: {moves} moves");
        assert_eq!(moves, if other == one + 1 { 1 } else { 2 });
    }
}

#[test]
fn a_row_removed_or_a_list_cleared_is_one_step() {
    let old: Vec<u64> = (0..1000).collect();
    assert_eq!(script(&old, &[]), [json!(-1000)]);
    assert_eq!(script(&old, &old[1..]), [json!(-1)]);
    assert_eq!(script(&old, &[&old[..500], &old[501..]].concat()), [json!(500), json!(-1)]);
    assert_eq!(script(&old, &old[..998]), [json!(998), json!(-2)]);
}

#[test]
fn a_list_that_did_not_change_has_no_script() {
    assert!(script(&[1, 2, 3], &[1, 2, 3]).is_empty());
    assert!(script(&[], &[]).is_empty());
}

#[test]
fn rows_without_keys_are_patched_in_place() {
    let mut page = Page::new(&numbered(&[1, 2, 3]), false);
    // Whichever item leaves at the front, the last row is removed.
    assert_eq!(
        page.script(&numbered(&[2, 3])),
        [json!([4, "2", 12, "row 2"]), json!([4, "3", 12, "row 3"]), json!(-1)]
    );
    assert_eq!(page.script(&numbered(&[2, 3, 4])), [json!(2), json!({"1": [[0, "4", "row 4"]]})]);
}

#[test]
fn a_moved_row_keeps_its_handlers_and_an_inserted_one_has_new_ones() {
    let mut page = Page::new(&rows(3), true);
    let numbers = |page: &Page| page.client.handlers().into_iter().map(|(number, _)| number).collect::<Vec<_>>();
    assert_eq!(numbers(&page), [0, 1, 2, 3, 4, 5]);
    let mut reordered = rows(4);
    reordered.swap(0, 2);
    page.show(&reordered);
    assert_eq!(numbers(&page), [4, 5, 2, 3, 0, 1, 6, 7]);
    page.show(&rows(4)[..1]);
    assert_eq!(numbers(&page), [0, 1]);
    page.show(&rows(4));
    assert_eq!(numbers(&page), [0, 1, 8, 9, 10, 11, 12, 13], "numbers of rows that went are not used again");
    assert_eq!(page.baseline.handler(6), None);
}
