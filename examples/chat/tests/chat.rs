//! The chats, with several people.

use lanai_test::{Result, TestApp, app};

fn chat() -> TestApp {
    app(theme::app().merge(chat::routes()))
}

#[tokio::test]
async fn what_one_says_is_seen_by_all() -> Result {
    let app = chat();
    let (alice, bob) = (app.visit("/chat/Alice").await?, app.visit("/chat/Bob").await?);
    alice.fill("Say something nice", "hi").await?;
    alice.click("Send").await?;
    bob.sees("Alice: hi").await?;
    alice.sees("Alice: hi").await?;
    assert_eq!(alice.value_of("Say something nice")?, "", "the field is free for the next message");
    Ok(())
}
