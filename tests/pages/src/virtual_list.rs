//! Pages with virtual lists: tables and lists, in a scroller of their own or in the page, and all that can happen to
//! their rows.

use std::ops::Range;
use std::time::Duration;

use axum::Router;
use lanai::prelude::*;
use lanai::virtual_list::{Pages, VirtualList};

/// Returns all routes of this module: `/virtual` and `/virtual/…`.
pub(crate) fn routes() -> Router {
    Router::new().route("/virtual", live(Long::mount)).route("/virtual/other", live(Other::mount))
}

#[derive(Deserialize, Clone)]
#[serde(default)]
struct Settings {
    count: usize,
    /// The estimated height.
    estimate: u32,
    /// The real heights: one for all rows, or from 20 to 99 pixels.
    height: Option<usize>,
    /// `table`, `list`, or `page`: a list without a scroller of its own.
    kind: String,
    /// The first row.
    row: Option<usize>,
    /// How long a page of rows takes to load, in milliseconds.
    delay: Option<u64>,
    max_rows: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            count: 1_000_000,
            estimate: 40,
            height: None,
            kind: "list".into(),
            row: None,
            delay: None,
            max_rows: 300,
        }
    }
}

struct Long {
    settings: Settings,
    rows: VirtualList<Self>,
    loaded: Pages<usize>,
    /// How many rows have come at the top: the first row has the number -`added`.
    added: i64,
    taller: usize,
    rendered: Option<Range<usize>>,
}

impl Long {
    async fn mount(cx: Cx<Self>, Query(settings): Query<Settings>) -> Self {
        let list = cx.virtual_list("long").count(settings.count).row_height(settings.estimate);
        let rows = list.max_rows(settings.max_rows).on_rows(Self::load);
        if let Some(row) = settings.row {
            rows.jump_to(row);
        }
        Self { settings, rows, loaded: Pages::new(50), added: 0, taller: 0, rendered: None }
    }

    fn load(&mut self, rows: Range<usize>, cx: &Cx<Self>) {
        self.rendered = Some(rows);
        let Some(delay) = self.settings.delay else { return };
        for page in self.loaded.missing(&self.rows) {
            let query = async move {
                tokio::time::sleep(Duration::from_millis(delay)).await;
                page
            };
            cx.spawn(query, |this: &mut Self, page: lanai::virtual_list::MissingPage| {
                let rows = page.rows().collect();
                this.loaded.fill(page, Ok::<_, Error>(rows));
            });
        }
    }

    fn jump(&mut self, Form(to): Form<To>) {
        self.rows.jump_to(to.row);
    }

    fn insert(&mut self) {
        self.rows.insert(0, 5);
        self.added += 5;
    }

    fn remove(&mut self) {
        self.rows.remove(0..5);
        self.added -= 5;
    }

    fn shorten(&mut self) {
        self.rows.set_len(10);
    }

    fn empty(&mut self) {
        self.rows.set_len(0);
    }

    fn grow(&mut self) {
        self.taller += 30;
    }

    fn number(&self, row: usize) -> i64 {
        i64::try_from(row).unwrap_or(i64::MAX) - self.added
    }

    fn height(&self, number: i64) -> usize {
        let varied = || 20 + usize::try_from((number * 37).rem_euclid(80)).unwrap_or(0);
        self.settings.height.unwrap_or_else(varied) + self.taller
    }

    fn text(&self, row: usize) -> String {
        match self.settings.delay {
            Some(_) if self.loaded.get(row).is_none() => "…".into(),
            _ => format!("Row {}", self.number(row)),
        }
    }
}

#[derive(Deserialize)]
struct To {
    row: usize,
}

impl View for Long {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "A long list" }
            form #jump onsubmit=(Self::jump) { input name="row" type="number"; button { "Jump" } }
            button #insert onclick=(Self::insert) { "Insert" }
            button #remove onclick=(Self::remove) { "Remove" }
            button #shorten onclick=(Self::shorten) { "Shorten" }
            button #empty onclick=(Self::empty) { "Empty" }
            button #grow onclick=(Self::grow) { "Grow" }
            a #away href="/virtual/other" { "Away" }
            p { output #first { (self.rows.first_visible()) } " of " output #length { (self.rows.len()) } }
            @match self.settings.kind.as_str() {
                "table" => div #scroller tabindex="0" style="height: 400px; overflow: auto; scroll-padding-top: 30px" {
                    table aria-rowcount=(self.rows.len() + 1) style="border-collapse: collapse" {
                        thead style="position: sticky; top: 0; background: white" {
                            tr style="height: 30px" { th { "Number" } th { "Text" } }
                        }
                        tbody #rows data-lanai-rows=(self.rows) {
                            @for row in &self.rows {
                                @let number = self.number(row);
                                tr key=(number) aria-rowindex=(row + 2) tabindex="-1"
                                    style={ "height: " (self.height(number)) "px" } {
                                    td { (number) }
                                    td { (self.text(row)) " " input name=(format!("r{number}")); }
                                }
                            }
                        }
                    }
                },
                "page" => {
                    div style="height: 300px" { "Above" }
                    ul #rows data-lanai-rows=(self.rows) { (self.items()) }
                    div #below style="height: 200px" { "Below" }
                },
                _ => div #scroller tabindex="0" style="height: 400px; overflow: auto" {
                    ul #rows style="margin: 0" data-lanai-rows=(self.rows) { (self.items()) }
                },
            }
        }
    }
}

impl Long {
    fn items(&self) -> Html<Self> {
        html! {
            @for row in &self.rows {
                @let number = self.number(row);
                li key=(number) aria-setsize=(self.rows.len()) aria-posinset=(row + 1) tabindex="-1"
                    style={ "height: " (self.height(number)) "px" } {
                    (self.text(row)) " " input name=(format!("r{number}"));
                }
            }
        }
    }
}

struct Other;

impl Other {
    async fn mount(_: Cx<Self>) -> Self {
        Self
    }
}

impl View for Other {
    fn render(&self) -> Html<Self> {
        html! { h1 { "Elsewhere" } a #there href="/virtual?row=700000" { "To row 700000" } }
    }
}
