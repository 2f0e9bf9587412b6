//! The examples of the systems that Lanai grew from, each in Lanai's own way. (Lona's is `examples/chat`.)
//!
//! | file | at | holds |
//! |---|---|---|
//! | [`flet`] | `/flet` | Flet's chat: to all, to the others, on topics, and how one leaves |
//! | [`pulse`] | `/pulse/{name}` | Pulse's tutorial: notifications, joins and leaves, a chat |
//! | [`admin`] | `/pulse/admin`, `POST /announce` | the other side of it: announcements to all, a word to one |
//! | [`cookbook`] | `/cookbook` | Pulse's cookbook: a channel between a view and the JavaScript of its page |

mod admin;
mod cookbook;
mod flet;
mod pulse;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use lanai::live;

/// All pages of these examples.
pub fn routes() -> Router {
    Router::new()
        .route("/flet", live(flet::Chat::mount))
        .route("/pulse/{name}", live(pulse::Page::mount))
        .route("/pulse/admin", live(admin::Admin::mount))
        .route("/announce", post(admin::announce))
        .route("/cookbook", live(cookbook::ChatRoom::mount))
        .route("/cookbook.js", get(cookbook::script))
        .layer(map_response(strict))
}

/// Lets the pages run scripts of this server only. Lanai needs no more, and neither does a script like `cookbook.js`.
async fn strict(mut response: Response) -> Response {
    let policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
