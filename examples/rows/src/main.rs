//! The example alone: `cargo run -p rows`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(rows::routes()).await
}
