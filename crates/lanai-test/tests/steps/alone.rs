//! A view alone, without a program around it.

use lanai::prelude::*;
use lanai_test::{Result, css, label, mount, view};

const SAID: Topic<String> = Topic::new("said");
const LOUDER: Topic<()> = Topic::new("louder");

struct Speaker {
    cx: Option<Cx<Self>>,
    text: String,
}

impl Speaker {
    fn mount(cx: Cx<Self>) -> Self {
        cx.subscribe(LOUDER, |speaker: &mut Self, (): &()| speaker.text = speaker.text.to_uppercase());
        Self { cx: Some(cx), text: String::new() }
    }

    fn say(&mut self, Form(said): Form<Said>, cx: &Cx<Self>) {
        cx.publish(SAID, said.text.clone());
        cx.title(format!("Said {}", said.text));
        cx.focus("#text");
        cx.scroll_to("output");
        cx.reset_form();
        self.text = said.text;
    }
}

#[derive(Deserialize)]
struct Said {
    text: String,
}

impl View for Speaker {
    fn render(&self) -> Html<Self> {
        html! {
            form onsubmit=(Self::say) { input #text name="text" aria-label="Text"; button { "Say" } }
            output { (self.text) }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_view_does_beside_its_html_can_be_seen() -> Result {
    let speaker = mount(Speaker::mount).await?;
    let said = speaker.published(SAID);
    speaker.fill("Text", "hello").await?;
    speaker.click("Say").await?;
    assert_eq!(said.take().iter().map(|text| text.as_str()).collect::<Vec<_>>(), ["hello"]);
    assert_eq!(speaker.title(), "Said hello");
    assert_eq!(speaker.focused().as_deref(), Some("textbox \"Text\""));
    assert_eq!(speaker.scrolled_to().as_deref(), Some("status"));
    assert_eq!(speaker.value_of(label("Text"))?, "");
    speaker.broker().publish(LOUDER, ()).unwrap();
    speaker.sees("HELLO").await?;
    assert!(speaker.read(|speaker| speaker.cx.is_some()).await?);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_view_is_changed_directly() -> Result {
    let speaker = view(Speaker { cx: None, text: "before".into() }).await?;
    assert_eq!(speaker.text_of(css("output"))?, "before");
    let length = speaker
        .update(|speaker, _cx| {
            speaker.text.push_str(" and after");
            speaker.text.len()
        })
        .await?;
    assert_eq!(length, 16);
    assert_eq!(speaker.text_of(css("output"))?, "before and after");
    Ok(())
}
