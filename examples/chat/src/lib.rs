//! Two chats over one broker: [`named`] takes the name from the address, [`asking`] asks for it in the page.

mod asking;
mod named;

use axum::Router;
use lanai::live;

pub use named::Chat;

/// `/chat/{name}` and `/chat`
pub fn routes() -> Router {
    Router::new().route("/chat/{name}", live(named::Chat::mount)).route("/chat", live(asking::Chat::mount))
}
