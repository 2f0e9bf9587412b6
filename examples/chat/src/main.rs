//! Serves only this example: `cargo run -p chat`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(chat::routes()).await
}
