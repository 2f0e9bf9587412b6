//! The example alone: `cargo run -p counter`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(counter::routes()).await
}
