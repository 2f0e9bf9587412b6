//! An issue tracker for a team: people with roles, filters in the address, comments that appear while one reads, who
//! else is reading and typing, changes that are shown at once, a delete that can be undone, and a bell.
//!
//! - [`database`], [`people`], [`issues`], [`news`]: the tables, and what the program asks of them
//! - [`topics`]: what pages tell each other
//! - [`me`]: who is signed in, and what they may do
//! - [`sign_in`]: the plain forms that sign people in and out
//! - [`layout`], [`frame`]: the document around the pages, and the bar at the top of each
//! - [`list`], [`issue`], [`editor`], [`team`]: the pages
//! - [`bell`], [`undo`]: views in the layout, which stay when the page changes
//! - [`look`]: small pieces of markup

mod bell;
mod database;
pub mod demo;
mod editor;
mod frame;
mod issue;
mod issues;
mod layout;
mod list;
mod look;
mod me;
mod news;
mod people;
mod sign_in;
mod team;
mod topics;
mod undo;

use accounts::sessions::SqliteSessions;
use axum::Router;
use axum::routing::post;
use lanai::prelude::*;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

pub use database::Database;

/// Returns the program.
pub fn app(database: Database) -> App {
    let sessions = SessionManagerLayer::new(SqliteSessions(database.pool.clone()))
        // Only for this example, which is served without TLS.
        .with_secure(false)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::days(14)));
    let pages = Router::new()
        .route(list::IssuesPage::PATH, live(list::Issues::mount))
        .route(issue::IssuePage::PATH, live(issue::Reading::mount))
        .route(editor::NewPage::PATH, live(editor::Editor::mount_new))
        .route(editor::EditPage::PATH, live(editor::Editor::mount_edit))
        .route(team::TeamPage::PATH, live(team::Team::mount))
        .route(sign_in::SignInPage::PATH, live(sign_in::SignIn::mount).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .layer(sessions)
        .with_state(database);
    theme::app().layout(layout::layout).error_page(layout::error_page).merge(pages).merge(layout::files())
}
