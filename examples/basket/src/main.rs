//! Serves only this example: `cargo run -p basket`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(basket::routes()).await
}
