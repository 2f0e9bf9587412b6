//! All examples in one program: what `cargo run` starts.

mod index;

use axum::Router;
use lanai::live;

#[tokio::main]
async fn main() -> lanai::Result {
    tracing_subscriber::fmt().with_env_filter(filter()).init();
    let routes = Router::new()
        .route("/", live(index::Index::mount))
        .merge(counter::routes())
        .merge(chat::routes())
        .merge(rooms::routes())
        .merge(rows::routes());
    look::serve(routes).await
}

/// `RUST_LOG`, or warnings and worse.
fn filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into())
}
