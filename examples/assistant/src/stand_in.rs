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
    let asked = last_question(&question.messages);
    if asked == "fail" {
        return Err((StatusCode::TOO_MANY_REQUESTS, "Too many questions.".to_owned()));
    }
    let deltas = match tools_for(asked) {
        _ if question.messages.last().is_some_and(|message| message.role == "tool") => {
            words(&results(&question.messages)).collect()
        }
        Some(calls) => words("I use my tools for that. ").chain(pieces(&calls, question.messages.len())).collect(),
        None => {
            let number = question.messages.iter().filter(|message| message.role == "user").count();
            words(&text(asked, number)).collect::<Vec<Value>>()
        }
    };
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

fn last_question(messages: &[Message]) -> &str {
    let question = messages.iter().rfind(|message| message.role == "user");
    question.and_then(|message| message.content.as_deref()).unwrap_or_default()
}

/// Returns the tools for a question that begins with “note”, with their arguments: `text` adds a note, `-1` removes the
/// first, and `?` lists them; a semicolon separates several.
fn tools_for(asked: &str) -> Option<Vec<(&'static str, Value)>> {
    let (word, rest) = asked.split_once(' ')?;
    let tool = |note: &str| match note.strip_prefix('-') {
        Some(number) => ("remove_note", json!({ "number": number.parse().unwrap_or(0) })),
        None if note == "?" => ("list_notes", json!({})),
        None => ("add_note", json!({ "text": note })),
    };
    let is_note = word.trim_end_matches(':').eq_ignore_ascii_case("note");
    is_note.then(|| rest.split(';').map(str::trim).map(tool).collect())
}

/// Returns what the tools have said at the end of a conversation.
fn results(messages: &[Message]) -> String {
    let first = messages.iter().rposition(|message| message.role != "tool").map_or(0, |before| before + 1);
    let results = messages[first..].iter().filter_map(|message| message.content.as_deref());
    results.map(|result| format!("The tool says: *{result}*\n\n")).collect()
}

/// Returns what the events of an answer contain: one word each.
fn words(text: &str) -> impl Iterator<Item = Value> {
    text.split_inclusive([' ', '\n']).map(|word| json!({ "content": word }))
}

/// Returns what the events contain that call tools. As models do, it sends the arguments in pieces.
fn pieces(calls: &[(&str, Value)], message: usize) -> impl Iterator<Item = Value> {
    calls.iter().enumerate().flat_map(move |(index, (name, arguments))| {
        let id = format!("call-{message}-{index}");
        let arguments = arguments.to_string();
        let (first, second) = arguments.split_at(1);
        let start =
            json!({ "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": first } });
        let rest = json!({ "index": index, "function": { "arguments": second } });
        [start, rest].map(|call| json!({ "content": null, "tool_calls": [call] }))
    })
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
