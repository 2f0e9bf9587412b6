//! Virtual time: with a paused clock, whatever waits takes no time.

use std::time::Duration;

use lanai::prelude::*;
use lanai_test::{Result, app};

use crate::serve;

struct Clock {
    minutes: u32,
    alarm: Option<&'static str>,
}

impl Clock {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(Duration::from_secs(60), |clock: &mut Self| clock.minutes += 1);
        cx.after(Duration::from_secs(600), |clock: &mut Self| clock.alarm = Some("Wake up!"));
        Self { minutes: 0, alarm: None }
    }

    async fn slow(&mut self) {
        tokio::time::sleep(Duration::from_secs(3)).await;
        self.minutes += 100;
    }
}

impl View for Clock {
    fn render(&self) -> Html<Self> {
        html! { p { (self.minutes) " minutes" } (self.alarm) button onclick=(Self::slow) { "Wind" } }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_pass_at_once() -> Result {
    let page = serve(Clock::mount).visit("/").await?;
    page.sees("0 minutes").await?;
    tokio::time::sleep(Duration::from_secs(150)).await;
    page.sees("2 minutes").await?;
    page.with_patience(Duration::from_secs(600)).sees("Wake up!").await?;
    page.sees("10 minutes").await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_click_waits_for_its_handler_unless_it_is_told_not_to() -> Result {
    let page = serve(Clock::mount).visit("/").await?;
    page.click("Wind").await?;
    assert!(page.text().contains("100 minutes"));
    page.wait_for_answers(false);
    page.click("Wind").await?;
    assert!(page.text().contains("100 minutes"), "the handler still runs");
    assert_eq!(page.attribute_of("Wind", "data-lanai-pending")?.as_deref(), Some(""));
    page.sees("200 minutes").await?;
    Ok(())
}

#[tokio::test]
async fn real_time_does_as_well() -> Result {
    let page = serve(Clock::mount).visit("/").await?;
    page.sees("0 minutes").await?;
    Ok(())
}

const ROOM: Topic<()> = Topic::local("room");

/// Shows who is here.
struct Room(Present<String>);

impl Room {
    async fn mount(cx: Cx<Self>, Path(name): Path<String>) -> Self {
        cx.track(ROOM, &name, &name);
        Self(cx.presence(ROOM))
    }
}

impl View for Room {
    fn render(&self) -> Html<Self> {
        html! { ul { @for person in &self.0 { li { (person.meta) } } } }
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_lost_leaves_when_the_grace_is_over() -> Result {
    let app = app(App::new().route("/{name}", live(Room::mount)));
    let ann = app.visit("/Ann").await?;
    let bob = app.visit("/Bob").await?;
    ann.sees("Bob").await?;
    bob.disconnect();
    ann.with_patience(Duration::from_secs(3600)).sees_not("Bob").await?;
    Ok(())
}
