//! The bell: what others did to the issues that one follows. It is in the layout, and stays when the page changes.

use lanai::js;
use lanai::prelude::*;

use crate::issue::IssuePage;
use crate::me::Me;
use crate::news::Unread;
use crate::topics::NEWS;

pub(crate) struct Bell {
    me: Me,
    unread: Vec<Unread>,
}

impl Bell {
    pub(crate) async fn mount(cx: Cx<Self>, me: Me) -> Result<Self> {
        me.owns(&cx);
        cx.subscribe(NEWS.at(me.id), Self::changed);
        let unread = me.database.unread(me.id).await?;
        Ok(Self { me, unread })
    }

    async fn changed(&mut self, _: &()) -> Result {
        self.unread = self.me.database.unread(self.me.id).await?;
        Ok(())
    }
}

impl View for Bell {
    fn render(&self) -> Html<Self> {
        let count: i64 = self.unread.iter().map(|issue| issue.count).sum();
        html! {
            details #bell.bell {
                summary aria-label={ "News: " (count) " unread" } {
                    svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true" {
                        path d="M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7Zm4 10h4" {}
                    }
                    @if count > 0 { span.badge { (count) } }
                }
                div.news {
                    @if self.unread.is_empty() { p { "You have seen everything." } }
                    ul {
                        @for issue in &self.unread {
                            li key=(issue.issue) {
                                a href=(IssuePage { id: issue.issue }) onclick=(js::remove_attribute("#bell", "open")) { (issue.title) span.badge { (issue.count) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
