//! The table of the [js-framework-benchmark](https://github.com/krausest/js-framework-benchmark), with the same ids and
//! classes.

mod label;

use axum::Router;
use lanai::prelude::*;

use label::Labels;

/// A row of the table.
pub struct Row {
    id: u32,
    label: String,
}

/// The page.
pub struct Rows {
    rows: Vec<Row>,
    selected: Option<u32>,
    next_id: u32,
    labels: Labels,
}

impl Rows {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Rows");
        Self::new()
    }

    /// Creates an empty table.
    pub fn new() -> Self {
        Self { rows: Vec::new(), selected: None, next_id: 1, labels: Labels::default() }
    }

    fn append(&mut self, count: u32) {
        self.rows.reserve(count as usize);
        for _ in 0..count {
            self.rows.push(Row { id: self.next_id, label: self.labels.draw() });
            self.next_id += 1;
        }
    }

    /// Replaces the rows by 1,000 new ones.
    pub fn run(&mut self) {
        self.clear();
        self.append(1_000);
    }

    fn run_lots(&mut self) {
        self.clear();
        self.append(10_000);
    }

    fn add(&mut self) {
        self.append(1_000);
    }

    /// Appends a mark to every tenth label.
    pub fn update(&mut self) {
        for row in self.rows.iter_mut().step_by(10) {
            row.label.push_str(" !!!");
        }
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.selected = None;
    }

    fn swap_rows(&mut self) {
        if self.rows.len() > 998 {
            self.rows.swap(1, 998);
        }
    }

    fn select(&mut self, id: u32) {
        self.selected = Some(id);
    }

    fn remove(&mut self, id: u32) {
        self.rows.retain(|row| row.id != id);
    }
}

impl Default for Rows {
    fn default() -> Self {
        Self::new()
    }
}

impl View for Rows {
    fn render(&self) -> Html<Self> {
        html! {
            h1 { "Rows" }
            div.rows-buttons {
                button #run onclick=(Self::run) { "Create 1,000 rows" }
                button #runlots onclick=(Self::run_lots) { "Create 10,000 rows" }
                button #add onclick=(Self::add) { "Append 1,000 rows" }
                button #update onclick=(Self::update) { "Update every 10th row" }
                button #clear onclick=(Self::clear) { "Clear" }
                button #swaprows onclick=(Self::swap_rows) { "Swap Rows" }
            }
            table."table table-hover table-striped test-data" {
                tbody #tbody {
                    @for row in &self.rows {
                        @let id = row.id;
                        tr key=(id) class=[(self.selected == Some(id)).then_some("danger")] {
                            td.col-md-1 { (id) }
                            td.col-md-4 { a.lbl onclick=(move |this: &mut Self| this.select(id)) { (row.label) } }
                            td.col-md-1 {
                                a.remove onclick=(move |this: &mut Self| this.remove(id)) {
                                    span."glyphicon glyphicon-remove" aria-hidden="true" {}
                                }
                            }
                            td.col-md-6 {}
                        }
                    }
                }
            }
        }
    }
}

/// Returns the route `/rows`.
pub fn routes() -> Router {
    Router::new().route("/rows", live(Rows::mount))
}
