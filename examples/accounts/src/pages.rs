//! The live pages: the team's notes, and the people, for administrators.

use axum::extract::State;
use lanai::prelude::*;
use lanai::{Flash, Handle};

use crate::database::{Database, Note, Person};
use crate::member::Member;
use crate::sessions::end_sessions_of;

/// Notes have changed.
const NOTES: Topic<()> = Topic::new("notes");

/// People have changed.
const PEOPLE: Topic<()> = Topic::new("people");

/// The address of the notes.
#[derive(Route)]
#[route("/")]
pub(crate) struct NotesPage;

/// The notes of the team. Everyone may delete their own, and administrators all.
pub(crate) struct Notes {
    member: Person,
    database: Database,
    notes: Vec<Note>,
}

#[derive(Deserialize)]
struct Draft {
    text: String,
}

impl Notes {
    pub(crate) async fn mount(cx: Cx<Self>, member: Member, State(database): State<Database>) -> Result<Self> {
        cx.title("Notes");
        member.owns(&cx);
        cx.subscribe(NOTES, Self::changed);
        let notes = database.notes().await?;
        Ok(Self { member: member.person, database, notes })
    }

    async fn changed(&mut self, _: &()) -> Result {
        self.notes = self.database.notes().await?;
        Ok(())
    }

    async fn add(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) -> Result {
        if !draft.text.trim().is_empty() {
            self.database.add_note(self.member.id, draft.text.trim()).await?;
            cx.publish(NOTES, ());
            cx.reset_form();
        }
        Ok(())
    }

    /// The button is shown to those who may delete the note. Whether they still may is decided here.
    async fn delete(&mut self, note: i64, cx: &Cx<Self>) -> Result {
        if self.database.delete_note(note, self.member.id).await? {
            cx.publish(NOTES, ());
        } else {
            cx.flash(Flash::error("You may not delete this note."));
        }
        Ok(())
    }
}

impl View for Notes {
    fn render(&self) -> Html<Self> {
        html! {
            (signed_in(&self.member))
            h1 { "Notes" }
            @if self.notes.is_empty() { p.lead { "Nobody has written anything yet." } }
            ul.notes {
                @for note in &self.notes {
                    li key=(note.id) {
                        span { strong { (note.name) } " " (note.text) }
                        @if note.author == self.member.id || self.member.is_admin {
                            @let id = note.id;
                            button.outline.secondary aria-label={ "Delete the note of " (note.name) }
                                onclick=(async move |notes: &mut Self, cx: &Cx<Self>| notes.delete(id, cx).await) { "Delete" }
                        }
                    }
                }
            }
            form.chat-form onsubmit=(Self::add) {
                input name="text" aria-label="A new note" placeholder="A new note" autocomplete="off";
                button { "Add" }
            }
        }
    }
}

/// The address of the people.
#[derive(Route)]
#[route("/people")]
pub(crate) struct PeoplePage;

/// The people and their roles.
pub(crate) struct People {
    me: Person,
    database: Database,
    handle: Handle,
    people: Vec<Person>,
}

impl People {
    pub(crate) async fn mount(
        cx: Cx<Self>,
        member: Member,
        State(database): State<Database>,
        handle: Handle,
    ) -> Result<Self> {
        cx.title("People");
        member.owns(&cx);
        cx.subscribe(PEOPLE, Self::changed);
        let people = database.people().await?;
        Ok(Self { me: member.person, database, handle, people })
    }

    async fn changed(&mut self, _: &()) -> Result {
        self.people = self.database.people().await?;
        Ok(())
    }

    async fn set_admin(&mut self, person: i64, is_admin: bool, cx: &Cx<Self>) -> Result {
        self.database.set_admin(person, is_admin).await?;
        cx.publish(PEOPLE, ());
        // Their open pages are mounted again, through the guards, with the new role.
        self.handle.end_person(person)?;
        Ok(())
    }

    async fn sign_out(&mut self, person: i64, name: String, cx: &Cx<Self>) -> Result {
        end_sessions_of(&self.database.0, person).await?;
        self.handle.end_person(person)?;
        cx.flash(Flash::success(format!("{name} is signed out everywhere.")));
        Ok(())
    }
}

impl View for People {
    fn render(&self) -> Html<Self> {
        html! {
            (signed_in(&self.me))
            h1 { "People" }
            div.overflow-auto {
                table {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Change" } } }
                    tbody {
                        @for person in &self.people {
                            @let (id, is_admin) = (person.id, person.is_admin);
                            tr key=(id) {
                                th scope="row" { (person.name) }
                                td { @if is_admin { "Administrator" } @else { "Member" } }
                                td {
                                    div.actions {
                                        button.outline aria-label={ (if is_admin { "Make a member: " } else { "Make an administrator: " }) (person.name) }
                                            onclick=(async move |people: &mut Self, cx: &Cx<Self>| people.set_admin(id, !is_admin, cx).await) {
                                            @if is_admin { "Make a member" } @else { "Make an administrator" }
                                        }
                                        @let name = person.name.clone();
                                        button.outline.secondary aria-label={ "Sign out " (person.name) }
                                            onclick=(async move |people: &mut Self, cx: &Cx<Self>| people.sign_out(id, name.clone(), cx).await) { "Sign out" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Shows who is signed in, with the ways out.
fn signed_in<V: View>(person: &Person) -> Html<V> {
    html! {
        nav.signed-in aria-label="Account" {
            span { "Signed in as " strong { (person.name) } @if person.is_admin { ", administrator" } }
            a href=(NotesPage) { "Notes" }
            @if person.is_admin { a href=(PeoplePage) { "People" } }
            form method="post" action="/sign-out" { button.outline { "Sign out" } }
            form method="post" action="/sign-out-everywhere" { button.outline.secondary { "Sign out everywhere" } }
        }
    }
}
