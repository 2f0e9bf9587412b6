//! What browsers do, and what people miss in other tools that do it otherwise.

use std::time::Duration;

use lanai::prelude::*;
use lanai_test::{Result, css, label};

use crate::{page_with, serve};

#[derive(Default)]
struct Answers(Vec<String>);

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    kept: String,
}

impl Answers {
    fn answered(&mut self, Form(answer): Form<Answer>) {
        self.0.push(format!("{}{}", answer.answer, answer.kept));
    }
}

impl View for Answers {
    fn render(&self) -> Html<Self> {
        html! {
            form #ask onsubmit=(Self::answered) {
                select name="never" disabled { option { "x" } }
                button type="button" { "Nothing" }
                button name="answer" value="yes" { "Yes" }
                button name="answer" value="no" { "No" }
            }
            button form="ask" name="answer" value="far" { "From afar" }
            input form="ask" name="kept" value="!";
            output { (self.0.join(" ")) }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_sends_the_button_that_was_used_wherever_it_stands() -> Result {
    let page = serve(|_| async { Answers::default() }).visit("/").await?;
    page.click("Yes").await?;
    page.click("No").await?;
    page.click("From afar").await?;
    page.click("Nothing").await?;
    assert_eq!(page.text_of(css("output"))?, "yes! no! far!");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn of_two_fields_with_one_label_the_visible_one_is_meant() -> Result {
    let page = page_with("<label hidden>Name <input id=a></label><label>Name <input id=b></label>").await?;
    page.fill("Name", "Ada").await?;
    assert_eq!((page.value_of(css("#a"))?, page.value_of(css("#b"))?), (String::new(), "Ada".into()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_box_that_is_drawn_by_its_label_can_be_checked() -> Result {
    let page = page_with(r#"<input type="checkbox" id="box" hidden><label for="box">Dark mode</label>"#).await?;
    page.check("Dark mode").await?;
    assert!(page.is_checked(label("Dark mode"))?);
    page.click("Dark mode").await?;
    assert!(!page.is_checked(css("#box"))?);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_in_scripts_comments_and_attributes_is_not_seen() -> Result {
    let page = page_with("<!-- secret --><p title=secret data-x=secret>open</p><template>secret</template>").await?;
    page.sees("open").await?;
    page.sees_not("secret").await?;
    page.sees_not("\"t\":").await?;
    Ok(())
}

/// A view that leads elsewhere by itself, after a while.
struct Porter;

impl View for Porter {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Wait" } }
    }
}

#[tokio::test(start_paused = true)]
async fn a_condition_is_awaited_wherever_a_view_leads() -> Result {
    let page = serve(|cx: Cx<Porter>| async move {
        cx.after(Duration::from_secs(1), |_: &mut Porter, cx: &Cx<Porter>| cx.query(&[("open", "1")]));
        Porter
    })
    .visit("/")
    .await?;
    page.until("the address says it", |page| page.path() == "/?open=1").await
}
