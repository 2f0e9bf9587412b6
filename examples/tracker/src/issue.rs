//! One issue: its text, what people say and did, and who else is reading and writing.

use std::time::Duration;

use lanai::prelude::*;
use lanai::task::Task;
use lanai::{Flash, js};

use crate::editor::EditPage;
use crate::frame::frame;
use crate::issues::{Issue, Status};
use crate::list::IssuesPage;
use crate::look::{ago, avatar, labels};
use crate::me::Me;
use crate::news::{Event, Kind};
use crate::people::Role;
use crate::topics::{DELETED, ISSUE, NEWS, changed, tell};

/// How long a person counts as writing after the last key.
const PAUSE: Duration = Duration::from_secs(4);

/// The number of characters in a comment.
const LONGEST: usize = 5000;

/// The address of an issue.
#[derive(Route)]
#[route("/issues/{id}")]
pub(crate) struct IssuePage {
    pub(crate) id: i64,
}

pub(crate) struct Reading {
    cx: Cx<Self>,
    me: Me,
    issue: Issue,
    events: Vec<Event>,
    follows: bool,
    readers: Present<Reader>,
    pause: Option<Task>,
}

/// Someone who has the issue open.
#[derive(Serialize, Deserialize)]
struct Reader {
    name: String,
    is_writing: bool,
}

#[derive(Deserialize)]
struct Comment {
    text: String,
}

impl Reading {
    pub(crate) async fn mount(cx: Cx<Self>, me: Me, IssuePage { id }: IssuePage) -> Result<Self> {
        let issue = me.database.issue(id).await?.ok_or_else(Error::not_found)?;
        cx.title(format!("{} #{id}", issue.title));
        me.owns(&cx);
        cx.subscribe(ISSUE.at(id), Self::changed);
        cx.track(ISSUE.at(id), me.id, Reader { name: me.name.clone(), is_writing: false });
        let follows = me.database.followers(id).await?.contains(&me.id);
        let mut reading =
            Self { readers: cx.presence(ISSUE.at(id)), cx, me, issue, events: Vec::new(), follows, pause: None };
        reading.read_events().await?;
        reading.saw().await?;
        Ok(reading)
    }

    async fn changed(&mut self, _: &()) -> Result {
        match self.me.database.issue(self.issue.id).await? {
            Some(issue) => self.issue = issue,
            None => return Err(Error::redirect(IssuesPage::default())),
        }
        self.read_events().await?;
        // The page may be in the browser's cache, where nobody sees it.
        if self.readers.contains(&self.me.id.to_string()) { self.saw().await } else { Ok(()) }
    }

    async fn read_events(&mut self) -> Result {
        self.events = self.me.database.events(self.issue.id).await?;
        Ok(())
    }

    /// Keeps that the person has seen everything, for the bell.
    async fn saw(&self) -> Result {
        self.me.database.saw(self.issue.id, self.me.id).await?;
        self.cx.publish(NEWS.at(self.me.id), ());
        Ok(())
    }

    async fn set_status(&mut self, status: Status, cx: &Cx<Self>) -> Result {
        self.me.must_be(Role::Member).await?;
        if self.me.database.set_status(self.issue.id, status).await? {
            let what = format!("set the status to “{}”", status.name());
            tell(cx, &self.me, self.issue.id, Kind::Change, &what).await?;
        }
        self.changed(&()).await
    }

    async fn comment(&mut self, Form(comment): Form<Comment>, cx: &Cx<Self>) -> Result {
        self.me.must_be(Role::Member).await?;
        let text: String = comment.text.trim().chars().take(LONGEST).collect();
        if !text.is_empty() {
            self.me.database.follow(self.issue.id, self.me.id).await?;
            self.follows = true;
            tell(cx, &self.me, self.issue.id, Kind::Comment, &text).await?;
            cx.reset_form();
            self.changed(&()).await?;
        }
        self.paused(cx);
        Ok(())
    }

    fn writes(&mut self, Value(text): Value<String>, cx: &Cx<Self>) {
        self.set_writing(!text.trim().is_empty(), cx);
    }

    fn paused(&mut self, cx: &Cx<Self>) {
        self.set_writing(false, cx);
    }

    fn set_writing(&mut self, is_writing: bool, cx: &Cx<Self>) {
        cx.track(ISSUE.at(self.issue.id), self.me.id, Reader { name: self.me.name.clone(), is_writing });
        let pause = is_writing.then(|| cx.after(PAUSE, Self::paused));
        if let Some(before) = std::mem::replace(&mut self.pause, pause) {
            before.cancel();
        }
    }

    async fn set_follows(&mut self) -> Result {
        self.follows = !self.follows;
        match self.follows {
            true => self.me.database.follow(self.issue.id, self.me.id).await,
            false => self.me.database.unfollow(self.issue.id, self.me.id).await,
        }
    }

    async fn delete(&mut self, cx: &Cx<Self>) -> Result {
        self.me.must_be(Role::Admin).await?;
        if self.me.database.delete_issue(self.issue.id, self.me.id).await? {
            let database = self.me.database.clone();
            tokio::spawn(async move {
                tokio::time::sleep(database.undo).await;
                database.remove_deleted().await
            });
            cx.publish(DELETED.at(self.me.id), ());
            changed(cx, &self.me, self.issue.id).await?;
        }
        cx.navigate(IssuesPage::default());
        Ok(())
    }

    /// Says who else is reading, and who is writing.
    fn others(&self) -> Html<Self> {
        let own = self.me.id.to_string();
        html! {
            div.readers role="status" {
                @for reader in self.readers.iter().filter(|reader| *reader.key != *own) {
                    span key=(reader.key) {
                        (avatar(&reader.meta.name))
                        (reader.meta.name) @if reader.meta.is_writing { " is writing …" } @else { " is reading" }
                    }
                }
            }
        }
    }

    fn statuses(&self) -> Html<Self> {
        let may = self.me.is(Role::Member);
        html! {
            div.statuses role="group" aria-label="Status" {
                @for status in Status::ALL {
                    button key=(status.class()) .{ (status.class()) } aria-pressed=(status == self.issue.status) disabled[!may] onclick=(
                        on(async move |reading: &mut Self, cx: &Cx<Self>| reading.set_status(status, cx).await)
                            .optimistic(js::set_attribute(".statuses button", "aria-pressed", "false"))
                            .optimistic(js::set_attribute(js::this(), "aria-pressed", "true"))
                    ) { (status.name()) }
                }
            }
        }
    }
}

impl View for Reading {
    fn render(&self) -> Html<Self> {
        let Self { issue, me, .. } = self;
        frame(
            me,
            &IssuePage { id: issue.id },
            html! {
                header.issue-head {
                    h1 { (issue.title) " " small { "#" (issue.id) } }
                    p {
                        (avatar(&issue.author)) (issue.author) " wrote this " (ago(issue.age)) ". "
                        @match &issue.assignee_name {
                            Some(name) => { (avatar(name)) "Assigned to " (name) "." }
                            None => "Assigned to nobody."
                        }
                    }
                    p.labels { (labels(&issue.labels)) }
                }
                (self.statuses())
                @if !issue.text.is_empty() { p.text { (issue.text) } }
                div.issue-buttons {
                    button.outline.secondary aria-pressed=(self.follows) onclick=(Self::set_follows) {
                        @if self.follows { "Following" } @else { "Follow" }
                    }
                    @if me.is(Role::Member) { a.outline.secondary role="button" href=(EditPage { id: issue.id }) { "Edit" } }
                    @if me.is(Role::Admin) { button.outline.danger onclick=(Self::delete) { "Delete" } }
                }
                (self.others())
                ol #events.events aria-label="What happened" aria-live="polite" {
                    @for event in &self.events {
                        li key=(event.id) .comment[event.kind == Kind::Comment] {
                            (avatar(&event.actor))
                            @match event.kind {
                                Kind::Comment => { strong { (event.actor) } " " small { (ago(event.age)) } p.text { (event.text) } }
                                Kind::Change => { span { strong { (event.actor) } " " (event.text) " " small { (ago(event.age)) } } }
                            }
                        }
                    }
                }
                @if me.is(Role::Member) {
                    template #new-comment { li.comment { strong data-lanai-value="name" {} p.text data-lanai-value="text" {} } }
                    form.write onsubmit=(on(Self::comment).optimistic(js::append("#new-comment", "#events"))) {
                        input type="hidden" name="name" value=(me.name);
                        textarea name="text" aria-label="Comment" placeholder="Write a comment" rows="3" maxlength=(LONGEST) required
                            oninput=(on(Self::writes).throttle(Duration::from_millis(500))) {}
                        button { "Comment" }
                    }
                }
            },
        )
    }

    fn failed(&mut self, error: &Error, cx: &Cx<Self>) {
        cx.flash(Flash::error(error.to_string()));
    }
}
