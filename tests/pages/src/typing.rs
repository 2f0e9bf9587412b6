//! Fields that the view controls and checks, for people who type fast on a slow connection.

use std::time::Duration;

use lanai::form::Changed;
use lanai::prelude::*;

/// How long a field has to be left alone until the view is told.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Typing {
    text: String,
    upper: String,
    form: LiveForm<Letter>,
    /// Fields that browsers fill in: the kind of each, and its text.
    card: [(&'static str, String); 5],
    /// What the view was told of the fields, in this order.
    told: Vec<(&'static str, String)>,
    ticks: u32,
}

#[derive(Form, Default)]
pub(crate) struct Letter {
    #[form(min_length = 3, max_length = 200)]
    subject: String,
}

impl Typing {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.every(Duration::from_millis(50), |typing: &mut Self| typing.ticks += 1);
        Self {
            text: String::new(),
            upper: String::new(),
            form: LiveForm::default(),
            card: ["cc-name", "cc-number", "cc-exp-month", "cc-exp-year", "cc-csc"].map(|kind| (kind, String::new())),
            told: Vec::new(),
            ticks: 0,
        }
    }

    fn text(&mut self, Value(text): Value<String>) {
        self.told.push(("text", text.clone()));
        self.text = text;
    }

    fn upper(&mut self, Value(text): Value<String>) {
        self.told.push(("upper", text.clone()));
        self.upper = text.to_uppercase();
    }

    fn filled(&mut self, index: usize, Value(text): Value<String>) {
        self.told.push((self.card[index].0, text.clone()));
        self.card[index].1 = text;
    }

    fn changed(&mut self, _: Changed<Letter>) {
        self.told.push(("subject", self.form.field(Letter::SUBJECT).value().to_owned()));
    }

    fn send(&mut self, _: Letter) {}
}

impl View for Typing {
    fn render(&self) -> Html<Self> {
        let is_valid = self.text.chars().all(|c| !c.is_ascii_digit());
        html! {
            // The page changes constantly.
            p #ticks { (self.ticks) }
            input #text aria-invalid=[(!is_valid).then_some("true")] value=(self.text)
                oninput=(on(Self::text).debounce(PAUSE));
            @if !is_valid { p #problem { "No digits, please." } }
            input #upper value=(self.upper) oninput=(on(Self::upper).debounce(PAUSE));
            form (self.form.events_with_change(|typing: &mut Self| &mut typing.form, Self::send, Self::changed)) {
                (self.form.field(Letter::SUBJECT))
            }
            form #card {
                @for (index, (kind, text)) in self.card.iter().enumerate() {
                    label key=(kind) {
                        (kind)
                        input id=(kind) autocomplete=(kind) value=(text)
                            oninput=(on(move |typing: &mut Self, value: Value<String>| typing.filled(index, value)).debounce(PAUSE));
                    }
                }
                button type="button" { "Pay" }
            }
            textarea #source {}
            p #told { (serde_json::to_string(&self.told).unwrap_or_default()) }
        }
    }
}
