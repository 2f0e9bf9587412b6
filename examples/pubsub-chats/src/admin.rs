//! The admin's page of Pulse's tutorial, and the same announcement from outside any page.

use axum::Extension;
use axum::http::StatusCode;
use lanai::Broker;
use lanai::prelude::*;

use crate::pulse::{ANNOUNCEMENTS, Announcement, QUESTIONS, Question, Word};

#[derive(Deserialize)]
pub(crate) struct Draft {
    text: String,
}

#[derive(Deserialize)]
pub(crate) struct ToOne {
    name: String,
    text: String,
}

/// The admin's page.
pub(crate) struct Admin {
    here: Present<()>,
    questions: Vec<(u64, Question)>,
    asked: u64,
}

impl Admin {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Pulse's tutorial: admin");
        cx.subscribe(QUESTIONS, Self::asked);
        Self { here: cx.presence(ANNOUNCEMENTS), questions: Vec::new(), asked: 0 }
    }

    fn asked(&mut self, question: &Question) {
        self.asked += 1;
        self.questions.push((self.asked, question.clone()));
    }

    fn announce(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        cx.publish(ANNOUNCEMENTS, Announcement { message: draft.text });
        cx.reset_form();
    }

    fn tell(&mut self, Form(draft): Form<ToOne>, cx: &Cx<Self>) {
        cx.publish(Topic::person(&draft.name), Word(draft.text));
        cx.reset_form();
    }

    fn answer(&mut self, number: u64, text: String, cx: &Cx<Self>) {
        if let Some(index) = self.questions.iter().position(|(asked, _)| *asked == number) {
            let (_, question) = self.questions.remove(index);
            cx.publish(Topic::instance(&question.page), Word(format!("{} {text}", question.text)));
        }
    }
}

impl View for Admin {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Admin" }
            div.side-by-side {
                article {
                    h2 { "To everybody" }
                    form.chat-form onsubmit=(Self::announce) {
                        input name="text" placeholder="An announcement" aria-label="Announcement" autocomplete="off" required;
                        button { "Announce" }
                    }
                    p { small { "The same from a terminal: " code { "curl -d 'Lunch is ready.' http://127.0.0.1:3000/announce" } } }
                }
                article {
                    h2 { "To one" }
                    @if self.here.is_empty() {
                        p { "Nobody is here. Open " a href="/pulse/Alice" target="_blank" { "the page of Alice" } "." }
                    } @else {
                        form.chat-form.to-one onsubmit=(Self::tell) {
                            select name="name" aria-label="Who" { @for person in &self.here { option key=(person.key) { (person.key) } } }
                            input name="text" placeholder="A word" aria-label="Word" autocomplete="off" required;
                            button { "Tell" }
                        }
                    }
                }
            }
            h2 { "Questions" }
            @if self.questions.is_empty() { p { "None so far." } }
            @for (number, question) in &self.questions {
                @let number = *number;
                article.question key=(number) {
                    p { strong { (question.name) } " asks: " (question.text) }
                    form.chat-form onsubmit=(move |admin: &mut Self, Form(draft): Form<Draft>, cx: &Cx<Self>| admin.answer(number, draft.text, cx)) {
                        input name="text" placeholder="The answer" aria-label={ "Answer to " (question.name) } autocomplete="off" required;
                        button { "Answer" }
                    }
                }
            }
        }
    }
}

/// `POST /announce`: an axum handler without a view. It responds when the announcement is certain to reach everyone.
pub(crate) async fn announce(
    Extension(broker): Extension<Broker>,
    message: String,
) -> Result<String, (StatusCode, String)> {
    let unavailable = |error: lanai::PublishError| (StatusCode::SERVICE_UNAVAILABLE, error.to_string());
    let receipt = broker.publish(ANNOUNCEMENTS, Announcement { message }).map_err(unavailable)?;
    receipt.stored().await.map_err(unavailable)?;
    Ok("Announced.\n".into())
}
