//! Serves only this example: `cargo run -p sign-up`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(sign_up::routes()).await
}
