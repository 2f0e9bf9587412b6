//! A page whose handlers panic, fail, or end it.

use lanai::prelude::*;

pub(crate) struct Fragile {
    error: Option<String>,
}

impl Fragile {
    pub(crate) async fn mount(_cx: Cx<Self>) -> Self {
        Self { error: None }
    }

    fn panics(&mut self) {
        panic!("on purpose");
    }

    fn fail(&mut self) -> Result<()> {
        "nonsense".parse::<u32>()?;
        Ok(())
    }
}

impl View for Fragile {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Fragile" }
            button #panic onclick=(Self::panics) { "panic" }
            button #fail onclick=(Self::fail) { "fail" }
            button #close onclick=(|_: &mut Self, cx: &Cx<Self>| cx.close()) { "close" }
            @if let Some(error) = &self.error { p #error { (error) } }
        }
    }

    fn failed(&mut self, error: &Error, _cx: &Cx<Self>) {
        self.error = Some(error.to_string());
    }
}
