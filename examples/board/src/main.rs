//! The example alone: `cargo run -p board`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(board::routes()).await
}
