//! A board whose cards several people can drag at the same time.
//!
//! What is on the board is a replicated state (`Cards`): the same on all nodes, and kept over their restarts. On each
//! node, a shared view (`Board`) shows it to all pages. [`Page`] is the private view around it: it knows the visitor's
//! name, and shows who else is looking.

mod board;
mod cards;

use axum::Router;
use lanai::prelude::*;
use lanai::{Address, CloseReason};

use board::Board;

/// Who is looking at the board. Nothing is published on this topic; it is used only for presence.
const LOOKING: Topic<()> = Topic::new("board/looking");

/// The page of one visitor.
pub struct Page {
    me: Address,
    name: String,
    looking: Present<String>,
    board: Shared<Board>,
}

impl Page {
    async fn mount(cx: Cx<Self>) -> Self {
        cx.title("Board");
        let board = cx.shared("board", Board::mount);
        let mut page = Self { me: cx.address(), name: String::new(), looking: cx.presence(LOOKING), board };
        page.introduce("Guest".into(), &cx);
        page
    }

    fn rename(&mut self, Value(name): Value<String>, cx: &Cx<Self>) {
        let name: String = name.trim().chars().take(30).collect();
        self.introduce(if name.is_empty() { "Guest".into() } else { name }, cx);
    }

    /// Tells the board the name that belongs to this page's events, and tells the others who is looking.
    fn introduce(&mut self, name: String, cx: &Cx<Self>) {
        let (me, known_as) = (self.me, name.clone());
        self.board.update(move |board| board.meet(me, known_as));
        cx.track(LOOKING, me, &name);
        self.name = name;
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            header.board-head {
                h1 { "Board" }
                ul.looking aria-label="Looking at the board" {
                    @for person in &self.looking { li.chip key=(person.key) { (person.meta) } }
                }
                label { "I am " input name="me" value=(self.name) onchange=(Self::rename) maxlength="30" autocomplete="nickname"; }
            }
            (self.board)
        }
    }

    fn closed(&mut self, _: CloseReason) {
        let me = self.me;
        self.board.update(move |board| board.forget(me));
    }
}

/// Returns the route `/board`.
pub fn routes() -> Router {
    Router::new().route("/board", live(Page::mount))
}
