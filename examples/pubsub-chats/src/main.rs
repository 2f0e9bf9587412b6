//! Serves only these examples: `cargo run -p pubsub-chats`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(pubsub_chats::routes()).await
}
