//! Publishing events, until the server has decided.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use lanai_pubsub::replicated::{Append, AppendError, Appended};

use super::entry::{OVERHEAD, encode};
use super::online::{Current, connected, subject};
use crate::options::Options;
use crate::retry::backoff;

/// How long to wait for a connection before anything was sent.
const CONNECTION: Duration = Duration::from_secs(5);
/// How long to wait for an answer before sending again.
const ANSWER: Duration = Duration::from_secs(2);

/// Sends an event until the server answers. To send it again is harmless: the server stores it only as the successor
/// of the expected event, so at most once.
pub(super) async fn append(
    options: Arc<Options>,
    mut current: Current,
    append: Append,
) -> Result<Appended, AppendError> {
    let subject = subject(&options, &append.state);
    let mut sent = 0;
    loop {
        let online = if sent == 0 {
            let connecting = tokio::time::timeout(CONNECTION, connected(&mut current)).await;
            connecting.map_err(|_| AppendError::Unavailable)?
        } else {
            connected(&mut current).await
        };
        let (size, limit) = (append.payload.len() + OVERHEAD, online.client.max_payload());
        if size > limit {
            let reason = format!("it has {size} bytes, and the server accepts {limit}; put large data elsewhere");
            return Err(AppendError::Refused { reason });
        }
        let sending = async { online.context.send_publish(subject.clone(), encode(&append)).await?.await };
        match tokio::time::timeout(ANSWER, sending).await {
            Ok(Ok(stored)) => return Ok(Appended { sequence: stored.sequence }),
            Ok(Err(error)) if is_conflict(&error) => {
                // The successor will arrive, and tells whether it is this event.
                return Err(AppendError::Conflict { expected: append.expected, current: append.expected });
            }
            // An earlier attempt may have been stored, so only the first answer is a refusal.
            Ok(Err(error)) if sent == 0 && error.kind() == PublishErrorKind::Other => {
                return Err(AppendError::Refused { reason: error.to_string() });
            }
            Ok(Err(error)) => tracing::debug!(%error, "an event is sent again"),
            Err(_) => tracing::debug!("the server does not answer, so an event is sent again"),
        }
        tokio::time::sleep(backoff(sent)).await;
        sent += 1;
    }
}

fn is_conflict(error: &PublishError) -> bool {
    // Clusters have another code for it.
    error.kind() == PublishErrorKind::WrongLastSequence || error.to_string().contains("wrong last sequence")
}
