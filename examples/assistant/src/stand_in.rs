//! A server that speaks the protocol of a language model, for tests and for those who have none. It answers every
//! question in the same way, but for those that begin with “note”, for which it uses tools.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::routing::post;
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::protocol::Message;

/// When the next token of an answer is sent.
#[derive(Debug, Clone)]
pub enum Pace {
    /// After this time.
    Every(Duration),
    /// When there is a permit, of which it takes one.
    Permits(Arc<Semaphore>),
}

impl Default for Pace {
    fn default() -> Self {
        Self::Every(Duration::from_millis(12))
    }
}

impl Pace {
    async fn wait(&self) {
        match self {
            Self::Every(time) => tokio::time::sleep(*time).await,
            Self::Permits(permits) => permits.acquire().await.expect("nobody closes the semaphore").forget(),
        }
    }
}

#[derive(Deserialize)]
struct Question {
    messages: Vec<Message>,
}

/// Starts a server on the loopback, and returns its address.
pub(crate) async fn start(pace: Pace) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/v1", listener.local_addr()?);
    let router = Router::new().route("/v1/chat/completions", post(move |body: String| answer(body, pace)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

type Answer = Sse<std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>>;

async fn answer(body: String, pace: Pace) -> Result<Answer, (StatusCode, String)> {
    let question: Question =
        serde_json::from_str(&body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    let messages = &question.messages;
    let asked = messages.iter().rfind(|message| message.role == "user").and_then(|message| message.content.as_deref());
    let asked = asked.unwrap_or_default();
    if asked == "fail" {
        return Err((StatusCode::TOO_MANY_REQUESTS, "Too many questions.".to_owned()));
    }
    let results =
        messages.iter().rev().take_while(|message| message.role == "tool").filter_map(|m| m.content.as_deref());
    let results: Vec<&str> = results.collect();
    let number = messages.iter().filter(|message| message.role == "user").count();
    let (text, calls) = match asked.split_once(' ') {
        _ if !results.is_empty() => {
            (results.iter().rev().map(|result| format!("The tool says: *{result}*\n\n")).collect(), Vec::new())
        }
        Some((word, rest)) if word.trim_end_matches(':').eq_ignore_ascii_case("note") => {
            let calls = rest.split(';').map(str::trim).map(|note| match note.strip_prefix('-') {
                Some(number) => ("remove_note", json!({ "number": number.parse().unwrap_or(0) })),
                None if note == "?" => ("list_notes", json!({})),
                None => ("add_note", json!({ "text": note })),
            });
            ("I use my tools for that. ".to_owned(), calls.collect())
        }
        _ => (text(asked, number), Vec::new()),
    };
    let tokens = text.split_inclusive([' ', '\n']).map(|token| json!({ "content": token })).collect::<Vec<_>>();
    let calls = calls.into_iter().enumerate().flat_map(|(index, (name, arguments))| {
        let id = format!("call-{}-{index}", messages.len());
        let arguments = arguments.to_string();
        // As models do, it sends the arguments in pieces.
        let (first, second) = arguments.split_at(1);
        let start =
            json!({ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": first } });
        let rest = json!({ "index": index, "function": { "arguments": second } });
        [start, rest].map(|call| json!({ "content": null, "tool_calls": [call] }))
    });
    let deltas: Vec<Value> = tokens.into_iter().chain(calls).collect();
    let chunks = stream::iter(deltas).then(move |delta| {
        let pace = pace.clone();
        async move {
            pace.wait().await;
            Event::default().data(json!({ "choices": [{ "delta": delta }] }).to_string())
        }
    });
    let end = stream::iter([Event::default().data("[DONE]")]);
    Ok(Sse::new(Box::pin(chunks.chain(end).map(Ok))))
}

/// Returns the answer to the question with this number.
fn text(asked: &str, number: usize) -> String {
    let quoted = asked.lines().map(|line| format!("> {line}\n")).collect::<String>();
    format!(
        "This is answer {number}. You asked:\n\n{quoted}\n\
         I am only a **stand-in**: a server in this program that speaks the protocol of a language model. \
         Set `OPENAI_BASE_URL` to talk to a real one.\n\n\
         ## What you see\n\n\
         - Each word is *appended* to the page as it arrives.\n\
         - A block that is finished is never rendered again.\n\
         - Raw <b>HTML</b> is shown as text.\n\
         - Ask “note: buy milk”, and I want to use a tool.\n\n\
         ```rust\nfn main() {{\n    println!(\"Code grows line by line.\");\n}}\n```\n\n\
         | part | what is sent |\n|---|---:|\n| a word | the word |\n| a row | its cells |\n\n\
         [The guide](https://docs.rs/lanai) says more.\n"
    )
}
