//! Events that need more than a listener: drags, clipboards, what comes into view, the window, and shortcuts.

use std::time::Duration;

use lanai::event::{
    Copied, Detail, Dropped, FileContents, Files, FromEvent, PointerPath, Resize, Shortcuts, Sorted, Transfer,
    Visibility, Wheel, WindowSize,
};
use lanai::js;
use lanai::prelude::*;
use lanai_test::{Page, Result, css, text};
use serde_json::json;

use crate::serve;

/// Notes what was heard.
#[derive(Default)]
struct Log(Vec<String>);

impl Log {
    fn note(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }
}

/// Returns what a page has noted since the last call.
async fn heard(page: &Page) -> Result<String> {
    let heard = page.text_of(css("output"))?;
    page.click("Forget").await?;
    Ok(heard)
}

/// A part of the page that each test adds to a log.
type Part = fn(&Log) -> Html<Log>;

struct Tested(Log, Part);

async fn page(part: Part) -> Result<Page> {
    serve(move |_cx| async move { Tested(Log::default(), part) }).visit("/").await
}

impl View for Tested {
    fn render(&self) -> Html<Self> {
        html! {
            output { (self.0.0.join(", ")) }
            button onclick=(|tested: &mut Self| tested.0.0.clear()) { "Forget" }
            ((self.1)(&self.0).map(|tested: &mut Self| &mut tested.0))
        }
    }
}

#[derive(Clone, Debug)]
struct Card(#[allow(dead_code, reason = "it is printed")] u32);

fn cards(_: &Log) -> Html<Log> {
    fn dropped(log: &mut Log, on: &str, dropped: &Dropped<Card>) {
        let copy = if dropped.is_copy { " (copy)" } else { "" };
        log.note(format!("{:?} {:?} {on}{copy}", dropped.data, dropped.place()));
    }
    html! {
        ul aria-label="Pile"
            ondrop=(|log: &mut Log, drop: Dropped<Card>| dropped(log, "pile", &drop)) {
            @for id in 1..=2_u32 {
                li key=(id) ondragstart=(drag(Card(id)).then(move |log: &mut Log| log.note(format!("takes {id}"))))
                    ondrop=(move |log: &mut Log, drop: Dropped<Card>| dropped(log, &format!("card {id}"), &drop)) {
                    "Card " (id)
                }
            }
        }
        p ondragstart=(drag(Card(9)).copy()) { "Template" }
        p ondragstart=(drag("no card")) { "Text" }
        p draggable="true" { "Old" }
        section aria-label="Cards only" ondrop=(|log: &mut Log, drop: Dropped<Card>| dropped(log, "section", &drop)) {
            "Cards only"
        }
        section aria-label="Files only" ondrop=(|log: &mut Log, Files(files): Files| {
            let names: Vec<String> = files.iter().map(|file| format!("{} {}", file.name, file.size)).collect();
            log.note(names.join(" and "));
        }) { "Files only" }
        section aria-label="All" ondrop=(|log: &mut Log, all: Transfer| {
            log.note(format!("{:?} {:?} {}", all.text, all.html, all.files.len()));
        }) { "All" }
        section aria-label="Any" ondrop=(|log: &mut Log| log.note("anything")) { "Any" }
    }
}

#[tokio::test(start_paused = true)]
async fn a_drop_brings_the_value_from_the_server_and_the_position() -> Result {
    let page = page(cards).await?;
    page.drag(text("Card 1"), text("Card 2")).await?;
    assert_eq!(heard(&page).await?, "takes 1, Card(1) Inside card 2");
    page.drag_before(text("Card 2"), text("Card 1")).await?;
    page.drag_after(text("Card 1"), text("Cards only")).await?;
    assert_eq!(heard(&page).await?, "takes 2, Card(2) Before card 1, takes 1, Card(1) After section");
    page.drag(text("Template"), text("Cards only")).await?;
    assert_eq!(heard(&page).await?, "Card(9) Inside section (copy)");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_element_takes_only_what_its_handler_asks_for() -> Result {
    let page = page(cards).await?;
    let refused = page.drag(text("Text"), text("Cards only")).await.unwrap_err().to_string();
    assert!(refused.contains("takes a `Dropped<T>` of the type that is dragged"), "{refused}");
    assert!(page.drag(text("Card 1"), text("Files only")).await.is_err());
    page.drag(text("Old"), text("Any")).await?;
    assert!(page.drop_text(text("Cards only"), "a").await.is_err());
    assert!(page.drop_text(text("Files only"), "a").await.is_err());
    page.drop_files(text("Files only"), &[("a.txt", "text/plain", b"hi"), ("b", "", b"")]).await?;
    page.drop_text(text("All"), "words").await?;
    assert_eq!(heard(&page).await?, r#"takes 1, anything, a.txt 2 and b 0, "words" "" 0"#);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_dragged_must_be_on_the_page_when_it_is_dropped() -> Result {
    let page = page(cards).await?;
    let drop = page.wire().handler_of(text("Cards only"), "drop")?;
    // A handler that is not on the page, and one of an element that cannot be dragged.
    for dragged in [999, 0] {
        page.wire().forge_event(&drop, Some(json!([dragged, 0.5, 0.5, false]))).await?;
    }
    assert_eq!(heard(&page).await?, "");
    Ok(())
}

fn lists(_: &Log) -> Html<Log> {
    let sorted = |log: &mut Log, list: &str, sorted: &Sorted<Card>| {
        let before = sorted.before.as_ref().map(|card| card.0);
        log.note(format!("{:?} before {before:?} at {} of {list}", sorted.data, sorted.index));
    };
    html! {
        ul aria-label="One" onsort=(move |log: &mut Log, by: Sorted<Card>| sorted(log, "one", &by)) {
            @for id in 1..=3_u32 {
                li key=(id) ondragstart=(drag(Card(id))) ondragend=(|log: &mut Log| log.note("ends")) { "Card " (id) }
            }
        }
        ul aria-label="Two" onsort=(move |log: &mut Log, by: Sorted<Card>| sorted(log, "two", &by)) {
            @for id in 4..=5_u32 {
                li key=(id) { button ondragstart=(drag(Card(id))) { "Move" } " Card " (id) }
            }
            li { "Bin" p ondrop=(|log: &mut Log, dropped: Dropped<Card>| log.note(format!("drops {:?}", dropped.data))) { "Drop here" } }
        }
        ul aria-label="Words" onsort=(|log: &mut Log, by: Sorted<&'static str>| log.note(by.data)) {
            li ondragstart=(drag("a word")) { "Word" }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lists_are_sorted_with_values_of_the_server() -> Result {
    let page = page(lists).await?;
    page.drag(text("Card 1"), text("Card 2")).await?;
    page.drag(text("Card 3"), text("Card 2")).await?;
    page.drag_before(text("Card 1"), text("Card 3")).await?;
    assert_eq!(
        heard(&page).await?,
        "ends, Card(1) before Some(3) at 1 of one, ends, Card(3) before Some(2) at 1 of one, \
         ends, Card(1) before Some(3) at 1 of one"
    );
    // To where it is.
    page.drag_after(text("Card 1"), text("Card 1")).await?;
    page.drag_before(text("Card 1"), text("Card 2")).await?;
    assert_eq!(heard(&page).await?, "ends, ends");
    // To another list: before and after a row, and to the end.
    page.drag(text("Card 1"), text("Card 5")).await?;
    page.drag_after(text("Card 1"), text("Card 5")).await?;
    page.drag(text("Card 1"), css("[aria-label=Two]")).await?;
    assert_eq!(
        heard(&page).await?,
        "ends, Card(1) before Some(5) at 1 of two, ends, Card(1) before None at 2 of two, \
         ends, Card(1) before None at 2 of two"
    );
    // By a handle, and onto something else in a list.
    page.drag(css("li:nth-child(2) button"), text("Card 4")).await?;
    page.drag(text("Card 1"), text("Drop here")).await?;
    assert_eq!(heard(&page).await?, "Card(5) before Some(4) at 0 of two, drops Card(1), ends");
    // Another type.
    let refused = page.drag(text("Word"), text("Card 1")).await.unwrap_err().to_string();
    assert!(refused.contains("in no list with an `onsort`"), "{refused}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_sorted_must_be_on_the_page() -> Result {
    let page = page(lists).await?;
    let sort = page.wire().handler_of(css("[aria-label=One]"), "sort")?;
    for payload in [json!([]), json!([1]), json!(["1", {}, 0]), json!([-1, null, 0]), json!([1, null, null]), json!(1)]
    {
        page.wire().forge_event(&sort, Some(payload)).await?;
    }
    assert_eq!(heard(&page).await?, "");
    // Any handlers, and those that are not on the page: only what can be dragged and has this type is sorted.
    for number in 0..100 {
        page.wire().forge_event(&sort, Some(json!([number, 999, 1_000_000]))).await?;
    }
    let all = (1..=5).map(|id| format!("Card({id}) before None at 1000000 of one"));
    assert_eq!(heard(&page).await?, all.collect::<Vec<_>>().join(", "));
    Ok(())
}

fn clipboards(_: &Log) -> Html<Log> {
    html! {
        input aria-label="Text" value="selected" oncopy=(|log: &mut Log, copied: Copied| log.note(format!("copied {}", copied.text)));
        div aria-label="Board" tabindex="0" role="group"
            onpaste=(|log: &mut Log, paste: Transfer| log.note(format!("{} {} {}", paste.text, paste.html, paste.files.len()))) {}
        div aria-label="Pictures" tabindex="0" role="group" onpaste=(|log: &mut Log, FileContents(files): FileContents| {
            for file in files {
                let bytes = file.bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                log.note(format!("{} {:?} {}", file.info.media_type, bytes, file.info.size));
            }
        }) {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_clipboard_has_text_html_and_files_and_large_ones_come_without_content() -> Result {
    let page = page(clipboards).await?;
    page.paste_html(css("[aria-label=Board]"), "hi", "<b>hi</b>").await?;
    assert_eq!(heard(&page).await?, "hi <b>hi</b> 0");
    page.paste_files(css("[aria-label=Pictures]"), &[("a.svg", "image/svg+xml", b"<svg/>")]).await?;
    assert_eq!(heard(&page).await?, r#"image/svg+xml Some("<svg/>") 6"#);
    page.paste_files(css("[aria-label=Pictures]"), &[("b", "image/png", &vec![0; (1 << 20) + 1])]).await?;
    assert_eq!(heard(&page).await?, "image/png None 1048577");
    let sent = page.wire().sent();
    assert!(sent.iter().all(|message| message.len() < 1000), "the content of a large file is not sent");
    page.fire("Text", "copy", json!({ "lanai": { "selection": "sel" } })).await?;
    assert_eq!(heard(&page).await?, "copied sel");
    Ok(())
}

fn surroundings(_: &Log) -> Html<Log> {
    html! {
        p #box onresize=(|log: &mut Log, size: Resize| log.note(format!("{} x {}", size.width, size.height))) {}
        p #end onenterview=(on(|log: &mut Log| log.note("enters")).margin(200)) onleaveview=(|log: &mut Log| log.note("leaves")) {}
        p #once onenterview=(on(|log: &mut Log| log.note("enters once")).once()) {}
        div onwindowonline=(|log: &mut Log| log.note("online"))
            onwindowresize=(|log: &mut Log, size: WindowSize| log.note(format!("{} wide", size.width)))
            onwindowvisibilitychange=(|log: &mut Log, visibility: Visibility| log.note(format!("visible {}", visibility.is_visible)))
            onwindowkeydown=(on(|log: &mut Log| log.note("escapes")).key("Escape")) {
            input aria-label="Field";
        }
        div aria-label="Menu" role="group" onclickoutside=(|log: &mut Log| log.note("outside")) { button { "Inside" } }
        div hidden onclickoutside=(|log: &mut Log| log.note("outside of what is hidden")) {}
        button onclick=(js::hide(css_of("Menu"))) { "Hide" }
    }
}

fn css_of(name: &str) -> String {
    format!("[aria-label={name}]")
}

#[tokio::test(start_paused = true)]
async fn views_hear_of_sizes_and_of_what_comes_into_view() -> Result {
    let page = page(surroundings).await?;
    page.resize(css("#box"), 320.0, 200.5).await?;
    page.scroll_into_view(css("#end")).await?;
    page.scroll_out_of_view(css("#end")).await?;
    page.scroll_into_view(css("#once")).await?;
    page.scroll_into_view(css("#once")).await?;
    assert_eq!(heard(&page).await?, "320 x 200.5, enters, leaves, enters once");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_of_the_window_reach_any_element_and_those_of_elements_reach_the_window() -> Result {
    let page = page(surroundings).await?;
    page.fire_at_window("online", json!({})).await?;
    page.fire_at_window("resize", json!({ "target": { "innerWidth": 800, "innerHeight": 600 } })).await?;
    page.fire_at_window("visibilitychange", json!({ "target": { "visibilityState": "hidden" } })).await?;
    page.focus("Field").await?;
    page.press("a").await?;
    page.press("Escape").await?;
    assert_eq!(page.text_of(css("output"))?, "online, 800 wide, visible false, escapes");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_click_is_outside_of_what_is_shown_and_not_of_what_is_hidden() -> Result {
    let page = page(surroundings).await?;
    page.click("Inside").await?;
    assert_eq!(page.text_of(css("output"))?, "");
    page.click("Hide").await?;
    assert_eq!(page.text_of(css("output"))?, "outside");
    page.click("Forget").await?;
    page.click(text("Hide")).await?;
    assert_eq!(page.text_of(css("output"))?, "");
    Ok(())
}

fn movements(_: &Log) -> Html<Log> {
    html! {
        p #canvas
            onpointermove=(|log: &mut Log, path: PointerPath| {
                let points: Vec<String> = path.points.iter().map(|point| format!("{}", point.x)).collect();
                log.note(points.join("-"));
            })
            onwheel=(|log: &mut Log, wheel: Wheel| log.note(format!("wheel {}", wheel.delta_y))) {}
    }
}

#[tokio::test(start_paused = true)]
async fn while_one_movement_is_not_answered_the_others_wait_together_and_the_last_one_arrives() -> Result {
    let page = page(movements).await?;
    page.disconnect();
    for y in 1..=5 {
        let properties = json!({ "deltaX": 0, "deltaY": y, "deltaMode": 0, "clientX": 0, "clientY": 0 });
        page.fire(css("#canvas"), "wheel", properties).await?;
    }
    page.reconnect().await?;
    page.sees("wheel 1, wheel 14").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn points_that_wait_are_not_lost_and_come_before_what_follows() -> Result {
    let page = page(movements).await?;
    page.disconnect();
    for x in 1..=4 {
        let points = json!([[x, 0, 0.5], [f64::from(x) + 0.5, 0, 0.5]]);
        page.fire(css("#canvas"), "pointermove", json!({ "lanai": { "points": points }, "buttons": 1 })).await?;
    }
    page.click("Forget").await?;
    page.reconnect().await?;
    let sent: Vec<String> = page.wire().sent().into_iter().filter(|message| message.contains("0.5")).collect();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0].contains("[[[1,0,0.5],[1.5,0,0.5]],1]"), "{sent:?}");
    assert!(sent[1].contains("[[[2,0,0.5],[2.5,0,0.5],[3,0,0.5],[3.5,0,0.5],[4,0,0.5],[4.5,0,0.5]],1]"), "{sent:?}");
    page.until("the click came last", |page| page.text_of(css("output")).is_ok_and(|text| text.is_empty())).await?;
    Ok(())
}

fn keys(log: &Log) -> Html<Log> {
    html! {
        main
            onshortcut=(shortcut("j", "Next").then(|log: &mut Log| log.note("next")))
            onshortcut=(shortcut("g i", "Inbox").then(|log: &mut Log| log.note("inbox")))
            onshortcut=(shortcut("Mod+S", "Save").in_controls().then(|log: &mut Log| log.note("saved")))
            onshortcut=(shortcut("?", "Help").then(|log: &mut Log, keys: Shortcuts| {
                log.note(format!("{} shortcuts, {:?}", keys.list.len(), keys.list[2].chords));
            }))
            onshortcut=(shortcut("h", "Hide").then(js::hide("#hideable"))) {
            p onshortcut=(shortcut("n", "New").then(|log: &mut Log| log.note("new")))
                onshortcut=(shortcut("n l", "New label").then(|log: &mut Log| log.note("new label"))) {}
            input aria-label="Search" onshortcut=(shortcut("/", "Search"));
            button onclick=(|log: &mut Log| log.note("archived")) onshortcut=(shortcut("e", "Archive")) { "Archive" }
            button disabled onclick=(|log: &mut Log| log.note("never")) onshortcut=(shortcut("#", "Delete")) { "Delete" }
            ul tabindex="0" aria-label="List"
                onshortcut=(shortcut("j", "Next in the list").inside().then(|log: &mut Log| log.note("next in the list")))
                onshortcut=(shortcut("Enter", "Open").then(|log: &mut Log| log.note("opened"))) {}
            p #hideable onshortcut=(shortcut("p", "Paragraph").then(|log: &mut Log| log.note("paragraph"))) { "Paragraph" }
            button onclick=(|log: &mut Log| log.note("clicked")) { "Focus" }
            @if log.0.iter().any(|heard| heard == "archived") { p { "Gone" } }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn shortcuts_are_chords_and_sequences_and_use_their_elements() -> Result {
    let page = page(keys).await?;
    page.press("j").await?;
    page.press("g i").await?;
    page.press("e").await?;
    page.press("Shift+J").await?;
    page.press("Control+j").await?;
    assert_eq!(page.text_of(css("output"))?, "next, inbox, archived");
    page.press("/").await?;
    assert_eq!(page.focused().as_deref(), Some(r#"textbox "Search""#));
    assert_eq!(page.value_of("Search")?, "");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shortcut_may_begin_a_longer_one() -> Result {
    let page = page(keys).await?;
    page.press("n l").await?;
    page.press("n j").await?;
    assert_eq!(page.text_of(css("output"))?, "new, new label, new, next");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_person_who_types_uses_no_shortcut_that_does_not_ask_for_it() -> Result {
    let page = page(keys).await?;
    page.type_text("Search", "je?").await?;
    page.press("Control+s").await?;
    assert_eq!((page.text_of(css("output"))?, page.value_of("Search")?), ("saved".into(), "je?".into()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_innermost_shortcut_around_the_focus_comes_first_and_enter_belongs_to_a_button() -> Result {
    let page = page(keys).await?;
    page.focus(css("[aria-label=List]")).await?;
    page.press("j").await?;
    page.press("Enter").await?;
    page.focus("Focus").await?;
    page.press("Enter").await?;
    assert_eq!(page.text_of(css("output"))?, "next in the list, opened, clicked");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_sequence_takes_at_most_a_moment_and_what_is_hidden_or_disabled_has_no_shortcuts() -> Result {
    let page = page(keys).await?;
    page.press("g").await?;
    tokio::time::advance(Duration::from_secs(2)).await;
    page.press("i").await?;
    assert!(page.press("#").await.is_err(), "a person cannot click a disabled button");
    page.press("p").await?;
    page.press("h").await?;
    page.press("p").await?;
    assert_eq!(page.text_of(css("output"))?, "paragraph");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_view_can_ask_for_the_list_of_shortcuts() -> Result {
    let page = page(keys).await?;
    page.press("?").await?;
    assert_eq!(page.text_of(css("output"))?, r#"13 shortcuts, [["Ctrl", "s"]]"#);
    let all = page.shortcuts();
    assert_eq!(all[0], ("j".into(), "Next".into()));
    assert_eq!(all[7], ("/".into(), "Search".into()));
    Ok(())
}

#[derive(Deserialize)]
struct Rating {
    stars: u8,
}

#[derive(FromEvent)]
struct Spot {
    offset_x: f64,
    #[event("target.dataset.name")]
    name: Option<String>,
    #[event("currentTarget.id")]
    around: String,
}

fn custom(_: &Log) -> Html<Log> {
    html! {
        div #around "onrated"=(|log: &mut Log, Detail(rating): Detail<Rating>| log.note(format!("{} stars", rating.stars)))
            onclick=(|log: &mut Log, spot: Spot| log.note(format!("{} {:?} {}", spot.offset_x, spot.name, spot.around))) {
            span data-name="here" { "Named" }
            button onclick=(js::dispatch(js::this(), "rated", json!({ "stars": 4 }))) { "Rate" }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn custom_events_and_derived_payloads_carry_what_they_declare() -> Result {
    let page = page(custom).await?;
    page.click(text("Named")).await?;
    page.click("Rate").await?;
    assert_eq!(page.text_of(css("output"))?, r#"0 Some("here") around, 4 stars, 0 None around"#);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_shortcut_submits_the_form_of_the_field_in_which_a_person_types() -> Result {
    let page = page(|log| {
        html! {
            form onsubmit=(|log: &mut Log, Form(said): Form<Vec<(String, String)>>| log.note(format!("{said:?}"))) {
                textarea name="text" aria-label="Text" onshortcut=(shortcut("Enter", "Send").in_controls().inside()) {}
                input name="more" aria-label="More";
                button name="by" value="button" { "Send" }
            }
            form onsubmit=(|log: &mut Log| log.note("saved")) onshortcut=(shortcut("Mod+Enter", "Save").in_controls().inside()) {
                input name="a" aria-label="First";
                input name="b" aria-label="Second";
                @if log.0.len() > 2 { button disabled { "Save" } }
            }
        }
    })
    .await?;
    page.type_text("Text", "a").await?;
    page.press("Shift+Enter").await?;
    page.type_text("Text", "b\n").await?;
    assert_eq!(page.value_of("Text")?, "a\nb");
    page.focus("Second").await?;
    page.press("Enter").await?;
    page.press("Control+Enter").await?;
    let sent = r#"[("text", "a\nb"), ("more", ""), ("by", "button")]"#;
    assert_eq!(page.text_of(css("output"))?, format!("{sent}, saved"));
    page.press("Control+Enter").await?;
    page.press("Control+Enter").await?;
    assert_eq!(page.text_of(css("output"))?, format!("{sent}, saved, saved"));
    Ok(())
}
