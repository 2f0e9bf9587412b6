//! The example alone: `cargo run -p board`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(board::routes()).await
}
