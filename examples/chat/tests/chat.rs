//! Tests the chats with several people.

use lanai_test::{Result, TestApp, app, role};

fn chat() -> TestApp {
    app(theme::app().merge(chat::routes()))
}

#[tokio::test(start_paused = true)]
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

#[tokio::test(start_paused = true)]
async fn the_chat_that_asks_for_the_name_keeps_it() -> Result {
    let app = chat();
    let (page, other) = (app.visit("/chat").await?, app.visit("/chat").await?);
    page.type_text("Your message", "Who am I?\n").await?;
    other.sees("Anonymous: Who am I?").await?;
    page.fill("Your name", "Ada").await?;
    page.type_text("Your message", "It is me\n").await?;
    other.within(role("log").named("Messages")).sees("Ada: It is me").await?;
    assert_eq!(page.value_of("Your name")?, "Ada");
    assert_eq!(page.value_of("Your message")?, "");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_empty_message_is_not_sent() -> Result {
    let page = chat().visit("/chat/Alice").await?;
    page.fill("Say something nice", "   ").await?;
    page.click("Send").await?;
    assert_eq!(page.text_of(role("log"))?, "");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn messages_sent_while_disconnected_arrive_after_the_reconnect() -> Result {
    let app = chat();
    let (alice, bob) = (app.visit("/chat/Alice").await?, app.visit("/chat/Bob").await?);
    alice.disconnect();
    alice.fill("Say something nice", "from the tunnel").await?;
    alice.click("Send").await?;
    bob.fill("Say something nice", "are you there?").await?;
    bob.click("Send").await?;
    alice.reconnect().await?;
    alice.sees("Bob: are you there? Alice: from the tunnel").await?;
    bob.sees("Bob: are you there? Alice: from the tunnel").await?;
    Ok(())
}
