//! The list of issues. What it shows is in the address, so a filter can be shared, and Back returns to the last one.

use std::time::Duration;

use lanai::prelude::*;
use lanai::{Flash, js};

use crate::frame::frame;
use crate::issue::IssuePage;
use crate::issues::{Filter, Issue, Label, Status};
use crate::look::{ago, avatar, labels, status};
use crate::me::Me;
use crate::news::Kind;
use crate::people::{Person, Role};
use crate::topics::{ISSUES, tell};

/// The address of the list.
#[derive(Route, Default)]
#[route("/")]
pub(crate) struct IssuesPage {
    #[route(query)]
    filter: Filter,
}

pub(crate) struct Issues {
    me: Me,
    filter: Filter,
    /// Of each status, for the numbers of each.
    issues: Vec<Issue>,
    labels: Vec<Label>,
    people: Vec<Person>,
}

impl Issues {
    pub(crate) async fn mount(cx: Cx<Self>, me: Me, IssuesPage { filter }: IssuesPage) -> Result<Self> {
        cx.title("Issues");
        me.owns(&cx);
        cx.subscribe(ISSUES, Self::changed);
        cx.on_query(Self::show);
        let issues = me.database.issues(&filter).await?;
        let (labels, people) = (me.database.labels().await?, me.database.people().await?);
        Ok(Self { me, filter, issues, labels, people })
    }

    async fn changed(&mut self, _: &()) -> Result {
        self.issues = self.me.database.issues(&self.filter).await?;
        Ok(())
    }

    /// Back, Forward or a link leads to another filter.
    async fn show(&mut self, filter: Filter) -> Result {
        self.filter = filter;
        self.changed(&()).await
    }

    async fn search(&mut self, Value(text): Value<String>, cx: &Cx<Self>) -> Result {
        self.filter.text = text;
        cx.replace_query(&self.filter);
        self.changed(&()).await
    }

    async fn filter_label(&mut self, Value(label): Value<String>, cx: &Cx<Self>) -> Result {
        self.filter.label = label;
        cx.query(&self.filter);
        self.changed(&()).await
    }

    async fn filter_assignee(&mut self, Value(assignee): Value<String>, cx: &Cx<Self>) -> Result {
        self.filter.assignee = assignee;
        cx.query(&self.filter);
        self.changed(&()).await
    }

    async fn set_status(&mut self, issue: i64, status: Status, cx: &Cx<Self>) -> Result {
        self.me.must_be(Role::Member).await?;
        if self.me.database.set_status(issue, status).await? {
            tell(cx, &self.me, issue, Kind::Change, &format!("set the status to “{}”", status.name())).await?;
        }
        self.changed(&()).await
    }

    fn tab(&self, only: Option<Status>, name: &'static str) -> Html<Self> {
        let count = self.issues.iter().filter(|issue| only.is_none_or(|only| issue.status == only)).count();
        let page = IssuesPage { filter: Filter { status: only, ..self.filter.clone() } };
        html! { a href=(page) aria-current=[(self.filter.status == only).then_some("true")] { (name) " " small { (count) } } }
    }

    fn row(&self, issue: &Issue) -> Html<Self> {
        let id = issue.id;
        let (next, verb) = match issue.status {
            Status::Done => (Status::Open, "Reopen"),
            _ => (Status::Done, "Close"),
        };
        let row = || js::closest("li");
        let set = on(async move |issues: &mut Self, cx: &Cx<Self>| issues.set_status(id, next, cx).await);
        let set = match self.filter.status {
            Some(_) => set.optimistic(js::remove(row())),
            None => set.optimistic(js::set_text(row().inside(".status"), next.name())),
        };
        html! {
            div.what {
                a href=(IssuePage { id }) { (issue.title) }
                span.labels { (labels(&issue.labels)) }
                small {
                    "#" (id) " by " (issue.author) ", " (ago(issue.age))
                    @if issue.comments > 0 { ", " (issue.comments) @if issue.comments == 1 { " comment" } @else { " comments" } }
                }
            }
            span.who {
                @if let Some(name) = &issue.assignee_name { (avatar(name)) span.sr { "Assigned to " (name) } }
            }
            (status(issue.status))
            @if self.me.is(Role::Member) {
                button.outline.secondary aria-label={ (verb) " " (issue.title) } onclick=(set) { (verb) }
            }
        }
    }
}

impl View for Issues {
    fn render(&self) -> Html<Self> {
        let shown = || self.issues.iter().filter(|issue| self.filter.status.is_none_or(|only| issue.status == only));
        frame(
            &self.me,
            &IssuesPage::default(),
            html! {
                h1 { "Issues" }
                search.filters {
                    input type="search" aria-label="Search" placeholder="Search" value=(self.filter.text)
                        oninput=(on(Self::search).debounce(Duration::from_millis(200)));
                    select aria-label="Label" onchange=(Self::filter_label) {
                        option value="" { "Any label" }
                        @for Label { name, .. } in &self.labels {
                            option key=(name) value=(name) selected[self.filter.label == *name] { (name) }
                        }
                    }
                    select aria-label="Assignee" onchange=(Self::filter_assignee) {
                        option value="" { "Anyone" }
                        @for Person { name, .. } in &self.people {
                            option key=(name) value=(name) selected[self.filter.assignee == *name] { (name) }
                        }
                    }
                }
                nav.tabs aria-label="Status" {
                    (self.tab(None, "All"))
                    @for status in Status::ALL { (self.tab(Some(status), status.name())) }
                }
                ul.issues aria-label="Issues" {
                    @for issue in shown() { li key=(issue.id) { (self.row(issue)) } }
                }
                @if shown().next().is_none() { p.empty { "No issue is like this." } }
            },
        )
    }

    fn failed(&mut self, error: &Error, cx: &Cx<Self>) {
        cx.flash(Flash::error(error.to_string()));
    }
}
