//! The example alone: `cargo run -p job`.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(job::routes()).await
}
