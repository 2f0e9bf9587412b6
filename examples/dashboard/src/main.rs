//! Serves only this example: `cargo run -p dashboard`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(dashboard::routes()).await
}
