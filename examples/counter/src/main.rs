//! Serves only this example: `cargo run -p counter`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(counter::routes()).await
}
