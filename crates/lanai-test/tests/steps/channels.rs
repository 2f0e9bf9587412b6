//! Channels, in the place of a page's JavaScript.

use std::time::Duration;

use lanai::prelude::*;
use lanai_test::{NoAnswer, Result};
use serde_json::json;

use crate::serve;

struct Map {
    map: Channel<Self>,
    place: String,
}

impl Map {
    async fn mount(cx: Cx<Self>) -> Self {
        let map = cx.channel("map");
        map.on("moved", |map: &mut Self, place: String| map.place = place);
        map.answer("zoom", |_: &mut Self, level: u32| level * 2);
        Self { map, place: "home".into() }
    }

    fn fly(&mut self) {
        self.map.emit("fly_to", "Rome");
    }

    async fn locate(&mut self) {
        let place = self.map.request::<String>("where", (), Duration::from_secs(2)).await;
        self.place = place.unwrap_or_else(|error| format!("lost: {error}"));
    }
}

impl View for Map {
    fn render(&self) -> Html<Self> {
        html! { p { "At " (self.place) } button onclick=(Self::fly) { "Fly" } button onclick=(Self::locate) { "Locate" } }
    }
}

#[tokio::test(start_paused = true)]
async fn a_view_and_a_script_speak_to_each_other() -> Result {
    let page = serve(Map::mount).visit("/").await?;
    let map = page.channel("map");
    map.emit("moved", "the sea").await?;
    page.sees("At the sea").await?;
    assert_eq!(map.request("zoom", 4).await?, Ok(json!(8)));
    page.click("Fly").await?;
    assert_eq!(map.hears("fly_to").await?, json!("Rome"));
    let nobody = NoAnswer { kind: "none".into(), message: None };
    assert_eq!(map.request("unknown", json!(null)).await?, Err(nobody));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_script_answers_what_the_view_asks() -> Result {
    let page = serve(Map::mount).visit("/").await?;
    page.channel("map").answers("where", |_| Ok(json!("the café")))?;
    page.click("Locate").await?;
    page.sees("At the café").await?;
    Ok(())
}
