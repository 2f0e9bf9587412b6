//! The people and their roles, for administrators.

use lanai::prelude::*;
use lanai::{Flash, Handle};

use crate::frame::frame;
use crate::look::avatar;
use crate::me::Me;
use crate::people::{Person, Role};

/// The address of the team.
#[derive(Route)]
#[route("/team")]
pub(crate) struct TeamPage;

/// Someone's role has changed.
const TEAM: Topic<()> = Topic::new("team");

pub(crate) struct Team {
    me: Me,
    handle: Handle,
    people: Vec<Person>,
}

impl Team {
    pub(crate) async fn mount(cx: Cx<Self>, me: Me, handle: Handle) -> Result<Self> {
        me.must_be(Role::Admin).await?;
        cx.title("Team");
        me.owns(&cx);
        cx.subscribe(TEAM, Self::changed);
        let people = me.database.people().await?;
        Ok(Self { me, handle, people })
    }

    async fn changed(&mut self, _: &()) -> Result {
        self.people = self.me.database.people().await?;
        Ok(())
    }

    async fn set_role(&mut self, person: i64, role: Role, cx: &Cx<Self>) -> Result {
        self.me.must_be(Role::Admin).await?;
        if person == self.me.id {
            return Ok(());
        }
        self.me.database.set_role(person, role).await?;
        cx.publish(TEAM, ());
        // Their open pages are mounted again, with the new role.
        self.handle.end_person(person)?;
        self.changed(&()).await
    }
}

impl View for Team {
    fn render(&self) -> Html<Self> {
        frame(
            &self.me,
            &TeamPage,
            html! {
                h1 { "Team" }
                ul.team {
                    @for person in &self.people {
                        @let id = person.id;
                        li key=(id) {
                            (avatar(&person.name))
                            strong { (person.name) }
                            select aria-label={ "Role of " (person.name) } disabled[id == self.me.id]
                                onchange=(async move |team: &mut Self, Value(role): Value<Role>, cx: &Cx<Self>| team.set_role(id, role, cx).await) {
                                @for (role, value, name) in Role::ALL {
                                    option key=(value) value=(value) selected[role == person.role] { (name) }
                                }
                            }
                        }
                    }
                }
            },
        )
    }

    fn failed(&mut self, error: &Error, cx: &Cx<Self>) {
        cx.flash(Flash::error(error.to_string()));
    }
}
