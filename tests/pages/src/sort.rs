//! Lists that people sort by hand: beside each other, in scrollers, in a grid, in a table, with handles, and all that can
//! happen to their rows meanwhile.

use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use lanai::event::{Dropped, Sorted};
use lanai::prelude::*;

/// Returns all routes of this module: `/sort` and its style sheet.
pub(crate) fn routes() -> Router {
    Router::new().route("/sort", live(Sorting::mount)).route("/sort.css", get(style))
}

async fn style() -> impl IntoResponse {
    const STYLE: &str = "
        body { margin: 0; font: 16px/20px sans-serif } main { padding: 10px }
        output { display: block; height: 60px; overflow: auto }
        .lists { display: flex; gap: 20px; align-items: flex-start }
        .lists ul, .grid, .line { list-style: none; margin: 0; padding: 10px; background: #ddd }
        .lists ul { width: 200px; min-height: 40px }
        .lists li { padding: 10px; margin-bottom: 6px; background: #fff }
        .lists.scrolls ul { height: 300px; overflow: auto; box-sizing: border-box }
        .lists.wide { width: 300px; overflow: auto } .lists.wide ul { flex: none }
        .grid { display: grid; grid-template-columns: repeat(3, 80px); gap: 10px }
        .line { display: flex; gap: 10px } .line li { padding: 10px; background: #fff }
        .grid li { height: 60px; background: #fff }
        td { padding: 10px 20px; background: #fff } #bin { width: 200px; height: 60px; background: #fcc }
        [data-lanai-drag-over] { outline: 3px solid red } .long { height: 3000px }";
    ([("content-type", "text/css")], STYLE)
}

#[derive(Deserialize, Clone)]
#[serde(default)]
struct Settings {
    /// `lists`, `grid`, `line`, `table` or `dialog`, or `mistake`: a list that takes another type than its rows have.
    kind: String,
    /// How many rows each list has.
    count: u32,
    /// Whether the lists scroll.
    scrolls: bool,
    /// Whether what is around the lists scrolls, too.
    wide: bool,
    /// Whether rows have handles.
    handles: bool,
    /// Whether row 3 is four lines tall.
    tall: bool,
    /// How long the view takes to answer, in milliseconds.
    delay: u64,
    /// Whether the view refuses each move.
    refuses: bool,
    /// What happens to the list shortly after something was lifted: `remove` removes it, `other` another row, `add` adds
    /// one at the top, and `text` changes another row.
    meanwhile: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            kind: "lists".into(),
            count: 5,
            scrolls: false,
            wide: false,
            handles: false,
            tall: false,
            delay: 0,
            refuses: false,
            meanwhile: String::new(),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Row(u32);

struct Sorting {
    settings: Settings,
    lists: [Vec<u32>; 2],
    log: Vec<String>,
    clicks: u32,
    changes: u32,
}

impl Sorting {
    async fn mount(_cx: Cx<Self>, Query(settings): Query<Settings>) -> Self {
        let count = settings.count;
        let lists = [(1..=count).collect(), (101..=100 + count.min(3)).collect()];
        Self { settings, lists, log: Vec::new(), clicks: 0, changes: 0 }
    }

    async fn sorted(&mut self, list: usize, sorted: Sorted<Row>) {
        tokio::time::sleep(Duration::from_millis(self.settings.delay)).await;
        let Sorted { data, ref before, index, .. } = sorted;
        self.log.push(format!("{} before {:?} at {index} of {list}", data.0, before.map(|row| row.0)));
        if self.settings.refuses {
            return;
        }
        for rows in &mut self.lists {
            rows.retain(|row| *row != data.0);
        }
        let to = sorted.index_in(&self.lists[list], |row| Row(*row));
        self.lists[list].insert(to, data.0);
    }

    fn lifted(&mut self, id: u32, cx: &Cx<Self>) {
        self.log.push(format!("lifts {id}"));
        let meanwhile: fn(&mut Self, u32) = match &*self.settings.meanwhile {
            "remove" => |this, id| this.lists[0].retain(|row| *row != id),
            "other" => |this, id| this.lists[0].retain(|row| *row != id % 5 + 1),
            "add" => |this, _| this.lists[0].insert(0, 50),
            "text" => |this, _| this.changes += 1,
            _ => return,
        };
        cx.after(Duration::from_millis(30), move |this: &mut Self| meanwhile(this, id));
    }

    fn rows(&self, list: usize) -> Html<Self> {
        let lift = |id| drag(Row(id)).then(move |this: &mut Self, cx: &Cx<Self>| this.lifted(id, cx));
        let rows = self.lists[list].iter().copied();
        if self.settings.kind == "table" {
            html! {
                @for id in rows {
                    tr key=(id) #{ "row-" (id) } ondragstart=(lift(id)) { td { "Row " (id) } td { "with a cell" } td { (self.changes) } }
                }
            }
        } else if self.settings.handles {
            html! {
                @for id in rows {
                    li key=(id) #{ "row-" (id) } {
                        button type="button" #{ "handle-" (id) } aria-label={ "Move row " (id) } ondragstart=(lift(id)) { "⠿" }
                        " Row " (id) " "
                        input name={ "text-" (id) } aria-label="Text" size="8";
                    }
                }
            }
        } else {
            html! {
                @for id in rows {
                    @let is_tall = self.settings.tall && id == 3;
                    li key=(id) #{ "row-" (id) } ondragstart=(lift(id)) ondragend=(move |this: &mut Self| this.log.push(format!("ends {id}"))) {
                        "Row " (id) " "
                        button type="button" onclick=(|this: &mut Self| this.clicks += 1) { (self.clicks) }
                        @if is_tall { br; "that" br; "is" br; "tall" }
                        @if self.changes > 0 { (self.changes) " " }
                    }
                }
            }
        }
    }
}

impl View for Sorting {
    fn render(&self) -> Html<Self> {
        let first = async |this: &mut Self, sorted: Sorted<Row>| this.sorted(0, sorted).await;
        let second = async |this: &mut Self, sorted: Sorted<Row>| this.sorted(1, sorted).await;
        html! {
            link rel="stylesheet" href="/sort.css";
            main {
                output #log { (self.log.join(" | ")) }
                @match &*self.settings.kind {
                    "grid" => ul.grid #a aria-label="Pictures" onsort=(first) { (self.rows(0)) },
                    "mistake" => ul #a onsort=(|_: &mut Self, _: Sorted<u64>| ()) { (self.rows(0)) },
                    "dialog" => dialog #dialog open aria-modal="true" { ul #a aria-label="One" onsort=(first) { (self.rows(0)) } },
                    "line" => ul.line #a aria-label="Tabs" onsort=(first) { (self.rows(0)) },
                    "table" => table { thead { tr { th { "Row" } th { "Cell" } th { "Changes" } } } tbody #a onsort=(first) { (self.rows(0)) } },
                    _ => {
                        div.lists.scrolls[self.settings.scrolls].wide[self.settings.wide] {
                            ul #a aria-label="One" onsort=(first) { (self.rows(0)) li { "The end" } }
                            ul #b aria-label="Two" onsort=(second) { (self.rows(1)) }
                        }
                        p #bin ondrop=(|this: &mut Self, dropped: Dropped<Row>| {
                            this.lists.iter_mut().for_each(|rows| rows.retain(|row| *row != dropped.data.0));
                        }) { "Bin" }
                    }
                }
                button #more type="button" onclick=(|this: &mut Self| this.changes += 1) { "Change" }
            }
        }
    }
}
