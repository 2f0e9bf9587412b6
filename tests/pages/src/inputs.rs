//! Controls that both the server and a person change.

use std::time::Duration;

use lanai::prelude::*;

pub(crate) struct Inputs {
    text: String,
    upper: String,
    checked: bool,
    choice: String,
    story: String,
    ticks: u32,
    sent: u32,
}

#[derive(Deserialize)]
pub(crate) struct Fields {
    plain: String,
    #[serde(default)]
    choice: String,
}

impl Inputs {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.every(Duration::from_millis(20), |this: &mut Self| this.ticks += 1);
        Self {
            text: "initial".into(),
            upper: String::new(),
            checked: true,
            choice: "b".into(),
            story: "\nonce".into(),
            ticks: 0,
            sent: 0,
        }
    }

    fn text(&mut self, Value(text): Value<String>) {
        self.text = text;
    }

    /// The value that the server sets wins.
    fn upper(&mut self, Value(text): Value<String>) {
        self.upper = text.to_uppercase();
    }

    fn story(&mut self, Value(story): Value<String>) {
        self.story = story;
    }

    fn checked(&mut self, Checked(checked): Checked) {
        self.checked = checked;
    }

    fn choice(&mut self, Value(choice): Value<String>) {
        self.choice = choice;
    }

    fn clear(&mut self) {
        self.text.clear();
        self.upper.clear();
        self.story.clear();
        self.checked = false;
        self.choice = "c".into();
    }

    async fn submit(&mut self, Form(fields): Form<Fields>, cx: &Cx<Self>) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.sent += 1;
        self.text = format!("{}/{}", fields.plain, fields.choice);
        cx.reset_form();
    }
}

impl View for Inputs {
    fn render(&self) -> Html<Self> {
        html! {
            // The page changes constantly. The controls must not be affected.
            p #ticks { (self.ticks) }
            input #text value=(self.text) oninput=(Self::text);
            input #upper value=(self.upper) oninput=(Self::upper);
            input #checked type="checkbox" checked[self.checked] onchange=(Self::checked);
            select #choice onchange=(Self::choice) {
                @for option in ["a", "b", "c"] {
                    option key=(option) value=(option) selected[self.choice == option] { (option) }
                }
            }
            textarea #story oninput=(Self::story) { (self.story) }
            p #echo { (self.text) "|" (self.upper) "|" (self.checked) "|" (self.choice) "|" (self.story) }
            button #clear onclick=(Self::clear) { "clear" }
            form #form onsubmit=(Self::submit) {
                input #plain name="plain";
                select name="choice" { option { "x" } option { "y" } }
                button #submit { "submit" }
            }
            p #sent { (self.sent) }
        }
    }
}
