//! The examples alone: `cargo run -p seeds`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(seeds::routes()).await
}
