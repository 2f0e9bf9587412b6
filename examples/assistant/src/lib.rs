//! A chat with a language model: answers arrive token by token, as Markdown. They can be stopped and repeated, their
//! questions can be edited, and they go on when the tab is closed. The model may use tools, which wait for the visitor's
//! approval.

mod approval;
mod conversation;
mod desk;
mod events;
mod http;
mod model;
mod page;
mod protocol;
pub mod stand_in;
mod tools;
mod visitor;

use std::sync::Arc;

use axum::{Extension, Router, middleware};
use lanai::live;

pub use model::Model;
pub use page::Assistant;
use page::Desks;

/// Returns the route `/assistant`, with the model that the environment names.
pub fn routes() -> Router {
    routes_with(Model::from_env())
}

/// Returns the route `/assistant`, with a model.
pub fn routes_with(model: Model) -> Router {
    Router::new()
        .route("/assistant", live(Assistant::mount))
        .layer(Extension(Arc::new(model)))
        .layer(Extension(Arc::<Desks>::default()))
        .layer(middleware::from_fn(visitor::recognize))
}
