//! The examples alone: `cargo run -p seeds`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(pubsub_chats::routes()).await
}
