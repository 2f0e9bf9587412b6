//! Tests the chats in which visitors choose what they receive.

use lanai_test::{Page, Result, TestApp, app, role};
use serde_json::json;

fn chats() -> TestApp {
    app(theme::app().merge(pubsub_chats::routes()))
}

async fn say(page: &Page, to: &str, text: &str) -> Result {
    page.choose("To", to).await?;
    page.fill("Your message", text).await?;
    page.click("Send").await
}

#[tokio::test(start_paused = true)]
async fn visitors_receive_only_what_they_subscribe_to() -> Result {
    let app = chats();
    let (ann, bob) = (app.visit("/flet").await?, app.visit("/flet").await?);
    ann.fill("Your name", "Ann").await?;
    say(&ann, "to all", "to everybody").await?;
    say(&ann, "to the others", "not to me").await?;
    bob.sees("Ann: to everybody Ann: not to me").await?;
    ann.sees_not("not to me").await?;
    bob.uncheck("everybody").await?;
    say(&ann, "to all", "nobody listens").await?;
    ann.sees("nobody listens").await?;
    assert!(!bob.text().contains("nobody listens"));
    bob.has(role("button").named("Leave")).await?;
    let error = bob.click("Leave").await.unwrap_err();
    assert_eq!(error.message(), "could not click \"Leave\": button \"Leave\" is disabled");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_admins_answer_reaches_the_page_that_asked() -> Result {
    let app = chats();
    let (alice, bob, admin) =
        (app.visit("/pulse/Alice").await?, app.visit("/pulse/Bob").await?, app.visit("/pulse/admin").await?);
    alice.fill("Question", "When is lunch?").await?;
    alice.click("Ask the admin").await?;
    admin.fill("Answer to Alice", "At noon.").await?;
    admin.click("Answer").await?;
    alice.sees("When is lunch? At noon.").await?;
    admin.fill("Announcement", "Lunch is ready.").await?;
    admin.click("Announce").await?;
    bob.sees("Lunch is ready.").await?;
    assert!(!bob.text().contains("At noon."));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_channel_connects_the_view_and_the_script() -> Result {
    let page = chats().visit("/cookbook").await?;
    let channel = page.channel("chat");
    channel.emit("send_message", json!({ "user": "me", "text": "from the script" })).await?;
    page.sees("me: from the script").await?;
    assert_eq!(channel.hears("new_message").await?, json!({ "user": "me", "text": "from the script" }));
    assert_eq!(channel.request("count", json!(null)).await?, Ok(json!(1)));
    channel.answers("get_location", |_| Ok(json!({ "lat": 40.7, "lng": -74.0 })))?;
    page.click("Where are you?").await?;
    page.sees("At 40.7, -74.").await?;
    channel.answers("get_location", |_| Err("the compass is broken".into()))?;
    page.click("Where are you?").await?;
    page.sees("the compass is broken").await?;
    Ok(())
}
