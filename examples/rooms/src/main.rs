//! Serves only this example: `cargo run -p rooms`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(rooms::routes()).await
}
