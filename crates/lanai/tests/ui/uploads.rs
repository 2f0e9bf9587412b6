//! What takes files is an upload, which the view keeps.

use lanai::prelude::*;
use lanai::upload::{Upload, UploadedFile};

struct Album {
    name: String,
    photos: Upload<Self>,
}

impl Album {
    async fn mount(cx: Cx<Self>) -> Self {
        // Two handlers with other arguments.
        let photos = cx.upload("photos").on_complete(Self::add).on_complete(Self::add_all);
        Self { name: String::new(), photos }
    }

    fn add(&mut self, photo: String) {
        self.name = photo;
    }

    fn add_all(&mut self, photos: Vec<UploadedFile>) {
        drop(photos);
    }
}

impl View for Album {
    fn render(&self) -> Html<Self> {
        html! {
            input type="file" (self.name);
            input type="file" (self.photos.name());
            input (self.photos);
        }
    }
}

fn main() {}
