//! Tests the assistant as people use it, with the stand-in behind it.

use std::sync::Arc;
use std::time::Duration;

use assistant::Model;
use assistant::stand_in::Pace;
use lanai_test::{Result, TestApp, app, css, role};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

fn assistant(pace: Pace) -> TestApp {
    app(theme::app().merge(assistant::routes_with(Model::stand_in(pace))))
}

fn at_once() -> TestApp {
    assistant(Pace::Every(Duration::ZERO))
}

#[tokio::test]
async fn an_answer_arrives_word_by_word_and_is_markdown() -> Result {
    let words = Arc::new(Semaphore::new(0));
    let page = assistant(Pace::Permits(words.clone())).visit("/assistant").await?;
    page.fill("Question", "Who are <you>?").await?;
    page.click(role("button").named("Ask")).await?;
    let answer = page.within(css(".answer"));
    words.add_permits(3);
    answer.sees("This is answer").await?;
    answer.sees_not("1.").await?;
    words.add_permits(10_000);
    answer.sees("The guide says more.").await?;
    assert_eq!(page.texts(css(".answer blockquote p")), ["Who are <you>?"]);
    assert_eq!(page.count(css(".answer li")), 4);
    assert_eq!(page.count(css(".answer tbody tr")), 2);
    assert_eq!(page.texts(css(".answer h2")), ["What you see"]);
    assert!(answer.text().contains("Raw <b>HTML</b> is shown as text."));
    page.sees("Retry").await
}

#[tokio::test]
async fn an_answer_can_be_stopped_and_asked_again() -> Result {
    let words = Arc::new(Semaphore::new(3));
    let page = assistant(Pace::Permits(words.clone())).visit("/assistant").await?;
    page.fill("Question", "Go on").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("This is answer").await?;
    page.click("Stop").await?;
    page.sees("Stopped.").await?;
    words.add_permits(10_000);
    page.click("Retry").await?;
    page.sees("The guide says more.").await?;
    page.sees_not("Stopped.").await?;
    assert_eq!(page.count(css(".answer")), 1);
    Ok(())
}

#[tokio::test]
async fn the_model_is_told_what_was_said_before() -> Result {
    let page = at_once().visit("/assistant").await?;
    for number in 1..=3 {
        page.fill("Question", "And then?").await?;
        page.click(role("button").named("Ask")).await?;
        page.sees(&*format!("This is answer {number}.")).await?;
        page.sees("Retry").await?;
    }
    Ok(())
}

#[tokio::test]
async fn conversations_go_on_side_by_side() -> Result {
    let words = Arc::new(Semaphore::new(0));
    let page = assistant(Pace::Permits(words.clone())).visit("/assistant").await?;
    page.fill("Question", "The first").await?;
    page.click(role("button").named("Ask")).await?;
    page.click("New conversation").await?;
    page.fill("Question", "The second").await?;
    page.click(role("button").named("Ask")).await?;
    words.add_permits(10_000);
    page.sees("The guide says more.").await?;
    assert_eq!(page.texts(css(".question")), ["The second"]);
    page.click("The first").await?;
    page.sees("The guide says more.").await?;
    assert_eq!(page.texts(css(".question")), ["The first"]);
    Ok(())
}

#[tokio::test]
async fn what_goes_wrong_is_said_and_can_be_tried_again() -> Result {
    let page = at_once().visit("/assistant").await?;
    page.fill("Question", "fail").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("the model answered 429 Too Many Requests: Too many questions.").await?;
    page.click("Retry").await?;
    page.sees("the model answered 429").await?;

    let nobody = app(theme::app().merge(assistant::routes_with(Model::at("http://127.0.0.1:1/v1"))));
    let page = nobody.visit("/assistant").await?;
    page.fill("Question", "Hello?").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("the model cannot be reached").await
}

#[tokio::test]
async fn an_answer_goes_on_when_the_tab_is_closed_and_can_be_stopped_from_the_next_one() -> Result {
    let words = Arc::new(Semaphore::new(3));
    let app = assistant(Pace::Permits(words.clone()));
    let visitor = app.person();
    let page = visitor.visit("/assistant").await?;
    page.fill("Question", "Go on").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("This is answer").await?;
    page.close().await;
    words.add_permits(2);
    let page = visitor.visit("/assistant").await?;
    page.sees("This is answer 1. You").await?;
    page.click("Stop").await?;
    page.sees("Stopped.").await?;
    page.click("Retry").await?;
    page.close().await;
    words.add_permits(10_000);
    let page = visitor.visit("/assistant").await?;
    page.sees("The guide says more.").await?;
    // Others have conversations of their own.
    app.visit("/assistant").await?.sees_not("Go on").await
}

#[tokio::test]
async fn the_last_question_can_be_edited() -> Result {
    let page = at_once().visit("/assistant").await?;
    page.type_text("Question", "Who am I?").await?;
    page.press("Enter").await?;
    page.sees("The guide says more.").await?;
    page.click("Edit").await?;
    page.click("Cancel").await?;
    page.click("Edit").await?;
    page.fill("Edited question", "Who are you?").await?;
    page.click("Ask again").await?;
    page.sees("Retry").await?;
    assert_eq!(page.texts(css(".question")), ["Who are you?"]);
    assert_eq!(page.texts(css(".answer blockquote p")), ["Who are you?"]);
    Ok(())
}

#[tokio::test]
async fn tools_wait_for_approval() -> Result {
    let page = at_once().visit("/assistant").await?;
    page.fill("Question", "Note: buy milk; buy <bread>").await?;
    page.click(role("button").named("Ask")).await?;
    let permission = page.within(role("region").named("Permission"));
    permission.sees("buy milk").await?;
    page.sees("waiting for you").await?;
    assert_eq!(page.count(css(".notes li")), 0, "nothing happens before");
    permission.click("Allow").await?;
    permission.sees("buy <bread>").await?;
    assert_eq!(page.texts(css(".notes li")), ["buy milk"]);
    permission.click("Deny").await?;
    page.sees("The tool says: It is note 1.").await?;
    page.sees("The tool says: The user does not allow this.").await?;
    assert_eq!(page.texts(css(".use")), ["Add a note “buy milk”: done", "Add a note “buy <bread>”: denied"]);
    assert_eq!(page.texts(css(".notes li")), ["buy milk"]);
    page.sees("Retry").await?;

    // What changes nothing needs no approval, and mistakes of the model are told to it.
    page.fill("Question", "note ?; -7").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("Remove a note?").await?;
    page.sees("Read your notes: done").await?;
    page.click("Always allow in this conversation").await?;
    page.sees("The tool says: There is no note 7.").await?;
    page.fill("Question", "note -1; eat").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("The tool says: Removed: buy milk").await?;
    assert_eq!(page.texts(css(".notes li")), ["eat"]);

    // It is trusted in this conversation only.
    page.click("New conversation").await?;
    page.fill("Question", "note: sleep").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("Add a note?").await
}

#[tokio::test]
async fn an_answer_that_waits_for_approval_can_be_stopped_and_goes_on_in_another_tab() -> Result {
    let app = at_once();
    let visitor = app.person();
    let page = visitor.visit("/assistant").await?;
    page.fill("Question", "note: buy milk").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("Add a note?").await?;
    page.click("Stop").await?;
    page.sees("Stopped.").await?;
    page.sees_not("Add a note?").await?;
    // The model is told that the tool was not used.
    page.fill("Question", "And now?").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("This is answer 2.").await?;
    page.click("New conversation").await?;
    page.fill("Question", "note: buy tea").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("Add a note?").await?;
    // The question waits in a conversation that is not open, and without a tab.
    page.click("note: buy milk").await?;
    page.sees_not("Add a note?").await?;
    page.close().await;
    let page = visitor.visit("/assistant").await?;
    page.click("note: buy tea").await?;
    page.click("Allow").await?;
    page.sees("The tool says: It is note 1.").await?;
    assert_eq!(page.texts(css(".notes li")), ["buy tea"]);
    Ok(())
}

#[tokio::test]
async fn a_model_that_never_stops_using_tools_is_stopped() -> Result {
    let page = asked(
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"list_notes\",\"arguments\":\"\"}},\
         {\"id\":\"b\",\"function\":{\"name\":\"fly\",\"arguments\":\"{\"}},\
         {\"id\":\"c\",\"function\":{\"name\":\"add_note\",\"arguments\":\"{\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n",
    )
    .await?;
    page.sees("the model does not stop using tools").await?;
    assert_eq!(page.count(css(".use")), 30);
    assert_eq!(page.texts(css(".use"))[..2], ["Read your notes: done", "Use a tool “fly”: failed"]);
    Ok(())
}

#[tokio::test]
async fn a_model_without_tools_is_asked_without_them() -> Result {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let router = axum::Router::new().fallback(async |body: String| {
        if body.contains("\"tools\"") {
            (axum::http::StatusCode::BAD_REQUEST, "it does not support tools")
        } else {
            (
                axum::http::StatusCode::OK,
                "data: {\"choices\":[{\"delta\":{\"content\":\"Hello!\"}}]}\n\ndata: [DONE]\n\n",
            )
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let page = app(theme::app().merge(assistant::routes_with(Model::at(&address)))).visit("/assistant").await?;
    for _ in 0..2 {
        page.fill("Question", "Hello?").await?;
        page.click(role("button").named("Ask")).await?;
        page.sees("Hello!").await?;
        page.sees("Retry").await?;
    }
    assert_eq!(page.texts(css(".answer p")), ["Hello!", "Hello!"]);
    Ok(())
}

/// Asks a server that always answers with this body.
async fn asked(body: &'static str) -> Result<lanai_test::Page> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let router = axum::Router::new().fallback(move || async move { body });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let page = app(theme::app().merge(assistant::routes_with(Model::at(&address)))).visit("/assistant").await?;
    page.fill("Question", "Hello?").await?;
    page.click(role("button").named("Ask")).await?;
    page.sees("Retry").await?;
    Ok(page)
}

#[tokio::test]
async fn servers_that_bend_the_protocol_are_understood() -> Result {
    // The last event is missing, deltas are empty or missing, and the last chunk has no choice but the usage.
    let page = asked(
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n\
         data: {\"choices\":[{\"delta\":{\"content\":\"It \"}}]}\r\n\r\n: ping\n\n\
         data: {\"choices\":[{\"delta\":{\"content\":\"works \\ud83d\\udc69\\u200d\"}}]}\n\n\
         data: {\"choices\":[{\"delta\":{\"content\":\"\\ud83d\\ude80\"}}]}\n\n\
         data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{}}\n\n",
    )
    .await?;
    assert_eq!(page.texts(css(".answer p")), ["It works \u{1f469}\u{200d}\u{1f680}"]);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_fails_in_the_middle_keeps_what_came() -> Result {
    let half = "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n";
    for (rest, trouble) in [
        ("data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "the model failed: overloaded"),
        ("", "the answer of the model was cut off"),
        ("data: {\n\n", "the answer of the model cannot be read"),
    ] {
        let page = asked(format!("{half}{rest}").leak()).await?;
        assert_eq!(page.texts(css(".answer p")), ["Half", trouble]);
    }
    Ok(())
}
