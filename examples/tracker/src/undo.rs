//! The last chance for what the person has just deleted. It is in the layout, and stays when the page changes. It reads
//! the database, so it works in every tab, and after a restart.

use std::time::Duration;

use lanai::Flash;
use lanai::prelude::*;

use crate::issues::Deleted;
use crate::me::Me;
use crate::news::Kind;
use crate::people::Role;
use crate::topics::{DELETED, tell};

pub(crate) struct Undo {
    me: Me,
    deleted: Vec<Deleted>,
}

impl Undo {
    pub(crate) async fn mount(cx: Cx<Self>, me: Me) -> Result<Self> {
        me.owns(&cx);
        cx.subscribe(DELETED.at(me.id), Self::changed);
        let deleted = me.database.deleted_by(me.id).await?;
        let undo = Self { me, deleted };
        undo.ask_again(&cx);
        Ok(undo)
    }

    async fn changed(&mut self, _: &(), cx: &Cx<Self>) -> Result {
        self.again(cx).await
    }

    async fn again(&mut self, cx: &Cx<Self>) -> Result {
        self.deleted = self.me.database.deleted_by(self.me.id).await?;
        self.ask_again(cx);
        Ok(())
    }

    /// When the time of the oldest is over, it disappears.
    fn ask_again(&self, cx: &Cx<Self>) {
        if let Some(oldest) = self.deleted.first() {
            cx.after(Duration::from_secs_f64(oldest.seconds_left), Self::again);
        }
    }

    async fn undo(&mut self, issue: i64, cx: &Cx<Self>) -> Result {
        self.me.must_be(Role::Admin).await?;
        if self.me.database.restore_issue(issue, self.me.id).await? {
            tell(cx, &self.me, issue, Kind::Change, "deleted this, and restored it").await?;
            cx.flash(Flash::success("It is back."));
        } else {
            cx.flash(Flash::error("It is too late."));
        }
        cx.publish(DELETED.at(self.me.id), ());
        Ok(())
    }
}

impl View for Undo {
    fn render(&self) -> Html<Self> {
        html! {
            div.undo role="status" {
                @for issue in &self.deleted {
                    @let id = issue.id;
                    p key=(id) {
                        span { "“" (issue.title) "” is deleted." }
                        button onclick=(async move |undo: &mut Self, cx: &Cx<Self>| undo.undo(id, cx).await) { "Undo" }
                    }
                }
            }
        }
    }

    fn failed(&mut self, error: &Error, cx: &Cx<Self>) {
        cx.flash(Flash::error(error.to_string()));
    }
}
