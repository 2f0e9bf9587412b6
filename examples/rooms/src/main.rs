//! The example alone: `cargo run -p rooms`.

#[tokio::main]
async fn main() -> lanai::Result {
    look::serve(rooms::routes()).await
}
