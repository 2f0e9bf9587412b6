//! The example alone: `cargo run -p rows`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(rows::routes()).await
}
