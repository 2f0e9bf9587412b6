//! Each kind of event and each modifier. The view logs what arrives.

use std::time::Duration;

use lanai::event::Paste;
use lanai::prelude::*;

pub(crate) struct Events {
    log: Vec<String>,
    handler: bool,
}

impl Events {
    pub(crate) async fn mount(_cx: Cx<Self>) -> Self {
        Self { log: Vec::new(), handler: false }
    }

    fn note(&mut self, what: impl Into<String>) {
        self.log.push(what.into());
    }

    fn key(&mut self, key: Key) {
        self.note(format!("key {} {}", key.key, key.modifiers.shift));
    }

    fn click(&mut self, click: Click) {
        self.note(format!("click {} {}", click.x > 0.0, click.button));
    }

    fn typed(&mut self, Value(text): Value<String>) {
        self.note(format!("typed {text}"));
    }

    fn checked(&mut self, Checked(checked): Checked) {
        self.note(format!("checked {checked}"));
    }

    fn number(&mut self, Value(number): Value<u32>) {
        self.note(format!("number {number}"));
    }

    fn pasted(&mut self, paste: Paste) {
        self.note(format!("pasted {}", paste.text));
    }

    async fn later(&mut self, cx: &Cx<Self>) -> Result<()> {
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.note("later");
        cx.focus("#debounced");
        Ok(())
    }

    fn title(&mut self, cx: &Cx<Self>) {
        cx.title("Renamed");
    }

    fn toggle(&mut self) {
        self.handler = !self.handler;
    }
}

impl View for Events {
    fn render(&self) -> Html<Self> {
        let log = |what: &'static str| move |this: &mut Self| this.note(what);
        html! {
            button #click onclick=(Self::click) { "click" }
            button #double ondblclick=(log("double")) { "double" }
            input #focus onfocus=(log("focus")) onblur=(log("blur"));
            input #key onkeydown=(Self::key) onkeyup=(on(log("enter up")).key("Enter"));
            input #change onchange=(Self::typed);
            input #debounced oninput=(on(Self::typed).debounce(Duration::from_millis(2_000)));
            input #throttled oninput=(on(Self::typed).throttle(Duration::from_millis(300)));
            input #paste onpaste=(Self::pasted);
            input #keep onpaste=(on(Self::pasted).prevent());
            div onpaste=(on(Self::pasted).debounce(Duration::from_millis(300))) { textarea #lines {} }
            input #box type="checkbox" onchange=(Self::checked);
            input #number onchange=(Self::number);
            button #once onclick=(on(log("once")).once()) { "once" }
            a #prevent href="/elsewhere" onclick=(on(log("prevented")).prevent()) { "link" }
            div #outer onclick=(log("outer")) {
                button #stop onclick=(on(log("inner")).stop()) { "stop" }
                button #bubble onclick=(log("bubbled")) { "bubble" }
            }
            form #form onsubmit=(log("submit")) onreset=(log("reset")) {
                input name="x" value="1";
                button #submit { "submit" }
                button #reset type="reset" { "reset" }
            }
            button #later onclick=(Self::later) { "later" }
            button #title onclick=(Self::title) { "title" }
            button #toggle onclick=(Self::toggle) { "toggle" }
            button #optional onclick=[self.handler.then_some(log("optional"))] { "optional" }
            button #disabled disabled onclick=(log("disabled")) { "disabled" }
            ol #log { @for line in &self.log { li { (line) } } }
        }
    }
}
