//! Serves only this example: `cargo run -p pond`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(pond::routes()).await
}
