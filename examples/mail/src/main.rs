//! Serves only this example: `cargo run -p mail`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(mail::routes()).await
}
