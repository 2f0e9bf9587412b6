//! A chat with a language model: answers arrive token by token, as Markdown, and can be stopped and repeated.

mod conversation;
mod events;
mod http;
mod model;
mod page;
pub mod stand_in;

use std::sync::Arc;

use axum::{Extension, Router};
use lanai::live;

pub use model::Model;
pub use page::Assistant;

/// Returns the route `/assistant`, with the model that the environment names.
pub fn routes() -> Router {
    routes_with(Model::from_env())
}

/// Returns the route `/assistant`, with a model.
pub fn routes_with(model: Model) -> Router {
    Router::new().route("/assistant", live(Assistant::mount)).layer(Extension(Arc::new(model)))
}
