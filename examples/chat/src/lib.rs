//! Two chats: [`named`] takes the visitor's name from the URL, and [`asking`] asks for it on the page.

mod asking;
mod named;

use axum::Router;
use lanai::live;

pub use named::Chat;

/// Returns the routes `/chat/{name}` and `/chat`.
pub fn routes() -> Router {
    Router::new().route("/chat/{name}", live(named::Chat::mount)).route("/chat", live(asking::Chat::mount))
}
