//! Commands: what a page does at once, without the server.

use std::time::Duration;

use lanai::js;
use lanai::prelude::*;
use lanai_test::{Result, css, text};

use crate::serve;

/// A page with a menu, whose state the view may or may not know.
#[derive(Default)]
struct Page {
    saved: u32,
    class: &'static str,
    is_closed: bool,
    names: Vec<&'static str>,
}

impl Page {
    fn save(&mut self) {
        self.saved += 1;
    }

    fn restyle(&mut self) {
        self.class = if self.class == "wide" { "wide busy" } else { "wide" };
    }

    fn close(&mut self) {
        self.is_closed = true;
    }

    fn reopen(&mut self) {
        self.is_closed = false;
    }

    fn heard(&mut self, Value(_): Value) {}

    fn locate(&mut self, cx: &Cx<Self>) {
        self.names.push("field");
        cx.run(js::set_attribute("#menu", "title", "located").then(js::focus("#name")));
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            button onclick=(js::toggle("#menu")) { "Menu" }
            nav #menu hidden[self.is_closed] class=(self.class) { "The menu" }
            p { "Saved " (self.saved) " times" }
            button onclick=(js::hide("#menu").then(Self::save)) { "Save" }
            button onclick=(js::add_class("busy", "#menu").then(js::set_attribute(js::this(), "title", "done"))) { "Busy" }
            button onclick=(js::remove_class("busy", "#menu")) { "Idle" }
            button onclick=(Self::restyle) { "Restyle" }
            button onclick=(js::hide("#menu").then(Self::close)) { "Close" }
            button onclick=(Self::reopen) { "Reopen" }
            button onclick=(on(js::toggle_class("once", "#menu")).once()) { "Once" }
            button onclick=(js::hide_with("#menu", "fading", Duration::from_millis(200))) { "Fade" }
            button onclick=(js::show("#menu")) { "Show" }
            button onclick=(js::copy("#token")) { "Copy" }
            button onclick=(js::dispatch("#name", "input", ()).then(js::scroll_to("#token"))) { "Dispatch" }
            button onclick=(Self::locate) { "Locate" }
            button onclick=(js::switch_attribute(js::this(), "aria-pressed", "true", "false")) { "Press" }
            code #token { "4f7a" }
            input #name aria-label="Name" oninput=(Self::heard);
            button onclick=(js::focus("#name").then(js::select("#name"))) { "Rename" }
            section {
                h2 { "Question" }
                button onclick=(js::toggle(js::closest("section").inside("p"))) { "Answer" }
                p hidden { "Because." }
            }
            div #dialog {
                button onclick=(js::trap_focus("#dialog")) { "Trap" }
                button onclick=(js::focus_next("#dialog")) { "Next" }
                button onclick=(js::release_focus()) { "Release" }
            }
        }
    }
}

async fn page() -> Result<lanai_test::Page> {
    serve(|_cx| async { Page::default() }).visit("/").await
}

#[tokio::test(start_paused = true)]
async fn commands_need_no_server() -> Result {
    let page = page().await?;
    page.disconnect();
    page.click("Menu").await?;
    page.sees_not("The menu").await?;
    page.click("Menu").await?;
    page.sees("The menu").await?;
    page.click("Answer").await?;
    page.sees("Because.").await?;
    page.click("Copy").await?;
    assert_eq!(page.clipboard().as_deref(), Some("4f7a"));
    for pressed in ["true", "false", "true"] {
        page.click("Press").await?;
        assert_eq!(page.attribute_of("Press", "aria-pressed")?.as_deref(), Some(pressed));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn commands_run_before_the_event_is_sent() -> Result {
    let page = page().await?;
    page.disconnect();
    page.wait_for_answers(false);
    page.click("Save").await?;
    page.sees_not("The menu").await?;
    page.sees("Saved 0 times").await?;
    page.reconnect().await?;
    page.sees("Saved 1 times").await?;
    page.sees_not("The menu").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_a_command_did_is_kept_when_patches_come() -> Result {
    let page = page().await?;
    page.click("Busy").await?;
    page.click("Restyle").await?;
    page.click("Save").await?;
    assert_eq!(page.attribute_of(css("#menu"), "class")?.as_deref(), Some("wide busy"));
    assert_eq!(page.attribute_of("Busy", "title")?.as_deref(), Some("done"));
    page.click("Idle").await?;
    assert_eq!(page.attribute_of(css("#menu"), "class")?.as_deref(), Some("wide"));
    // From here on, the view decides.
    page.click("Restyle").await?;
    assert_eq!(page.attribute_of(css("#menu"), "class")?.as_deref(), Some("wide busy"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_view_that_renders_the_same_decides_again() -> Result {
    let page = page().await?;
    page.click("Close").await?;
    page.sees_not("The menu").await?;
    page.click("Reopen").await?;
    page.sees("The menu").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_to_run_once_runs_once() -> Result {
    let page = page().await?;
    page.click(text("Once")).await?;
    page.click(text("Once")).await?;
    assert_eq!(page.attribute_of(css("#menu"), "class")?.as_deref(), Some("once"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_transition_hides_at_its_end_unless_the_element_is_shown_again() -> Result {
    let page = page().await?;
    page.click("Fade").await?;
    page.sees("The menu").await?;
    assert_eq!(page.attribute_of(css("#menu"), "class")?.as_deref(), Some("fading"));
    tokio::time::sleep(Duration::from_millis(201)).await;
    page.sees_not("The menu").await?;
    assert_eq!(page.attribute_of(css("#menu"), "class")?.unwrap_or_default(), "");
    page.click("Show").await?;
    page.click("Fade").await?;
    page.click("Show").await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    page.sees("The menu").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_dispatched_event_reaches_handlers() -> Result {
    let page = page().await?;
    page.disconnect();
    page.wait_for_answers(false);
    page.click("Dispatch").await?;
    assert!(page.attribute_of(css("#name"), "data-lanai-pending")?.is_some());
    assert!(page.scrolled_to().is_some());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_view_runs_commands_after_its_patch() -> Result {
    let page = page().await?;
    page.click("Locate").await?;
    assert_eq!(page.attribute_of(css("#menu"), "title")?.as_deref(), Some("located"));
    assert_eq!(page.focused().as_deref(), Some("textbox \"Name\""));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_trap_keeps_the_focus_until_it_is_released() -> Result {
    let page = page().await?;
    page.focus(css("#name")).await?;
    page.focus("Trap").await?;
    page.click("Trap").await?;
    page.click("Next").await?;
    assert_eq!(page.focused().as_deref(), Some("button \"Release\""));
    page.click("Release").await?;
    assert_eq!(page.focused().as_deref(), Some("button \"Trap\""));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_forged_event_for_commands_is_refused() -> Result {
    let page = page().await?;
    let handler = page.wire().handler_of("Menu", "click")?;
    page.wire().forge_event(handler, None).await?;
    page.click("Save").await?;
    page.sees("Saved 1 times").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn typing_replaces_what_a_command_has_selected() -> Result {
    let page = page().await?;
    page.type_text("Name", "Ada").await?;
    page.click("Rename").await?;
    page.type_text("Name", "Bob").await?;
    assert_eq!(page.value_of("Name")?, "Bob");
    page.click("Rename").await?;
    page.press("Backspace").await?;
    assert_eq!(page.value_of("Name")?, "");
    page.fill("Name", "Cleo").await?;
    page.click("Rename").await?;
    page.click("Busy").await?;
    page.type_text("Name", "!").await?;
    assert_eq!(page.value_of("Name")?, "Cleo!");
    Ok(())
}
