//! Serves only this example: `cargo run -p assistant`.
//!
//! It asks the server in `OPENAI_BASE_URL`, such as `http://127.0.0.1:11434/v1`, for the model `OPENAI_MODEL` with the
//! key `OPENAI_API_KEY`. Without that address, a stand-in answers.

#[tokio::main]
async fn main() -> lanai::Result {
    theme::serve(assistant::routes()).await
}
