//! Where a view leads its page: to another page, back, or to another query of the same page.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::channel::{ChannelHandler, Typed};
use crate::cx::Cx;
use crate::flash::Flash;
use crate::instance::Effect;
use crate::location::IntoLocation;

/// The channel and the event by which a page tells its view about a query. Programs can open a channel with an empty
/// name, but pages send nothing else on it.
const QUERY: (&str, &str) = ("", "query");

impl<V: Send + 'static> Cx<V> {
    /// Navigates to another page of the program, as if the person had followed a link to it, or with
    /// [`External`](crate::External) to another site.
    ///
    /// The page changes after the current frame, so what the view changes in the same handler is still shown. The view
    /// lives until the other page is there. In `mount`, the visitor is redirected instead, with status 303, and the
    /// mounted view is dropped; [`Error::redirect`](crate::Error::redirect) does the same where there is no view to
    /// return.
    ///
    /// If the person is on the way to another page already, which takes long, nothing happens: what people do goes
    /// before what views ask for.
    ///
    /// A text that comes from outside is safe as an argument: if a browser could read it as the address of another
    /// site, nothing happens, and [`View::failed`](crate::View::failed) is called with a
    /// [`LocationError`](crate::LocationError).
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Editor { id: u64 }
    /// # async fn store(id: u64) -> Result<()> { Ok(()) }
    /// # impl Editor {
    /// async fn save(&mut self, cx: &Cx<Self>) -> Result<()> {
    ///     store(self.id).await?;
    ///     cx.flash("Saved.");
    ///     cx.navigate(format!("/notes/{}", self.id));
    ///     Ok(())
    /// }
    /// # }
    /// ```
    #[track_caller]
    pub fn navigate(&self, to: impl IntoLocation) {
        self.go(to, false);
    }

    /// Like [`navigate`](Self::navigate), but the new page takes the place of this one in the history, so that Back
    /// does not return to it.
    #[track_caller]
    pub fn replace(&self, to: impl IntoLocation) {
        self.go(to, true);
    }

    #[track_caller]
    fn go(&self, to: impl IntoLocation, replace: bool) {
        match to.into_location() {
            Ok(location) => self.instance.effect(Effect::Navigate(location, replace)),
            Err(error) => self.fail(error),
        }
    }

    /// Goes back in the history, as the browser's button does. If there is no page before this one, nothing happens.
    pub fn back(&self) {
        self.instance.effect(Effect::Back);
    }

    /// Makes `query` the query of the page's URL, as a new entry of the history. The view stays.
    ///
    /// So what the view shows has an address, which people can share, reload, and return to with Back; see
    /// [`on_query`](Self::on_query). `query` is a struct with named fields, which are the parameters. A field that is a
    /// list is a parameter that is repeated, and `None` is left out. If it cannot be serialized in this way,
    /// [`View::failed`](crate::View::failed) is called. If the URL has this query already, nothing happens.
    #[track_caller]
    pub fn query(&self, query: &impl Serialize) {
        self.write_query(query, false);
    }

    /// Like [`query`](Self::query), but changes the current entry of the history, for example while the person is still
    /// typing.
    #[track_caller]
    pub fn replace_query(&self, query: &impl Serialize) {
        self.write_query(query, true);
    }

    #[track_caller]
    fn write_query(&self, query: &impl Serialize, replace: bool) {
        match serde_html_form::to_string(query) {
            Ok(query) => self.instance.effect(Effect::Query(query, replace)),
            Err(error) => self.fail(error),
        }
    }

    /// Calls `handler` when Back, Forward or a link has changed the query of the page's URL, in place of mounting the
    /// view anew. The view is rendered afterwards.
    ///
    /// Call it in `mount`, which reads the query of the first URL with the extractor `Query<T>`. The handler is a
    /// method
    /// `fn(&mut self, T)` or `fn(&mut self, T, &Cx<Self>)`, `async` or not. A query that cannot be deserialized as `T`
    /// is refused and logged, so let missing parameters have defaults. A change that the view has made with
    /// [`query`](Self::query) does not call the handler.
    ///
    /// ```
    /// use lanai::prelude::*;
    ///
    /// #[derive(Serialize, Deserialize, Clone, Default)]
    /// #[serde(default)]
    /// struct Filter { text: String, page: u32 }
    ///
    /// struct Orders { filter: Filter }
    ///
    /// impl Orders {
    ///     async fn mount(cx: Cx<Self>, Query(filter): Query<Filter>) -> Self {
    ///         cx.on_query(Self::show);
    ///         Self { filter }
    ///     }
    ///
    ///     fn show(&mut self, filter: Filter) {
    ///         self.filter = filter;
    ///     }
    ///
    ///     fn next(&mut self, cx: &Cx<Self>) {
    ///         self.filter.page += 1;
    ///         cx.query(&self.filter);
    ///     }
    /// }
    ///
    /// impl View for Orders {
    ///     fn render(&self) -> Html<Self> {
    ///         html! {
    ///             p { "Page " (self.filter.page) }
    ///             button onclick=(Self::next) { "Next" }
    ///             a href="?" { "First" }
    ///         }
    ///     }
    /// }
    /// ```
    pub fn on_query<T: DeserializeOwned + Send + 'static, M: 'static>(&self, handler: impl QueryHandler<V, T, M>) {
        let listener = Typed { handler, read: read_query, cx: self.clone(), shape: PhantomData };
        let (channel, event) = QUERY;
        self.instance.channels.listen(channel.into(), event.into(), false, Arc::new(listener));
        self.instance.effect(Effect::WatchQuery);
    }

    /// Shows a message once: on this page, or if the page is being left, on the next one, also after a redirect.
    ///
    /// The [layout](crate::App::layout) says where: [`Document::flash`](crate::Document::flash). A text is a message of
    /// the level `info`; the others are made with [`Flash`].
    ///
    /// ```
    /// # use lanai::prelude::*;
    /// # struct Editor;
    /// # impl Editor {
    /// fn save(&mut self, cx: &Cx<Self>) {
    ///     cx.flash(lanai::Flash::success("Saved."));
    /// }
    /// # }
    /// ```
    pub fn flash(&self, message: impl Into<Flash>) {
        self.instance.effect(Effect::Flash(message.into()));
    }
}

/// A handler of a changed query: a method `fn(&mut self, T)` or `fn(&mut self, T, &Cx<Self>)`, `async` or not. The
/// parameter `M` only distinguishes the shapes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not handle a query for `{V}`",
    label = "not a handler of a query",
    note = "such a handler is a method of the view in one of these shapes, `async` or not:\n\
            `fn(&mut self, T)`\n`fn(&mut self, T, &Cx<Self>)`\n\
            where `T` is a struct that serde can deserialize from the query; it returns `()` or a `Result`"
)]
pub trait QueryHandler<V, T, M>: ChannelHandler<V, T, M> {}

#[diagnostic::do_not_recommend]
impl<V, T, M, H: ChannelHandler<V, T, M>> QueryHandler<V, T, M> for H {}

/// Reads a query that a page has sent, with its question mark.
fn read_query<T: DeserializeOwned>(payload: &str) -> Result<T, String> {
    let query: String = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    serde_html_form::from_str(query.trim_start_matches('?')).map_err(|error| format!("the query {query:?}: {error}"))
}
