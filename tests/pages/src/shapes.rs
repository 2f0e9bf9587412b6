//! Markup of all shapes that changes repeatedly, to compare a patched page with a fresh page.

use lanai::maud;
use lanai::prelude::*;

pub(crate) struct Shapes {
    step: usize,
    rows: Vec<u32>,
    part: Part,
}

struct Part {
    clicks: u32,
}

impl Part {
    fn click(&mut self) {
        self.clicks += 1;
    }

    fn render(&self) -> Html<Self> {
        html! { button.part onclick=(Self::click) { "part " (self.clicks) } }
    }
}

#[derive(Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    step: usize,
    #[serde(default)]
    clicks: u32,
}

impl Shapes {
    pub(crate) async fn mount(_cx: Cx<Self>, Query(from): Query<From>) -> Self {
        let mut shapes = Self { step: 0, rows: Vec::new(), part: Part { clicks: from.clicks } };
        (0..from.step).for_each(|_| shapes.next());
        shapes
    }

    /// Inserts, removes and moves rows. The result depends only on the step.
    fn next(&mut self) {
        self.step += 1;
        let step = self.step as u32;
        match self.step % 5 {
            0 => self.rows.reverse(),
            1 => self.rows.insert(self.rows.len() / 2, step),
            2 => self.rows.extend([step * 10, step * 10 + 1, step * 10 + 2]),
            3 => self.rows.rotate_left(1),
            _ => drop(self.rows.remove(self.rows.len() / 3)),
        }
    }
}

impl View for Shapes {
    fn render(&self) -> Html<Self> {
        let step = self.step;
        html! {
            button #next onclick=(Self::next) { "next" }
            p #step { (step) }
            @if step.is_multiple_of(2) { p { "even " (step) } } @else if step.is_multiple_of(3) { b { "third" } "loose" }
            @match step % 4 { 0 => "none", 1 => { i { (step) } } 2 => (step) _ => { "a" (step) "b" br; } }
            ul { @for row in &self.rows { li key=(row) class=[(row % 2 == 0).then_some("even")] data-row=(row) { (row) ": " (step * *row as usize) } } }
            table { tbody { @for row in &self.rows { tr key=(row) { td { (row) } @if row % 3 == 0 { td { "third" } } } } } }
            dl { @for row in self.rows.iter().take(step % 4) { dt { (row) } dd { (row * 2) } } }
            svg viewBox="0 0 100 20" width="200" {
                @for row in self.rows.iter().take(5) {
                    circle key=(row) cx=(row % 100) cy="10" r=(step % 9 + 1) {}
                    text x=(row % 100) { (row) }
                }
                (dot(step))
            }
            select disabled { @for row in &self.rows { option key=(row) selected[*row as usize == step] { (row) } } }
            pre { (if step.is_multiple_of(2) { "\nline" } else { "line\r\nline" }) (step) }
            p title=(format!("\"{step}\" & <b>")) { "<b>" (format!("<i>{step}</i>")) (maud::PreEscaped(format!("<em>{step}</em><br>"))) }
            a href=(if step.is_multiple_of(2) { "/ok" } else { "javascript:alert(1)" }) { "link" }
            details open[step % 3 == 1] { summary { "s" } (Some(card(step))) }
            div { (self.rows.iter().map(|row| card(*row as usize)).collect::<Vec<_>>()) }
            (self.part.render().map(|shapes: &mut Self| &mut shapes.part))
        }
    }
}

fn card(number: usize) -> Html {
    html! { article { (number) @if number.is_multiple_of(2) { hr; } } }
}

fn dot(step: usize) -> Html {
    html! { g { rect width=(step) height="2" {} } }
}
