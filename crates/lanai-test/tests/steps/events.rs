//! Events: what the modifiers of handlers do, and what events bring along.

use std::time::Duration;

use lanai::event::{Animation, Key, Media, Paste, Pointer, Scroll, Selection, Toggle, Wheel};
use lanai::prelude::*;
use lanai_test::{Held, Result, css, label, text};

use crate::serve;

/// Notes what was heard.
#[derive(Default)]
struct Log(Vec<String>);

impl Log {
    fn note(&mut self, what: impl Into<String>) {
        self.0.push(what.into());
    }

    fn typed(&mut self, Value(text): Value) {
        self.note(format!("typed {text}"));
    }

    fn key(&mut self, key: Key) {
        let shift = if key.modifiers.shift { " with shift" } else { "" };
        self.note(format!("key {}{shift}", key.key));
    }

    fn pasted(&mut self, paste: Paste) {
        self.note(format!("pasted {:?}", paste.text));
    }

    fn clicked(&mut self, click: Click) {
        self.note(format!("click{}", if click.modifiers.ctrl { " with control" } else { "" }));
    }
}

impl View for Log {
    fn render(&self) -> Html<Self> {
        html! {
            output { (self.0.join(", ")) }
            label { "Search" input oninput=(on(Self::typed).debounce(Duration::from_millis(300))); }
            label { "Scroll" input oninput=(on(Self::typed).throttle(Duration::from_secs(1))); }
            label { "Keys" input onkeydown=(on(Self::key).key("Enter").key("Escape")); }
            label { "Short" input maxlength="4" onpaste=(Self::pasted) oninput=(Self::typed); }
            label { "Kept" textarea onpaste=(on(Self::pasted).prevent()) {} }
            section aria-label="Notes" tabindex="0" onpaste=(Self::pasted) { p { "Paste here" } }
            button onclick=(on(|log: &mut Self| log.note("once")).once()) { "Once" }
            button onclick=(Self::clicked) { "Click" }
            div onclick=(|log: &mut Self| log.note("outer")) {
                button onclick=(on(|log: &mut Self| log.note("inner")).stop()) { "Stops" }
                button onclick=(|log: &mut Self| log.note("inner")) { "Bubbles" }
            }
            p onmouseenter=(|log: &mut Self| log.note("hovered")) { "Hover here" }
            p ondblclick=(|log: &mut Self| log.note("twice")) { "Double" }
            label { input type="checkbox" onclick=(on(|log: &mut Self| log.note("kept")).prevent()); "Stays" }
        }
    }
}

async fn page() -> Result<lanai_test::Page> {
    serve(|_| async { Log::default() }).visit("/").await
}

#[tokio::test(start_paused = true)]
async fn a_debounce_waits_until_nothing_more_is_typed() -> Result {
    let page = page().await?;
    page.type_text("Search", "ab").await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    page.type_text("Search", "c").await?;
    tokio::time::sleep(Duration::from_millis(299)).await;
    assert_eq!(page.text_of(css("output"))?, "");
    page.sees("typed abc").await?;
    assert_eq!(page.text_of(css("output"))?, "typed abc");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_waits_is_sent_before_the_click_that_follows_it() -> Result {
    let page = page().await?;
    page.type_text("Search", "ab").await?;
    page.click("Once").await?;
    assert_eq!(page.text_of(css("output"))?, "typed ab, once");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_throttle_sends_the_first_and_the_latest() -> Result {
    let page = page().await?;
    page.type_text(label("Scroll"), "abc").await?;
    assert_eq!(page.text_of(css("output"))?, "typed a");
    page.sees("typed a, typed abc").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_filter_lets_its_keys_pass() -> Result {
    let page = page().await?;
    page.type_text("Keys", "x\n").await?;
    page.press("Shift+Escape").await?;
    assert_eq!(page.text_of(css("output"))?, "key Enter, key Escape with shift");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn once_stop_and_prevent_do_what_they_say() -> Result {
    let page = page().await?;
    page.click("Once").await?;
    page.click("Once").await?;
    page.click("Stops").await?;
    page.click("Bubbles").await?;
    page.click("Stays").await?;
    assert_eq!(page.text_of(css("output"))?, "once, inner, inner, outer, kept");
    assert!(!page.is_checked("Stays")?, "the default was prevented");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_paste_carries_its_text_and_a_field_takes_what_fits() -> Result {
    let page = page().await?;
    page.paste("Short", "ab\ncde").await?;
    assert_eq!(page.text_of(css("output"))?, r#"pasted "ab\ncde", typed abcd"#);
    assert_eq!(page.value_of("Short")?, "abcd");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_paste_can_be_kept_out_of_a_field_and_needs_none() -> Result {
    let page = page().await?;
    page.paste("Kept", "a").await?;
    assert_eq!(page.value_of("Kept")?, "");
    page.paste(text("Paste here"), "b").await?;
    assert_eq!(page.text_of(css("output"))?, r#"pasted "a", pasted "b""#);
    assert_eq!(page.focused().as_deref(), Some("region \"Notes\""));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_mouse_has_more_than_clicks() -> Result {
    let page = page().await?;
    page.click_with(Held { control: true, ..Held::default() }, "Click").await?;
    page.hover("Hover here").await?;
    page.double_click(text("Double")).await?;
    assert_eq!(page.text_of(css("output"))?, "click with control, hovered, twice");
    Ok(())
}

/// Notes what each kind of event carries.
#[derive(Default)]
struct Kinds(Vec<String>);

impl View for Kinds {
    fn render(&self) -> Html<Self> {
        html! {
            output { (self.0.join(", ")) }
            div #box
                onpointerdown=(|kinds: &mut Self, event: Pointer| kinds.0.push(format!("{} {}", event.kind, event.x)))
                onwheel=(|kinds: &mut Self, event: Wheel| kinds.0.push(format!("wheel {}", event.delta_y)))
                onscroll=(|kinds: &mut Self, event: Scroll| kinds.0.push(format!("scroll {}", event.below())))
                onanimationend=(|kinds: &mut Self, event: Animation| kinds.0.push(event.name)) {}
            details ontoggle=(|kinds: &mut Self, event: Toggle| kinds.0.push(format!("open {}", event.is_open))) {
                summary { "Details" }
            }
            audio #audio controls onplay=(|kinds: &mut Self, event: Media| kinds.0.push(format!("{:?}", event.duration))) {}
            input aria-label="Text" value="four"
                onselect=(|kinds: &mut Self, event: Selection| kinds.0.push(format!("to {:?}", event.end)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_event_carries_its_own_properties_and_no_others() -> Result {
    let page = serve(|_cx| async { Kinds::default() }).visit("/").await?;
    let fire = |target: &'static str, event: &'static str, properties| page.fire(css(target), event, properties);
    let pointer = serde_json::json!({
        "pointerId": 1, "pointerType": "pen", "clientX": 2.5, "clientY": 0, "button": 0, "buttons": 1, "pressure": 0.5,
        "altKey": false, "ctrlKey": false, "metaKey": false, "shiftKey": false, "secret": "not sent"
    });
    fire("#box", "pointerdown", pointer).await?;
    let wheel = serde_json::json!({ "deltaX": 0, "deltaY": 53.5, "deltaMode": 0, "clientX": 0, "clientY": 0 });
    fire("#box", "wheel", wheel).await?;
    fire("#box", "scroll", serde_json::json!({})).await?;
    fire("#box", "animationend", serde_json::json!({ "animationName": "fade", "elapsedTime": 0.2 })).await?;
    fire("details", "toggle", serde_json::json!({ "newState": "open" })).await?;
    fire("#audio", "play", serde_json::json!({})).await?;
    fire("input", "select", serde_json::json!({})).await?;
    page.sees("pen 2.5, wheel 53.5, scroll 0, fade, open true, None, to Some(4)").await?;
    assert!(!page.wire().sent().iter().any(|message| message.contains("not sent")));
    Ok(())
}
