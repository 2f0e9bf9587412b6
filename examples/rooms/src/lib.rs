//! A chat with rooms: who is in which, what was said before one came, who is typing, and what is unread.
//!
//! | file | holds |
//! |---|---|
//! | [`visitor`] | who a visitor is: an extractor, and the page that asks for the name once |
//! | [`club`] | the topics, and what this process remembers of them for all visitors |
//! | [`list`] | the list of rooms, a part of both pages |
//! | [`lobby`], [`room`] | the two pages |

mod club;
mod list;
mod lobby;
mod room;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use lanai::live;

use club::Club;

/// `/rooms`, `/rooms/in/{title}`, and what these need.
pub fn routes() -> Router {
    Router::new()
        .route("/rooms", live(lobby::Lobby::mount))
        .route("/rooms/in/{title}", live(room::Room::mount))
        .route("/rooms/open", post(lobby::open))
        .route("/rooms/name", live(visitor::Introduction::mount).post(visitor::introduce))
        .with_state(Arc::new(Club::default()))
}
