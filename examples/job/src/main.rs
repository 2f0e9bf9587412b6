//! Serves only this example: `cargo run -p job`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(job::routes()).await
}
