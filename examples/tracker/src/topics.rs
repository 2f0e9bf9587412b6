//! What pages tell each other. The messages say only that something has changed; the database says what.

use lanai::Result;
use lanai::prelude::*;

use crate::me::Me;
use crate::news::Kind;

/// Some issue has changed.
pub(crate) const ISSUES: Topic<()> = Topic::new("issues");

/// The issue with this number has changed. The people who read it are present here.
pub(crate) const ISSUE: Topic<()> = Topic::new("issue");

/// What the person with this number has not seen has changed.
pub(crate) const NEWS: Topic<()> = Topic::new("news");

/// The person with this number has deleted or restored an issue.
pub(crate) const DELETED: Topic<()> = Topic::new("deleted");

/// Keeps what somebody did to an issue, and tells everyone whom it concerns.
pub(crate) async fn tell<V: View>(cx: &Cx<V>, me: &Me, issue: i64, kind: Kind, text: &str) -> Result {
    me.database.add_event(issue, me.id, kind, text).await?;
    changed(cx, me, issue).await
}

/// Tells everyone whom it concerns that an issue has changed.
pub(crate) async fn changed<V: View>(cx: &Cx<V>, me: &Me, issue: i64) -> Result {
    cx.publish(ISSUES, ());
    cx.publish(ISSUE.at(issue), ());
    for follower in me.database.followers(issue).await? {
        cx.publish(NEWS.at(follower), ());
    }
    Ok(())
}
