//! The pages that the browser tests visit, for what the examples do not cover.
//!
//! All pages are served with a strict Content-Security-Policy.

mod answers;
mod beyond;
mod commands;
mod controls;
mod development;
mod events;
mod foreign;
mod forms;
mod fragile;
mod inputs;
mod leading;
mod log;
mod navigation;
mod nested;
mod prefetch;
mod reports;
mod scripted;
mod scroll;
mod shapes;
mod sort;
mod sticky;
mod stream;
mod styles;
mod typing;
mod uploads;
mod virtual_list;

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use axum::routing::{get, post};
use lanai::{App, Document, Limits, live};
use tokio::net::TcpListener;
use tower_http::set_header::SetResponseHeaderLayer;

fn limits() -> Limits {
    let grace = std::env::var("PREFETCHED_GRACE").ok().and_then(|milliseconds| milliseconds.parse().ok());
    let default = Limits::default();
    let prefetched_grace = grace.map_or(default.prefetched_grace, Duration::from_millis);
    Limits { events_per_second: 100_000, prefetched_grace, ..default }
}

#[tokio::main]
async fn main() -> lanai::Result {
    tracing_subscriber::fmt().with_env_filter("warn").with_writer(std::io::stderr).init();
    let (router, handle) = App::new()
        .layout(layout)
        .limits(limits())
        .merge(foreign::routes())
        .merge(beyond::routes())
        .merge(commands::routes())
        .merge(controls::routes())
        .merge(development::routes())
        .merge(prefetch::routes())
        .merge(reports::routes())
        .merge(answers::routes())
        .merge(leading::routes())
        .merge(navigation::routes())
        .merge(sort::routes())
        .merge(sticky::routes())
        .merge(styles::routes())
        .merge(uploads::routes())
        .merge(virtual_list::routes())
        .merge(
            Router::new()
                .route("/events", live(events::Events::mount))
                .route("/forms", live(forms::Page::mount))
                .route("/forms/disabling", live(forms::Page::disabling))
                .route("/fragile", live(fragile::Fragile::mount))
                .route("/inputs", live(inputs::Inputs::mount))
                .route("/nested", live(nested::Nested::mount))
                .route("/nested/slow", live(nested::Slow::mount))
                .route("/scripted", live(scripted::Scripted::mount).layer(lanai::layout(scripted::layout)))
                .route("/scripted-later", live(scripted::Scripted::mount))
                .route("/scripted.js", get(scripted::script))
                .route("/scroll", live(scroll::Scroll::mount))
                .route("/scroll/{to}", live(scroll::Scroll::mount))
                .route("/shapes", live(shapes::Shapes::mount))
                .route("/typing", live(typing::Typing::mount))
                .route("/stream", live(stream::Stream::mount))
                .route("/publish/{count}", post(stream::publish)),
        )
        .into_router_with_handle();
    let stats = handle.clone();
    let router = router.route("/stats", get(move || async move { format!("{:?}", stats.stats()) })).layer(
        SetResponseHeaderLayer::overriding(
            HeaderName::from_static("content-security-policy"),
            HeaderValue::from_static("default-src 'self'"),
        ),
    );
    let router = controls::on_the_way(router);
    let address = std::env::var("LANAI_ADDR").unwrap_or_else(|_| "127.0.0.1:0".into());
    let listener = TcpListener::bind(address).await?;
    println!("Lanai is on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

fn layout(document: Document) -> maud::Markup {
    maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; (document.head) }
            body { (document.body) }
        }
    }
}
