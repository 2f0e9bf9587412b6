//! Mistakes in the view of a form.

use lanai::prelude::*;

#[derive(Form, Default)]
struct SignUp {
    email: String,
    address: Address,
}

#[derive(Form, Default)]
struct Address {
    street: String,
}

struct Page {
    form: LiveForm<SignUp>,
}

impl Page {
    fn save(&mut self, _: Form<SignUp>) {}
    fn saved(&mut self, _: SignUp) {}
}

struct NotAField;

impl View for Page {
    fn render(&self) -> Html<Self> {
        html! {
            form (self.form.events(|page: &mut Self| &mut page.form, Self::save)) {}
            form (self.form) {}
            form (self.form.events(|page: &mut Self| &mut page.form, Self::saved)) {
                (self.form.field(SignUp::EMIAL))
                (self.form.field(Address::STREET))
                (self.form.group(SignUp::EMAIL).field(Address::STREET))
                input (NotAField);
                label (self.form.field(SignUp::EMAIL)) ("Email") {}
                button ("Save") {}
            }
        }
    }
}

fn main() {}
