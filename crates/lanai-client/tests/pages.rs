//! Runs the cases of `client-js/conformance/pages.json`, which the client in the browser runs too: what a person does,
//! what the page sends, and what it then shows.

use lanai_client::{Event, Id, Page, Selector, VERSION, Verdict, form};
use serde_json::{Value, json};

const CASES: &str = include_str!("../../../client-js/conformance/pages.json");

struct Case<'a> {
    page: Page,
    now: u64,
    name: &'a str,
}

impl Case<'_> {
    fn open<'a>(name: &'a str, html: &str, boot: &Value) -> Case<'a> {
        let mut data = json!({ "v": VERSION, "i": "7", "s": "secret" });
        data.as_object_mut().unwrap().extend(boot.as_object().unwrap().clone());
        let data = data.to_string().replace('<', "\\u003c");
        let html = format!(
            "<body><!--lanai-->{html}<!--/lanai--><script type=\"application/json\" id=\"lanai\">{data}</script>"
        );
        let mut page = Page::read(&html, "page-1").unwrap_or_else(|error| panic!("{name}: {error}"));
        page.opened();
        page.take_output();
        page.receive(0, r#"{"attached":0}"#).unwrap();
        Case { page, now: 0, name }
    }

    fn find(&self, selector: &Value) -> Id {
        let selector = selector.as_str().unwrap();
        let found = Selector::parse(selector).unwrap().all(self.page.dom(), self.page.document(), None);
        *found.first().unwrap_or_else(|| panic!("{}: no {selector}", self.name))
    }

    fn fire(&mut self, element: Id, kind: &str, properties: &Value) {
        let mut event = Event::new(kind, element);
        event.properties.extend(properties.as_object().cloned().unwrap_or_default());
        self.page.dispatch(self.now, &event);
    }

    fn step(&mut self, step: &Value) {
        if let Some(fire) = step.get("fire") {
            let element = self.find(&fire[0]);
            self.fire(element, fire[1].as_str().unwrap(), &fire[2]);
        }
        if let Some(typed) = step.get("type") {
            let control = self.find(&typed[0]);
            form::set_value(self.page.dom_mut(), control, typed[1].as_str().unwrap());
            self.page.edited(control);
            self.fire(control, "input", &Value::Null);
        }
        if let Some(check) = step.get("check") {
            let control = self.find(&check[0]);
            form::set_checked(self.page.dom_mut(), control, check[1] == true);
            self.page.edited(control);
            self.fire(control, "input", &Value::Null);
            self.fire(control, "change", &Value::Null);
        }
        if let Some(passed) = step.get("tick").and_then(Value::as_u64) {
            self.now += passed;
            self.page.tick(self.now);
        }
        if let Some(message) = step.get("receive") {
            assert_eq!(self.page.receive(self.now, &message.to_string()), Ok(Verdict::Goes), "{}: {step}", self.name);
        }
        let sent: Vec<Value> = self.page.take_output().iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        assert_eq!(Value::from(sent), step["sends"], "{}: {step}", self.name);
        let each = |key: &str| step.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        for (selector, value) in each("shows") {
            assert_eq!(form::value(self.page.dom(), self.find(&selector.into())), value, "{}: {step}", self.name);
        }
        for (selector, checked) in each("checked") {
            assert_eq!(
                form::is_checked(self.page.dom(), self.find(&selector.into())),
                checked,
                "{}: {step}",
                self.name
            );
        }
        for (selector, attribute) in each("has") {
            let element = self.find(&selector.into());
            assert!(self.page.dom().has_attribute(element, attribute.as_str().unwrap()), "{}: {step}", self.name);
        }
    }
}

#[test]
fn the_model_does_what_the_client_in_the_browser_does() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    for case in &cases {
        let mut page = Case::open(case["name"].as_str().unwrap(), case["html"].as_str().unwrap(), &case["boot"]);
        case["steps"].as_array().unwrap().iter().for_each(|step| page.step(step));
    }
}
