//! Serves only this example: `cargo run -p wizard`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(wizard::routes()).await
}
