//! Tests the chats with several people.

use lanai_test::{Result, TestApp, app};

fn chat() -> TestApp {
    app(theme::app().merge(chat::routes()))
}

#[tokio::test]
async fn everyone_sees_each_message() -> Result {
    let app = chat();
    let (alice, bob) = (app.visit("/chat/Alice").await?, app.visit("/chat/Bob").await?);
    alice.fill("Say something nice", "hi").await?;
    alice.click("Send").await?;
    bob.sees("Alice: hi").await?;
    alice.sees("Alice: hi").await?;
    assert_eq!(alice.value_of("Say something nice")?, "", "the field is cleared for the next message");
    Ok(())
}
