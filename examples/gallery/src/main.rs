//! All examples in one program: what `cargo run` starts.

mod index;

use axum::Router;
use lanai::{Broker, live};

#[tokio::main]
async fn main() -> lanai::Result {
    tracing_subscriber::fmt().with_env_filter(filter()).init();
    let routes = Router::new()
        .route("/", live(index::Index::mount))
        .merge(counter::routes())
        .merge(chat::routes())
        .merge(rooms::routes())
        .merge(pubsub_chats::routes())
        .merge(dashboard::routes())
        .merge(board::routes())
        .merge(job::routes())
        .merge(rows::routes());
    theme::serve_with(broker().await?, routes).await
}

/// The broker: with the feature `nats` as `LANAI_NATS` says.
#[cfg(feature = "nats")]
async fn broker() -> lanai::Result<Broker> {
    Ok(lanai_nats::from_env("gallery").await?)
}

#[cfg(not(feature = "nats"))]
async fn broker() -> lanai::Result<Broker> {
    match std::env::var_os("LANAI_NATS") {
        None => Ok(Broker::new()),
        Some(_) => Err(lanai::Error::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "LANAI_NATS is set, but the gallery was built without NATS: `cargo run --features nats`, or `cargo xtask cluster`",
        )),
    }
}

/// `RUST_LOG`, or warnings and worse.
fn filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into())
}
