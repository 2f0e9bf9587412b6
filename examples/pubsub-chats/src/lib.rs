//! Examples of other server-driven frameworks, written with Lanai. (Lona's example is `examples/chat`.)
//!
//! | file | URL | contents |
//! |---|---|---|
//! | [`flet`] | `/flet` | Flet's chat: messages to all, to the others, and on topics; unsubscribing |
//! | [`pulse`] | `/pulse/{name}` | Pulse's tutorial: notifications, joins and leaves, a chat |
//! | [`admin`] | `/pulse/admin`, `POST /announce` | the tutorial's admin: announcements, messages to one person |
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

/// Returns the routes of all these examples.
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

/// Allows the pages to run only scripts from this server. Lanai needs no others, and neither does a script such as
/// `cookbook.js`.
async fn strict(mut response: Response) -> Response {
    let policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
