//! A language model behind a server of the chat-completions protocol, which streams its answers as server-sent events.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _, stream};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::sync::OnceCell;

use crate::events::Events;
use crate::http;
use crate::protocol::{Call, Calls, Chunk, Message, Question};
use crate::stand_in::{self, Pace};
use crate::tools::Tool;

/// How much of a server's error is read, in bytes.
const LONGEST_ERROR: usize = 4_096;

/// A language model.
#[derive(Debug)]
pub struct Model {
    server: Server,
    name: String,
    key: Option<String>,
    /// Whether the server has refused tools.
    is_without_tools: AtomicBool,
}

#[derive(Debug)]
enum Server {
    /// The address of the protocol, without a slash at its end.
    At(String),
    /// A server of this program, which starts with the first question.
    StandIn(Pace, OnceCell<String>),
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A token of the text.
    Text(String),
    /// The tools that the model wants to use. It is the last piece: the model goes on when it is asked again, with the
    /// results.
    Calls(Vec<Call>),
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

impl Model {
    /// Returns the model that the environment names: `OPENAI_MODEL` at `OPENAI_BASE_URL`, with the key
    /// `OPENAI_API_KEY`. Without that address, a stand-in answers.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match variable("OPENAI_BASE_URL") {
            Some(address) => Self {
                key: variable("OPENAI_API_KEY"),
                ..Self::new(
                    Server::At(address.trim_end_matches('/').to_owned()),
                    variable("OPENAI_MODEL").unwrap_or_else(|| "gpt-4o-mini".to_owned()),
                )
            },
            None => Self::stand_in(Pace::default()),
        }
    }

    /// Returns the model of a server without a key.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self::new(Server::At(address.to_owned()), "any".to_owned())
    }

    /// Returns a stand-in, which always gives the same answer.
    #[must_use]
    pub fn stand_in(pace: Pace) -> Self {
        Self::new(Server::StandIn(pace, OnceCell::new()), "stand-in".to_owned())
    }

    fn new(server: Server, name: String) -> Self {
        Self { server, name, key: None, is_without_tools: AtomicBool::default() }
    }

    /// Returns the name of the model.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the answer to the last of these messages, piece by piece. Dropping the stream ends the request.
    ///
    /// A model that cannot use tools is asked again without them.
    pub fn ask(
        self: std::sync::Arc<Self>,
        messages: Vec<Message>,
    ) -> impl Stream<Item = Result<Piece, AskError>> + Send + 'static {
        stream::once(async move {
            match self.request(&messages).await {
                Err(AskError::Refused(StatusCode::BAD_REQUEST, reason)) if self.refuses_tools(&reason) => {
                    self.request(&messages).await
                }
                answer => answer,
            }
            .map(pieces)
        })
        .try_flatten()
    }

    /// Notes that the server refuses tools, if this is the reason of a refusal and was not known before.
    fn refuses_tools(&self, reason: &str) -> bool {
        reason.contains("tools") && !self.is_without_tools.swap(true, Ordering::Relaxed)
    }

    async fn request(&self, messages: &[Message]) -> Result<Incoming, AskError> {
        let address = match &self.server {
            Server::At(address) => address,
            Server::StandIn(pace, started) => started.get_or_try_init(|| stand_in::start(pace.clone())).await?,
        };
        let tools = (!self.is_without_tools.load(Ordering::Relaxed)).then(Tool::descriptions);
        let question = Question { model: &self.name, messages, stream: true, tools };
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

/// An answer that is being read.
struct Answer {
    body: Incoming,
    events: Events,
    calls: Calls,
    is_complete: bool,
}

/// Reads the pieces of an answer.
fn pieces(body: Incoming) -> impl Stream<Item = Result<Piece, AskError>> + Send {
    let answer = Answer { body, events: Events::default(), calls: Calls::default(), is_complete: false };
    stream::try_unfold(answer, async |mut answer| Ok(answer.next().await?.map(|piece| (piece, answer))))
}

impl Answer {
    async fn next(&mut self) -> Result<Option<Piece>, AskError> {
        loop {
            while let Some(data) = self.events.next() {
                if data == "[DONE]" {
                    return Ok(self.last());
                }
                let chunk: Chunk = serde_json::from_str(&data).map_err(|_| AskError::Unreadable)?;
                if let Some(failure) = chunk.error {
                    return Err(AskError::Failed(failure.message));
                }
                let Some(choice) = chunk.choices.into_iter().next() else { continue };
                self.is_complete |= choice.finish_reason.is_some();
                for call in choice.delta.tool_calls.into_iter().flatten() {
                    self.calls.add(call).map_err(|_| AskError::Unreadable)?;
                }
                if let Some(token) = choice.delta.content.filter(|token| !token.is_empty()) {
                    return Ok(Some(Piece::Text(token)));
                }
            }
            let Some(frame) = self.body.frame().await else {
                // Some servers omit the last event.
                return if self.is_complete { Ok(self.last()) } else { Err(AskError::CutOff) };
            };
            if let Ok(bytes) = frame?.into_data() {
                self.events.push(&bytes).map_err(|_| AskError::Unreadable)?;
            }
        }
    }

    /// Returns the calls when everything else was read. The stream ends when there are none, or no more.
    fn last(&mut self) -> Option<Piece> {
        self.is_complete = true;
        Some(self.calls.take()).filter(|calls| !calls.is_empty()).map(Piece::Calls)
    }
}
