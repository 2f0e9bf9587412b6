//! Bugs that people have reported in comparable frameworks (controls, forms, keys, rows, dialogs, lost clicks), as
//! small pages: `/reports/<name>`.
//!
//! Each view reproduces one situation. The steps and the correct results are in `tests/browser/reports.test.mjs`.

use std::time::Duration;

use axum::Router;
use lanai::prelude::*;

/// Returns all routes of this module.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/reports/button", live(Button::mount))
        .route("/reports/keys", live(Keys::mount))
        .route("/reports/opened", live(Opened::mount))
        .route("/reports/password", live(Password::mount))
        .route("/reports/radios", live(Radios::mount))
        .route("/reports/range", live(Range::mount))
        .route("/reports/reload", live(Reload::mount))
        .route("/reports/reset", live(Reset::mount))
        .route("/reports/rows", live(Rows::mount))
        .route("/reports/select", live(Select::mount))
        .route("/reports/submit", live(Submit::mount))
        .route("/reports/text", live(Text::mount))
        .route("/reports/untouched", live(Untouched::mount))
}

/// How often a page changes by itself.
const TICK: Duration = Duration::from_millis(20);

/// Controls whose value the browser has corrected or chosen itself. No one has touched them.
struct Untouched {
    heard: Vec<String>,
    ticks: u32,
}

impl Untouched {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(TICK, |this: &mut Self| this.ticks += 1);
        Self { heard: Vec::new(), ticks: 0 }
    }
}

impl View for Untouched {
    fn render(&self) -> Html<Self> {
        let told = |what: &'static str| {
            move |this: &mut Self, Value(value): Value<String>| this.heard.push(format!("{what} {value}"))
        };
        let ticked = |this: &mut Self, Checked(checked): Checked| this.heard.push(format!("box {checked}"));
        html! {
            p #ticks { (self.ticks) }
            p #heard { (self.heard.join("|")) }
            button #click onclick=(|this: &mut Self| this.heard.push("click".into())) { "click" }
            // The browser's own defaults.
            input #range type="range" oninput=(told("range"));
            input #color type="color" oninput=(told("color"));
            // Values that the browser writes differently, or refuses.
            input #upper type="color" value=("#FF8800") oninput=(told("upper"));
            input #order type="range" value=(500) max="1000" oninput=(told("order"));
            input #beyond type="range" max="100" value=(150) oninput=(told("beyond"));
            input #word type="number" value=("twelve") oninput=(told("word"));
            input #day type="date" value=("2024-02-30") oninput=(told("day"));
            input #mail type="email" value=(" ann@example.org ") oninput=(told("mail"));
            input #lines type="text" value=("one\ntwo") oninput=(told("lines"));
            textarea #crlf oninput=(told("crlf")) { ("one\r\ntwo") }
            // The browser shows the first option that is not disabled, and the last one that is selected.
            select #placeholder onchange=(told("placeholder")) {
                option value="" disabled { "Choose" }
                option value="a" { "a" }
                option value="b" { "b" }
            }
            select #twice onchange=(told("twice")) {
                option value="" selected { "Choose" }
                option value="a" { "a" }
                option value="b" selected { "b" }
            }
            input #box type="checkbox" checked onchange=(ticked);
        }
    }
}

/// A form with the browser's own reset button.
struct Reset {
    free: String,
    held: String,
    resets: u32,
}

impl Reset {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { free: String::new(), held: String::new(), resets: 0 }
    }

    fn free(&mut self, Value(text): Value<String>) {
        self.free = text;
    }

    fn held(&mut self, Value(text): Value<String>) {
        self.held = text;
    }
}

impl View for Reset {
    fn render(&self) -> Html<Self> {
        html! {
            form onreset=(|this: &mut Self| this.resets += 1) {
                input #free name="free" oninput=(Self::free);
                input #held name="held" value=(self.held) oninput=(Self::held);
                button #reset type="reset" { "Reset" }
            }
            p #echo { (self.free) "|" (self.held) }
            p #resets { (self.resets) }
        }
    }
}

/// A slider whose limits are set after its value, or together with it.
struct Range {
    shown: bool,
    max: u32,
    value: u32,
}

impl Range {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { shown: false, max: 10, value: 5 }
    }

    fn widen(&mut self) {
        self.shown = true;
        self.max = 1000;
        self.value = 500;
    }
}

impl View for Range {
    fn render(&self) -> Html<Self> {
        html! {
            button #widen onclick=(Self::widen) { "Widen" }
            input #there type="range" value=(self.value) max=(self.max) onchange=(|this: &mut Self, Value(value): Value<u32>| this.value = value);
            @if self.shown {
                input #inserted type="range" value=(self.value) max=(self.max) disabled;
                input #typeless value=(self.value) max=(self.max) type=("range") disabled;
            }
        }
    }
}

/// A password that can be revealed.
struct Password {
    shown: bool,
    password: String,
    secret: String,
}

impl Password {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { shown: false, password: String::new(), secret: String::new() }
    }

    fn password(&mut self, Value(text): Value<String>) {
        self.password = text;
    }

    fn toggle(&mut self) {
        self.shown = !self.shown;
    }

    fn submit(&mut self, Form(fields): Form<Fields>) {
        self.secret = format!("{}/{}", fields.free, fields.held);
    }
}

#[derive(Deserialize)]
struct Fields {
    free: String,
    held: String,
}

impl View for Password {
    fn render(&self) -> Html<Self> {
        let kind = if self.shown { "text" } else { "password" };
        html! {
            form #form onsubmit=(Self::submit) {
                input #free name="free" type=(kind) onkeydown=(on(Self::toggle).key("F2"));
                input #held name="held" type=(kind) value=(self.password) oninput=(Self::password) onkeydown=(on(Self::toggle).key("F2"));
                button { "Send" }
            }
            p #shown { (kind) }
            p #secret { (self.secret) }
        }
    }
}

/// Two questions, one at a time, that reuse the same elements.
struct Radios {
    second: bool,
    answers: [u32; 2],
}

impl Radios {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { second: false, answers: [2, 1] }
    }

    fn turn(&mut self) {
        self.second = !self.second;
    }
}

impl View for Radios {
    fn render(&self) -> Html<Self> {
        let question = usize::from(self.second);
        html! {
            button #turn onclick=(Self::turn) { "The other question" }
            @for answer in 0..3 {
                label key=(answer) {
                    input type="radio" name=(format!("question{question}")) value=(answer) checked[self.answers[question] == answer]
                        onchange=(move |this: &mut Self| this.answers[usize::from(this.second)] = answer);
                    (answer)
                }
            }
            // Two groups that exchange their names at once.
            @for group in 0..2 {
                fieldset key=(group) {
                    input type="radio" name=(format!("swap{}", (group + question) % 2)) value="yes" checked;
                    input type="radio" name=(format!("swap{}", (group + question) % 2)) value="no";
                }
            }
            p #echo { (question) "|" (self.answers[0]) "|" (self.answers[1]) }
        }
    }
}

/// Controls that a person changes with the keyboard, faster than the server answers.
struct Keys {
    level: u32,
    choice: u32,
    place: u32,
    flag: bool,
    date: String,
    ticks: u32,
}

impl Keys {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(TICK, |this: &mut Self| this.ticks += 1);
        Self { level: 50, choice: 0, place: 0, flag: false, date: String::new(), ticks: 0 }
    }

    fn level(&mut self, Value(level): Value<u32>) {
        self.level = level;
    }

    fn choice(&mut self, Value(choice): Value<u32>) {
        self.choice = choice;
    }

    fn flag(&mut self, Checked(flag): Checked) {
        self.flag = flag;
    }

    fn date(&mut self, Value(date): Value<String>) {
        self.date = date;
    }
}

impl View for Keys {
    fn render(&self) -> Html<Self> {
        html! {
            p #ticks { (self.ticks) }
            input #level type="range" min="0" max="100" value=(self.level) oninput=(Self::level);
            select #choice onchange=(Self::choice) {
                @for number in 0..6 { option key=(number) value=(number) selected[self.choice == number] { "choice " (number) } }
            }
            @for number in 0..6 {
                input id=(format!("place{number}")) key=(number) type="radio" name="place" value=(number) checked[self.place == number]
                    onchange=(move |this: &mut Self| this.place = number);
            }
            input #flag type="checkbox" checked[self.flag] onchange=(Self::flag);
            input #date type="date" value=(self.date) oninput=(Self::date);
            p #echo { (self.level) "|" (self.choice) "|" (self.place) "|" (self.flag) "|" (self.date) }
        }
    }
}

/// Rows that move, with content that has its own state.
struct Rows {
    rows: Vec<u32>,
    texts: Vec<String>,
    rounds: u32,
    turning: bool,
}

impl Rows {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(TICK, |this: &mut Self| {
            if this.turning {
                this.reverse();
            }
        });
        Self { rows: (0..6).collect(), texts: vec![String::new(); 6], rounds: 0, turning: false }
    }

    fn reverse(&mut self) {
        self.rows.reverse();
        self.rounds += 1;
    }

    fn turn(&mut self) {
        self.turning = !self.turning;
    }
}

impl View for Rows {
    fn render(&self) -> Html<Self> {
        html! {
            button #reverse onclick=(Self::reverse) { "Reverse" }
            button #turn onclick=(Self::turn) { "Turn" }
            p #rounds { (self.rounds) }
            ul {
                @for row in &self.rows {
                    @let row = *row;
                    li key=(row) {
                        input id=(format!("text{row}")) value=(self.texts[row as usize])
                            oninput=(move |this: &mut Self, Value(text): Value<String>| this.texts[row as usize] = text);
                        button id=(format!("remove{row}")) onclick=(move |this: &mut Self| this.rows.retain(|other| *other != row)) { "Remove " (row) }
                        iframe id=(format!("frame{row}")) src="about:blank" title=(format!("Frame {row}")) {}
                        pre id=(format!("scroll{row}")) tabindex="0" { "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve" }
                    }
                }
            }
            p #echo { (self.rows.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")) "|" (self.texts.join(",")) }
        }
    }
}

/// Buttons whose content changes while they are pressed, and disabled elements.
struct Button {
    ticks: u32,
    ticking: bool,
    clicks: u32,
    outer: u32,
    disabled: u32,
    links: u32,
    moved: bool,
    blurs: u32,
}

impl Button {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(TICK, |this: &mut Self| {
            if this.ticking {
                this.ticks += 1;
            }
        });
        Self { ticks: 0, ticking: true, clicks: 0, outer: 0, disabled: 0, links: 0, moved: false, blurs: 0 }
    }
}

impl View for Button {
    fn render(&self) -> Html<Self> {
        html! {
            p #ticks { (self.ticks) }
            button #counting onclick=(|this: &mut Self| this.clicks += 1) { "tick " (self.ticks) }
            button #changing onclick=(|this: &mut Self| this.clicks += 1) {
                @if self.ticks.is_multiple_of(2) { span { "tick " (self.ticks) } } @else { em { "tock " (self.ticks) } }
            }
            p #clicks { (self.clicks) }
            div #outer onclick=(|this: &mut Self| this.outer += 1) {
                button #disabled disabled onclick=(|this: &mut Self| this.disabled += 1) { span #inDisabled { "disabled" } }
                fieldset disabled {
                    button #inFieldset onclick=(|this: &mut Self| this.disabled += 1) { span #inside { "in a fieldset" } }
                    a #linkInFieldset href="/elsewhere" onclick=(on(|this: &mut Self| this.links += 1).prevent()) { "a link is not disabled" }
                }
            }
            p #counts { (self.disabled) "|" (self.links) }
            p #outerCount { (self.outer) }
            // The hint that disappears when the field loses the focus must not move the element being clicked.
            input #field onblur=(|this: &mut Self| this.blurs += 1);
            button #afterBlur onclick=(|this: &mut Self| this.moved = true) { @if self.blurs > 0 { b { "left" } } @else { "here" } }
            p #moved { (self.moved) "|" (self.blurs) }
            a #hash href="#end" { "to the end" }
            a #newTab href="/reports/reset" onclick=(on(|this: &mut Self| this.links += 10).prevent()) { "link" }
            p #end { "end" }
        }
    }
}

/// Elements that a visitor has opened, on a page that changes.
struct Opened {
    ticks: u32,
    dialog: bool,
    closed: u32,
    box_disabled: bool,
    part: usize,
    toggles: u32,
}

impl Opened {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(TICK, |this: &mut Self| this.ticks += 1);
        Self { ticks: 0, dialog: false, closed: 0, box_disabled: false, part: 0, toggles: 0 }
    }

    fn closed(&mut self) {
        self.dialog = false;
        self.closed += 1;
    }
}

impl View for Opened {
    fn render(&self) -> Html<Self> {
        html! {
            p #ticks { (self.ticks) }
            details #outer {
                summary { "Outer " (self.ticks) }
                p { (self.ticks) }
                details #inner { summary { "Inner" } p { (self.ticks) } }
            }
            button #openPopover popovertarget="menu" { "Menu" }
            div #menu popover { p { (self.ticks) } input #inMenu; }
            dialog #theirs {
                p { (self.ticks) }
                input #agree type="checkbox" onchange=(|this: &mut Self| this.box_disabled = true);
                input #other type="checkbox" disabled[self.box_disabled];
            }
            button #open onclick=(|this: &mut Self| this.dialog = true) { "Open" }
            dialog #ours open[self.dialog] aria-modal="true" onclose=(Self::closed) {
                p { "Closed " (self.closed) " times" }
                button #close onclick=(|this: &mut Self| this.dialog = false) { "Close" }
            }
            p #echo { (self.dialog) "|" (self.closed) }
            // The browser closes one of these when another opens.
            button #next onclick=(|this: &mut Self| this.part = (this.part + 1) % 3) { "Next" }
            @for part in 0..3 {
                details key=(part) name="parts" open[self.part == part] ontoggle=(|this: &mut Self| this.toggles += 1) {
                    summary { "Part " (part) }
                    (self.ticks)
                }
            }
            p #toggles { (self.toggles) }
        }
    }
}

/// A select whose options depend on another, and an option whose text changes.
struct Select {
    country: String,
    city: String,
    page: u32,
    tags: Vec<String>,
}

impl Select {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { country: "fr".into(), city: String::new(), page: 20, tags: Vec::new() }
    }

    fn country(&mut self, Value(country): Value<String>) {
        self.country = country;
        self.city.clear();
    }

    fn city(&mut self, Value(city): Value<String>) {
        self.city = city;
    }

    fn page(&mut self, Value(page): Value<u32>) {
        self.page = page;
    }

    fn tags(&mut self, Value(tags): Value<Vec<String>>) {
        self.tags = tags;
    }
}

impl View for Select {
    fn render(&self) -> Html<Self> {
        let cities = match self.country.as_str() {
            "fr" => ["Paris", "Lyon", "Nice"],
            _ => ["Berlin", "Hamburg", "Nice"],
        };
        html! {
            select #country onchange=(Self::country) {
                @for country in ["fr", "de"] { option key=(country) value=(country) selected[self.country == country] { (country) } }
            }
            select #city onchange=(Self::city) {
                option value="" selected[self.city.is_empty()] { "Choose" }
                @for city in cities { option key=(city) value=(city) selected[self.city == city] { (city) } }
            }
            select #page onchange=(Self::page) {
                @for page in [10, 20, 50] {
                    option key=(page) value=(page) selected[self.page == page] {
                        @if self.page == page { "Elements 1 to " (page) } @else { (page) " elements" }
                    }
                }
            }
            select #tags multiple size="5" onchange=(Self::tags) {
                @for tag in ["a", "b", "c", "d"] { option key=(tag) value=(tag) selected[self.tags.iter().any(|one| one == tag)] { (tag) } }
            }
            p #echo { (self.country) "|" (self.city) "|" (self.page) }
            p #chosen { (self.tags.join(",")) }
        }
    }
}

/// Several buttons for one form, one of them outside it, and a field outside it.
struct Submit {
    sent: Vec<String>,
    known: String,
}

#[derive(Deserialize)]
struct Action {
    text: String,
    #[serde(default)]
    outside: String,
    #[serde(default)]
    action: String,
}

#[derive(Deserialize)]
struct Both {
    known: String,
}

impl Submit {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { sent: Vec::new(), known: String::new() }
    }

    /// Controls one of two fields.
    fn changed(&mut self, Form(both): Form<Both>) {
        self.known = both.known.to_uppercase();
    }

    fn submit(&mut self, Form(form): Form<Action>, cx: &Cx<Self>) {
        self.sent.push(format!("{}+{}:{}", form.text, form.outside, form.action));
        cx.reset_form();
    }
}

impl View for Submit {
    fn render(&self) -> Html<Self> {
        html! {
            form #form onsubmit=(Self::submit) {
                input #text name="text" required;
                button #add name="action" value="add" { "Add" }
                button #remove name="action" value="remove" { "Remove" }
                button #draft name="action" value="draft" formnovalidate { "Draft" }
            }
            input #outside name="outside" form="form";
            button #away form="form" name="action" value="away" { "Away" }
            p #sent { (self.sent.join("|")) }
            form #both oninput=(Self::changed) {
                input #known name="known" value=(self.known);
                input #free name="free" value="";
            }
        }
    }
}

/// Text that the server rewrites.
struct Text {
    mail: String,
    upper: String,
    price: String,
    lines: String,
    name: String,
    plain: String,
    ticks: u32,
}

impl Text {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.every(TICK, |this: &mut Self| this.ticks += 1);
        Self {
            mail: String::new(),
            upper: "XY".into(),
            price: "12.50".into(),
            lines: String::new(),
            name: String::new(),
            plain: String::new(),
            ticks: 0,
        }
    }

    fn mail(&mut self, Value(mail): Value<String>) {
        self.mail = mail.to_lowercase();
    }

    fn upper(&mut self, Value(text): Value<String>) {
        self.upper = text.to_uppercase();
    }

    /// Formats a price as a cash register does. If the text is not a number, the price stays the same.
    fn price(&mut self, Value(text): Value<String>) {
        if let Ok(price) = text.trim().parse::<f64>() {
            self.price = format!("{price:.2}");
        }
    }

    fn lines(&mut self, Value(lines): Value<String>) {
        self.lines = lines;
    }

    fn load(&mut self) {
        self.lines = "one\r\ntwo\r\nthree".into();
    }

    fn name(&mut self, Value(name): Value<String>) {
        self.name = name;
    }

    fn plain(&mut self, Value(text): Value<String>) {
        self.plain = text;
    }
}

impl View for Text {
    fn render(&self) -> Html<Self> {
        let error = (self.name.chars().count() % 2 == 1).then_some("error");
        html! {
            p #ticks { (self.ticks) }
            input #mail type="email" value=(self.mail) oninput=(Self::mail);
            input #upper value=(self.upper) oninput=(Self::upper);
            input #price value=(self.price) onchange=(Self::price);
            textarea #lines oninput=(Self::lines) { (self.lines) }
            button #load onclick=(Self::load) { "Load" }
            // The error appears next to the field that is being edited, and on the field itself.
            label {
                @if error.is_some() { strong { "An odd number of letters" } }
                input #name class=[error] aria-invalid=[error.map(|_| "true")] oninput=(Self::name);
            }
            input #plain oninput=(Self::plain);
            p #echo { (self.mail) "|" (self.upper) "|" (self.price) "|" (self.name) "|" (self.plain) }
            p #linesEcho { (self.lines.replace('\r', "R").replace('\n', "N")) }
        }
    }
}

/// Values that a browser may restore after a reload.
struct Reload {
    locked: bool,
    text: String,
    flag: bool,
    choice: String,
}

impl Reload {
    async fn mount(_cx: Cx<Self>) -> Self {
        Self { locked: false, text: String::new(), flag: false, choice: "a".into() }
    }

    fn text(&mut self, Value(text): Value<String>) {
        self.text = text;
    }

    fn flag(&mut self, Checked(flag): Checked) {
        self.flag = flag;
    }

    fn choice(&mut self, Value(choice): Value<String>) {
        self.choice = choice;
    }
}

impl View for Reload {
    fn render(&self) -> Html<Self> {
        html! {
            button #lock disabled[self.locked] onclick=(|this: &mut Self| this.locked = true) { "Lock" }
            input #guarded disabled[self.locked] oninput=(Self::text);
            input #text value=(self.text) oninput=(Self::text);
            input #flag type="checkbox" checked[self.flag] onchange=(Self::flag);
            select #choice onchange=(Self::choice) {
                @for choice in ["a", "b", "c"] { option key=(choice) value=(choice) selected[self.choice == choice] { (choice) } }
            }
            p #echo { (self.locked) "|" (self.text) "|" (self.flag) "|" (self.choice) }
        }
    }
}
