//! Serves only this example: `cargo run -p logs`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(logs::routes()).await
}
