//! Serves only this example: `cargo run -p album`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(album::routes()).await
}
