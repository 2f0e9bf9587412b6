//! Serves only this example: `cargo run -p board`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(board::routes()).await
}
