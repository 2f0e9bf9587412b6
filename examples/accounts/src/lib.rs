//! A team's notes behind a login: people with roles, sessions in SQLite, a logout that ends open pages, "sign out
//! everywhere", and rights that are lost while a page is open.
//!
//! - [`database`]: the tables, through `sqlx` with migrations
//! - [`passwords`] and [`sessions`]: hashes, and the session store of `tower-sessions` in SQLite. The example `tracker`
//!   uses them too
//! - [`member`]: who is signed in, and the guards of routes
//! - [`sign_in`]: the plain forms that sign people in and out
//! - [`pages`]: the live pages

pub mod database;
mod member;
mod pages;
pub mod passwords;
pub mod sessions;
mod sign_in;

use axum::Router;
use axum::middleware::from_extractor_with_state;
use axum::routing::post;
use lanai::prelude::*;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

pub use database::Database;
use member::{Admin, Member};
use sessions::SqliteSessions;

/// Returns the routes. Each request of a page passes its guard: when it is opened, when a link leads to it, and when it
/// is mounted again because a session has ended or a server was restarted.
pub fn routes(database: Database) -> Router {
    let admins = Router::new()
        .route(pages::PeoplePage::PATH, live(pages::People::mount))
        .route_layer(from_extractor_with_state::<Admin, _>(database.clone()));
    let members = Router::new()
        .route(pages::NotesPage::PATH, live(pages::Notes::mount))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/sign-out-everywhere", post(sign_in::sign_out_everywhere))
        .merge(admins)
        .route_layer(from_extractor_with_state::<Member, _>(database.clone()));
    Router::new()
        .route(sign_in::SignInPage::PATH, live(sign_in::SignIn::mount).post(sign_in::sign_in))
        .merge(members)
        .layer(
            SessionManagerLayer::new(SqliteSessions(database.0.clone()))
                // Only for this example, which is served without TLS.
                .with_secure(false)
                .with_same_site(SameSite::Lax)
                .with_expiry(Expiry::OnInactivity(Duration::days(14))),
        )
        .with_state(database)
}
