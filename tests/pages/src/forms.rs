//! A form that is checked while people type, on a page that changes all the time.

use std::time::Duration;

use lanai::prelude::*;

#[derive(Form, Default)]
pub(crate) struct Profile {
    #[form(min_length = 2, max_length = 200, autocomplete = "username")]
    name: String,
    #[form(type = "email", autocomplete = "email")]
    email: String,
    #[form(range(min = 1, max = 9))]
    stars: Option<u8>,
    #[form(type = "date")]
    day: Option<String>,
    #[form(type = "textarea", optional, max_length = 5)]
    note: String,
    #[form(type = "checkbox")]
    topics: Vec<Topic>,
    #[form(type = "color")]
    color: Option<String>,
    #[form(type = "range")]
    volume: Option<u8>,
    secret: Option<String>,
    friends: Vec<Friend>,
}

#[derive(Form, Clone, Copy)]
enum Topic {
    Rust,
    Web,
}

#[derive(Form, Default)]
struct Friend {
    nick: String,
}

pub(crate) struct Page {
    form: LiveForm<Profile>,
    saved: u32,
    ticks: u32,
    disables: bool,
}

impl Page {
    pub(crate) async fn mount(cx: Cx<Self>) -> Self {
        cx.every(Duration::from_millis(50), |page: &mut Self| page.ticks += 1);
        let form = LiveForm::default().with_check(Profile::NAME, |name: String| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if name == "taken" { Err("This name is taken.".into()) } else { Ok(()) }
        });
        Self { form, saved: 0, ticks: 0, disables: false }
    }

    pub(crate) async fn disabling(cx: Cx<Self>) -> Self {
        Self { disables: true, ..Self::mount(cx).await }
    }

    async fn save(&mut self, profile: Profile) -> Result {
        tokio::time::sleep(Duration::from_millis(300)).await;
        if profile.name == "double" {
            return Err(Profile::NAME.error("There is one already.").into());
        }
        self.saved += 1;
        Ok(())
    }

    fn add(&mut self) {
        self.form.add_row(Profile::FRIENDS);
    }
}

impl View for Page {
    fn render(&self) -> Html<Self> {
        let form = &self.form;
        let events = form.events(|page: &mut Self| &mut page.form, Self::save);
        let events = if self.disables { events.disable_while_sending() } else { events };
        html! {
            p { "Ticks: " span #ticks { (self.ticks) } " Saved: " span #saved { (self.saved) } " Dirty: " span #dirty { (form.is_dirty()) } }
            p #server { (form.text(Profile::NAME)) }
            form (events) {
                (form.errors())
                (form.field(Profile::NAME))
                (form.field(Profile::EMAIL))
                (form.field(Profile::STARS))
                (form.field(Profile::DAY))
                (form.field(Profile::NOTE))
                (form.field(Profile::TOPICS))
                (form.field(Profile::COLOR))
                (form.field(Profile::VOLUME))
                @for row in form.rows(Profile::FRIENDS) {
                    @let key = row.key();
                    div.friend key=(key) {
                        (row.field(Friend::NICK))
                        button.up type="button" onclick=(move |page: &mut Self| page.form.move_row(Profile::FRIENDS, key, 0)) { "Up" }
                        button.remove type="button" onclick=(move |page: &mut Self| page.form.remove_row(Profile::FRIENDS, key)) { "Remove" }
                    }
                }
                button #add type="button" onclick=(Self::add) { "Add" }
                button #save { "Save" }
                button #undo type="reset" { "Undo" }
            }
        }
    }
}
