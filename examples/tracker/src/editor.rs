//! The form of an issue, for a new one and for an edit.

use lanai::form::FieldError;
use lanai::prelude::*;

use crate::frame::frame;
use crate::issue::IssuePage;
use crate::issues::{Draft, Issue};
use crate::list::IssuesPage;
use crate::me::Me;
use crate::news::Kind;
use crate::people::Role;
use crate::topics::{changed, tell};

/// The address of the form for a new issue.
#[derive(Route)]
#[route("/issues/new")]
pub(crate) struct NewPage;

/// The address of the form for an edit.
#[derive(Route)]
#[route("/issues/{id}/edit")]
pub(crate) struct EditPage {
    pub(crate) id: i64,
}

#[derive(Form, Default)]
struct Fields {
    #[form(min_length = 3, max_length = 120)]
    title: String,
    #[form(type = "textarea", label = "What is it about?", optional, max_length = 10_000)]
    text: String,
    #[form(type = "select", label = "Assigned to", placeholder = "Nobody")]
    assignee: Option<i64>,
    #[form(type = "checkbox")]
    labels: Vec<i64>,
}

pub(crate) struct Editor {
    me: Me,
    form: LiveForm<Fields>,
    /// The issue that is edited, as it was when the form was opened.
    issue: Option<Issue>,
}

impl Editor {
    pub(crate) async fn mount_new(cx: Cx<Self>, me: Me) -> Result<Self> {
        cx.title("New issue");
        Self::open(&cx, me, None).await
    }

    pub(crate) async fn mount_edit(cx: Cx<Self>, me: Me, EditPage { id }: EditPage) -> Result<Self> {
        let issue = me.database.issue(id).await?.ok_or_else(Error::not_found)?;
        cx.title(format!("Edit {}", issue.title));
        Self::open(&cx, me, Some(issue)).await
    }

    async fn open(cx: &Cx<Self>, me: Me, issue: Option<Issue>) -> Result<Self> {
        me.must_be(Role::Member).await?;
        me.owns(cx);
        let mut form = LiveForm::new(match &issue {
            None => Fields::default(),
            Some(issue) => Fields {
                title: issue.title.clone(),
                text: issue.text.clone(),
                assignee: issue.assignee,
                labels: issue.labels.iter().map(|label| label.id).collect(),
            },
        });
        let (people, labels) = (me.database.people().await?, me.database.labels().await?);
        form.set_choices(Fields::ASSIGNEE, people.into_iter().map(|person| (person.id.to_string(), person.name)));
        form.set_choices(Fields::LABELS, labels.into_iter().map(|label| (label.id.to_string(), label.name)));
        Ok(Self { me, form, issue })
    }

    async fn save(&mut self, Fields { title, text, assignee, labels }: Fields, cx: &Cx<Self>) -> Result {
        let Self { me, .. } = self;
        me.must_be(Role::Member).await?;
        let draft = Draft { title, text, assignee, labels };
        let id = match &self.issue {
            None => me.database.add_issue(me.id, &draft).await?,
            Some(issue) => {
                if !me.database.edit_issue(issue.id, issue.version, &draft).await? {
                    return Err(FieldError::form(
                        "Somebody else has changed this issue. Copy what you need, and reload the page.",
                    )
                    .into());
                }
                issue.id
            }
        };
        me.database.follow(id, me.id).await?;
        if let Some(assignee) = assignee {
            me.database.follow(id, assignee).await?;
        }
        match &self.issue {
            Some(_) => tell(cx, me, id, Kind::Change, "edited this").await?,
            None => changed(cx, me, id).await?,
        }
        self.form.saved();
        cx.flash("Saved.");
        cx.navigate(IssuePage { id });
        Ok(())
    }
}

impl View for Editor {
    fn render(&self) -> Html<Self> {
        let form = &self.form;
        let content = html! {
            h1 { @match &self.issue { Some(issue) => { "Edit #" (issue.id) } None => "New issue" } }
            form.editor (form.events(|editor: &mut Self| &mut editor.form, Self::save))
                data-lanai-unsaved=[form.is_dirty().then_some("Leave without saving?")] {
                (form.errors())
                (form.field(Fields::TITLE))
                (form.field(Fields::TEXT))
                (form.field(Fields::ASSIGNEE))
                (form.field(Fields::LABELS))
                div.form-buttons {
                    button (form) { "Save" }
                    @match &self.issue {
                        Some(issue) => a href=(IssuePage { id: issue.id }) { "Cancel" },
                        None => a href=(IssuesPage::default()) { "Cancel" },
                    }
                }
            }
        };
        match &self.issue {
            Some(issue) => frame(&self.me, &EditPage { id: issue.id }, content),
            None => frame(&self.me, &NewPage, content),
        }
    }

    fn failed(&mut self, error: &Error, _: &Cx<Self>) {
        self.form.set_form_error(error.to_string());
    }
}
