//! A chat with rooms. It shows who is in each room, earlier messages, who is typing, and the number of unread messages.
//!
//! | file | contents |
//! |---|---|
//! | [`visitor`] | the identity of a visitor: an extractor, and the page that asks for the name once |
//! | [`club`] | the topics, and what this process remembers of their messages for all visitors |
//! | [`list`] | the list of rooms, which is a part of both pages |
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

/// Returns the routes below `/rooms`, with their shared state.
pub fn routes() -> Router {
    Router::new()
        .route("/rooms", live(lobby::Lobby::mount))
        .route("/rooms/in/{title}", live(room::Room::mount))
        .route("/rooms/open", post(lobby::open))
        .route("/rooms/name", live(visitor::Introduction::mount).post(visitor::introduce))
        .with_state(Arc::new(Club::default()))
}
