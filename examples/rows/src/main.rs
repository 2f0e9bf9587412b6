//! Serves only this example: `cargo run -p rows`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(rows::routes()).await
}
