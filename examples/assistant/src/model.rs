//! A language model behind a server of the chat-completions protocol, which streams its answers as server-sent events.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _, stream};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::events::Events;
use crate::http;
use crate::stand_in::{self, Pace};

/// How much of a server's error is read, in bytes.
const LONGEST_ERROR: usize = 4_096;

/// A language model.
#[derive(Debug)]
pub struct Model {
    server: Server,
    name: String,
    key: Option<String>,
}

#[derive(Debug)]
enum Server {
    /// The address of the protocol, without a slash at its end.
    At(String),
    /// A server of this program, which starts with the first question.
    StandIn(Pace, OnceCell<String>),
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who wrote it: `user` or `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
}

/// Why there is no answer, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The address of the server cannot be used.
    #[error("OPENAI_BASE_URL is not the address of a server, such as http://127.0.0.1:11434/v1")]
    Address,
    /// The address begins with `https`, but the feature `tls` is off.
    #[error("this program was built without https; build it with the feature `tls`")]
    NoTls,
    /// The server cannot be reached.
    #[error("the model cannot be reached: {0}")]
    Connect(#[from] std::io::Error),
    /// The connection failed.
    #[error("the connection to the model failed: {0}")]
    Http(#[from] hyper::Error),
    /// The server refused the request.
    #[error("the model answered {0}: {1}")]
    Refused(StatusCode, String),
    /// The server failed in the middle of the answer.
    #[error("the model failed: {0}")]
    Failed(String),
    /// The answer is not what the protocol says.
    #[error("the answer of the model cannot be read")]
    Unreadable,
    /// The answer has no end.
    #[error("the answer of the model was cut off")]
    CutOff,
}

#[derive(Serialize)]
struct Question<'q> {
    model: &'q str,
    messages: &'q [Message],
    stream: bool,
}

/// What an event of an answer contains.
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    /// What went wrong in the middle of the answer.
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
}

impl Model {
    /// Returns the model that the environment names: `OPENAI_MODEL` at `OPENAI_BASE_URL`, with the key
    /// `OPENAI_API_KEY`. Without that address, a stand-in answers.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match variable("OPENAI_BASE_URL") {
            Some(address) => Self {
                server: Server::At(address.trim_end_matches('/').to_owned()),
                name: variable("OPENAI_MODEL").unwrap_or_else(|| "gpt-4o-mini".to_owned()),
                key: variable("OPENAI_API_KEY"),
            },
            None => Self::stand_in(Pace::default()),
        }
    }

    /// Returns the model of a server without a key.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self { server: Server::At(address.to_owned()), name: "any".to_owned(), key: None }
    }

    /// Returns a stand-in, which always gives the same answer.
    #[must_use]
    pub fn stand_in(pace: Pace) -> Self {
        Self { server: Server::StandIn(pace, OnceCell::new()), name: "stand-in".to_owned(), key: None }
    }

    /// Returns the name of the model.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the answer to the last of these messages, token by token. Dropping the stream ends the request.
    pub fn ask(
        self: std::sync::Arc<Self>,
        messages: Vec<Message>,
    ) -> impl Stream<Item = Result<String, AskError>> + Send + 'static {
        stream::once(async move { self.request(&messages).await.map(tokens) }).try_flatten()
    }

    async fn request(&self, messages: &[Message]) -> Result<Incoming, AskError> {
        let address = match &self.server {
            Server::At(address) => address,
            Server::StandIn(pace, started) => started.get_or_try_init(|| stand_in::start(pace.clone())).await?,
        };
        let question = Question { model: &self.name, messages, stream: true };
        let body = serde_json::to_vec(&question).expect("a question is JSON");
        let mut request = Request::post(format!("{address}/chat/completions"))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream");
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = http::send(request.body(Full::from(body)).map_err(|_| AskError::Address)?).await?;
        if response.status() == StatusCode::OK {
            return Ok(response.into_body());
        }
        let status = response.status();
        let error = Limited::new(response.into_body(), LONGEST_ERROR).collect().await;
        let error = error.map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
        Err(AskError::Refused(status, String::from_utf8_lossy(&error).into_owned()))
    }
}

/// Reads the tokens of an answer.
fn tokens(body: Incoming) -> impl Stream<Item = Result<String, AskError>> + Send {
    stream::try_unfold((body, Events::default(), false), async |(mut body, mut events, mut is_complete)| {
        loop {
            while let Some(data) = events.next() {
                if data == "[DONE]" {
                    return Ok(None);
                }
                let chunk: Chunk = serde_json::from_str(&data).map_err(|_| AskError::Unreadable)?;
                if let Some(failure) = chunk.error {
                    return Err(AskError::Failed(failure.message));
                }
                let Some(choice) = chunk.choices.into_iter().next() else { continue };
                is_complete |= choice.finish_reason.is_some();
                if let Some(token) = choice.delta.content.filter(|token| !token.is_empty()) {
                    return Ok(Some((token, (body, events, is_complete))));
                }
            }
            let Some(frame) = body.frame().await else {
                // Some servers omit the last event.
                return if is_complete { Ok(None) } else { Err(AskError::CutOff) };
            };
            if let Ok(bytes) = frame?.into_data() {
                events.push(&bytes).map_err(|_| AskError::Unreadable)?;
            }
        }
    })
}
