//! The example alone: `cargo run -p chat`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(chat::routes()).await
}
