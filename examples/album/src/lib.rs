//! An album: photos that people choose, drop or paste, with a preview and the progress of each, and that everyone sees
//! as soon as they have come.

mod store;

use std::sync::Arc;

use axum::http::{HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use lanai::prelude::*;
use lanai::upload::{EntryState, Upload, UploadEntry, UploadedFile};

use store::Store;

/// Tells everyone that the photos have changed.
const PHOTOS: Topic<()> = Topic::new("album/photos");

/// The largest photo, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The page of one visitor.
pub struct Album {
    store: Arc<Store>,
    photos: Upload<Self>,
    /// The photos that this visitor has sent, and may remove.
    own: Vec<u64>,
}

impl Album {
    async fn mount(cx: Cx<Self>, Extension(store): Extension<Arc<Store>>) -> Self {
        cx.title("Album");
        // The rendering reads the photos.
        cx.subscribe(PHOTOS, |_: &mut Self, _: &()| ());
        let photos = cx.upload("photos").accept(["image/png", "image/jpeg", "image/gif", "image/webp"]).max_files(12);
        Self { store, photos: photos.max_size(LARGEST).on_complete(Self::add), own: Vec::new() }
    }

    async fn add(&mut self, photo: UploadedFile, cx: &Cx<Self>) -> Result<()> {
        let bytes = photo.bytes().await?;
        self.own.extend(self.store.add(photo.name().into(), bytes));
        cx.publish(PHOTOS, ());
        Ok(())
    }

    fn remove(&mut self, id: u64, cx: &Cx<Self>) {
        // The handler is on the page only for one's own photos.
        self.store.remove(id);
        cx.publish(PHOTOS, ());
    }
}

impl View for Album {
    fn render(&self) -> Html<Self> {
        let photos = self.store.list();
        html! {
            h1 { "Album" }
            p.lead { "Photos that everyone here sees, as soon as they have come. A lost connection only pauses them." }
            div.drop-zone data-lanai-upload=(self.photos.name()) data-lanai-unsaved[self.photos.is_sending()] {
                label.choose { "Choose photos" input type="file" (self.photos); }
                p { "or drop or paste them here: PNG, JPEG, GIF or WebP, up to 4 MB each" }
            }
            ul.sending aria-label="Photos on their way" {
                @for photo in self.photos.entries() { li key=(photo.id()) { (self.sending(&photo)) } }
            }
            @if photos.is_empty() { p.empty { "There are no photos yet." } }
            ul.photos aria-label="Photos" {
                @for (id, name) in photos {
                    li key=(id) {
                        figure {
                            img src={ "/album/photo/" (id) } alt=(name) loading="lazy";
                            figcaption {
                                span { (name) }
                                @if self.own.contains(&id) {
                                    button.secondary.outline aria-label=(format!("Remove {name}"))
                                        onclick=(move |album: &mut Self, cx: &Cx<Self>| album.remove(id, cx)) { "Remove" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Album {
    /// A photo that is on its way, or was refused.
    fn sending(&self, photo: &UploadEntry) -> Html<Self> {
        let id = photo.id();
        html! {
            canvas data-lanai-preview=(id) width="64" height="64" aria-hidden="true" {}
            div {
                span.name { (photo.name()) }
                @match photo.state() {
                    EntryState::Failed(error) => { p.trouble role="alert" { (error) } }
                    _ => { progress max="100" value=(photo.percent()) aria-label=(photo.name()) {} }
                }
            }
            @let word = if photo.error().is_some() { "Dismiss" } else { "Cancel" };
            button.secondary.outline aria-label=(format!("{word} {}", photo.name()))
                onclick=(move |album: &mut Self| album.photos.cancel(id)) { (word) }
        }
    }
}

/// Serves a photo, so that no browser takes it for anything else.
async fn photo(Extension(store): Extension<Arc<Store>>, Path(id): Path<u64>) -> Result<impl IntoResponse> {
    const NOSNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let photo = store.find(id).ok_or_else(Error::not_found)?;
    let cached = (header::CACHE_CONTROL, "private, max-age=86400, immutable");
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, photo.media_type), NOSNIFF, cached], photo.bytes))
}

/// Returns the routes `/album` and `/album/photo/{id}`.
pub fn routes() -> Router {
    Router::new()
        .route("/album", live(Album::mount))
        .route("/album/photo/{id}", get(photo))
        .layer(Extension(Arc::<Store>::default()))
}
