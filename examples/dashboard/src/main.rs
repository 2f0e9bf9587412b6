//! The example alone: `cargo run -p dashboard`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(dashboard::routes()).await
}
