//! A view inside the view of a page, as the page knows it.

use serde_json::{Value, json};

use crate::op;
use crate::visitor::{Received, Visitor};

/// A child or a shared view that a page shows. It has its own counts of events and frames.
#[derive(Debug, Clone)]
pub struct Inner {
    /// Its number.
    pub id: String,
    /// The number of frames that the page has applied.
    pub frames: u64,
    /// The number of the last event that the page has sent.
    pub events: u64,
}

impl Inner {
    /// The only view inside the first HTML.
    ///
    /// # Panics
    ///
    /// If there is none or there are several.
    pub fn of(visitor: &Visitor) -> Self {
        match &Self::all(visitor)[..] {
            [inner] => inner.clone(),
            views => panic!("one view inside was expected, not {views:?}"),
        }
    }

    /// All views inside the first HTML: each before those inside it.
    pub fn all(visitor: &Visitor) -> Vec<Self> {
        let views = Self::inside(&visitor.boot.data);
        assert!(views.is_empty() || visitor.boot.data["m"] == 1, "the page is not told to load the part for children");
        views
    }

    fn inside(data: &Value) -> Vec<Self> {
        let mut all = Vec::new();
        for (id, data) in data["c"].as_object().into_iter().flatten() {
            assert_eq!(data.get("s"), None, "only the root has a secret");
            all.push(Self { id: id.clone(), frames: data["f"].as_u64().unwrap_or(0), events: 0 });
            all.extend(Self::inside(data));
        }
        all
    }

    /// Sends the attach.
    pub async fn attach(&self, visitor: &mut Visitor) {
        let attach = json!([self.id, "attach", self.frames, self.events]);
        visitor.send(&attach.to_string()).await;
    }

    /// Attaches, and expects the answer next.
    pub async fn attached(&self, visitor: &mut Visitor) {
        self.attach(visitor).await;
        let answer = visitor.receive().await;
        assert_eq!(answer, Received::Text(json!({ "attached": self.events, "of": self.id }).to_string()));
    }

    /// Sends the next event, acknowledging all frames.
    pub async fn event(&mut self, visitor: &mut Visitor, handler: u32) {
        self.events += 1;
        visitor.send(&json!([self.id, self.events, self.frames, handler]).to_string()).await;
    }

    /// Acknowledges all frames.
    pub async fn acknowledge(&self, visitor: &mut Visitor) {
        visitor.send(&json!([self.id, self.frames]).to_string()).await;
    }

    /// The next message about this view: a frame without the view's number, or an object.
    ///
    /// # Panics
    ///
    /// If something else comes.
    pub async fn next(&mut self, visitor: &mut Visitor) -> Value {
        let Received::Text(text) = visitor.receive().await else { panic!("the socket ended") };
        let mut message: Value = serde_json::from_str(&text).expect("JSON");
        match message.as_array_mut() {
            Some(frame) => {
                assert_eq!(frame.remove(0), self.id, "{text}");
                self.frames += 1;
                if let Some(sync) = frame[1..].chunks(2).find(|pair| pair[0] == op::SYNC) {
                    self.frames = sync[1][0].as_u64().expect("a number of frames");
                }
            }
            None => assert_eq!(message["of"], self.id, "{text}"),
        }
        message
    }
}
