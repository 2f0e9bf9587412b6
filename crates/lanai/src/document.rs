//! The document around a view or an error page.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, OriginalUri, Request};
use axum::http::request;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use lanai_core::protocol::Parts;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::cx::Cx;
use crate::error_page::Failed;
use crate::files::Directories;
use crate::flash::{self, Level};
use crate::nested::{LooksMountedInside, MountedInside};
use crate::redirect::{REQUESTED, is_prefetch};
use crate::sticky::StickyViews;
use crate::view::View;

/// The parts of a page that a layout puts together, and the request that it answers.
///
/// ```
/// use lanai::{App, Document};
/// use maud::{html, DOCTYPE};
///
/// #[derive(Clone)]
/// struct Person { name: String }
///
/// let app: App = App::new().layout(|document: Document| html! {
///     (DOCTYPE)
///     html lang="en" {
///         head {
///             meta charset="utf-8";
///             link rel="stylesheet" href=(document.address("/assets/style.css"));
///             (document.head)
///         }
///         body {
///             nav { a href=(document.address("/")) aria-current=[(document.path() == "/").then_some("page")] { "Home" } }
///             // A middleware stored the person in the request.
///             @if let Some(person) = document.extension::<Person>() { p { "Signed in as " (person.name) } }
///             main { (document.body) }
///         }
///     }
/// });
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Document {
    /// The page's title.
    pub title: String,
    /// The content for `<head>`: the title, the elements that views added with [`Cx::meta`](crate::Cx::meta), and the
    /// client script.
    pub head: Markup,
    /// The view, or an error page.
    pub body: Markup,
    /// The path below which browsers see the program: empty, or a path such as `/app`; see
    /// [`App::base_path`](crate::App::base_path).
    pub base: String,
    request: Arc<request::Parts>,
    flash: FlashShown,
    sticky: Option<Arc<StickyViews>>,
}

/// Whether the layout has shown the flash messages that the request has brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct FlashShown(Arc<AtomicBool>);

impl FlashShown {
    /// Makes the browser forget the messages if the response shows them. (Of a page that is mounted again, the browser
    /// shows only the view.)
    pub(crate) fn forget(&self, request: &request::Parts, response: &mut Response) {
        // (A page that is prefetched shows none.)
        if self.0.load(Ordering::Relaxed) && request.headers.get(REQUESTED).is_none_or(|value| value != "remount") {
            flash::forget(response.headers_mut());
        }
    }
}

pub(crate) type Layout = Arc<dyn Fn(Document) -> Markup + Send + Sync>;

/// The layout of one route, stored in the extensions of its requests.
#[derive(Clone)]
pub(crate) struct LayoutOf(pub(crate) Layout);

/// A tower layer that gives single routes their own layout, in place of [`App::layout`](crate::App::layout).
///
/// ```
/// use lanai::prelude::*;
/// use lanai::{App, Document, layout, live};
/// # struct Print;
/// # impl Print { async fn mount(_: Cx<Self>) -> Self { Self } }
/// # impl View for Print { fn render(&self) -> Html<Self> { html! {} } }
///
/// fn bare(document: Document) -> maud::Markup {
///     maud::html! { html { head { (document.head) } body { (document.body) } } }
/// }
///
/// let app: App = App::new().route("/print", live(Print::mount).layer(layout(bare)));
/// ```
pub fn layout(layout: impl Fn(Document) -> Markup + Send + Sync + 'static) -> LayoutLayer {
    LayoutLayer(LayoutOf(Arc::new(layout)))
}

/// See [`layout`].
#[derive(Clone)]
#[must_use = "a layout does nothing unless it is passed to `layer`"]
pub struct LayoutLayer(LayoutOf);

impl fmt::Debug for LayoutLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayoutLayer").finish_non_exhaustive()
    }
}

impl<S> tower::Layer<S> for LayoutLayer {
    type Service = LayoutService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LayoutService { inner, layout: self.0.clone() }
    }
}

/// A route with its own [`layout`].
#[derive(Clone)]
pub struct LayoutService<S> {
    inner: S,
    layout: LayoutOf,
}

impl<S: fmt::Debug> fmt::Debug for LayoutService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayoutService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S> tower::Service<Request> for LayoutService<S>
where
    S: tower::Service<Request, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let layout = self.layout.clone();
        request.extensions_mut().insert(layout.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?;
            // The error of a plain handler becomes a page in an outer layer. The innermost layout wins.
            let extensions = response.extensions_mut();
            if extensions.get::<Failed>().is_some() && extensions.get::<LayoutOf>().is_none() {
                extensions.insert(layout);
            }
            Ok(response)
        })
    }
}

impl Document {
    /// Creates a document. `live` is `None` if it has no live part; otherwise it says which parts of the client the
    /// page needs besides those for its elements.
    pub(crate) fn new(
        request: &Arc<request::Parts>,
        base: String,
        title: Option<String>,
        meta: &[(String, String)],
        live: Option<Parts>,
        body: Markup,
    ) -> Self {
        let title = title.unwrap_or_else(|| "Lanai".into());
        let head = html! {
            title { (title) }
            @for (name, content) in meta { meta name=(name) content=(content); }
            @if let Some(parts) = live {
                @let addresses = crate::assets::addresses(&base);
                @let of_body = Parts::of_html(&body.0);
                script src=(addresses.early) {}
                // Not a module, so that styles are there before the page is shown.
                @if of_body.contains(Parts::STYLE) { script src=(addresses.style) {} }
                @if of_body.contains(Parts::ELEMENTS) { link rel="modulepreload" href=(addresses.elements); }
                @if parts.contains(Parts::EXTRAS) { link rel="modulepreload" href=(addresses.extras); }
                @if parts.contains(Parts::COMMANDS) { link rel="modulepreload" href=(addresses.commands); }
                @if parts.contains(Parts::EVENTS) { link rel="modulepreload" href=(addresses.events); }
                @if parts.contains(Parts::SHORTCUTS) { link rel="modulepreload" href=(addresses.shortcuts); }
                @if parts.contains(Parts::SORT) { link rel="modulepreload" href=(addresses.sort); }
                script type="module" src=(addresses.client) {}
            }
        };
        // Without a live part, nothing on the page is live.
        let sticky = live.map(|_| Arc::new(StickyViews::new(&request.headers)));
        Self { title, head, body, base, request: request.clone(), flash: FlashShown::default(), sticky }
    }

    /// Returns the URL, as the browser has to request it, of a `path` below the [base path](Self::base).
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Returns the URL of a file that the program serves, with a hash of its content; see [`Assets`](crate::Assets).
    ///
    /// ```
    /// use lanai::{App, Document};
    ///
    /// let app: App = App::new().assets("/assets", "assets").layout(|document: Document| maud::html! {
    ///     head { link rel="stylesheet" href=(document.asset("/assets/style.css")); (document.head) }
    ///     body { (document.body) }
    /// });
    /// ```
    #[must_use]
    pub fn asset(&self, path: &str) -> String {
        match self.extension::<Arc<Directories>>() {
            Some(directories) => directories.address(&self.base, path),
            None => self.address(path),
        }
    }

    /// Returns the element for [flash messages](crate::Flash): those that the request brings, and those that views show
    /// later with [`Cx::flash`](crate::Cx::flash).
    ///
    /// Each message is a `<p>` with its level as `data-level`. Without this element in the layout, messages of views
    /// appear as a notice, and those of plain handlers are kept for one minute, for a page that has it.
    ///
    /// ```
    /// use lanai::{App, Document};
    ///
    /// let app: App = App::new().layout(|document: Document| maud::html! {
    ///     head { (document.head) }
    ///     body { (document.flash()) main { (document.body) } }
    /// });
    /// ```
    #[must_use]
    pub fn flash(&self) -> Markup {
        // They are for the next page that is shown.
        let is_shown = !is_prefetch(self.headers());
        let brought = if is_shown { flash::brought(self.headers()) } else { Vec::new() };
        if !brought.is_empty() {
            self.flash.0.store(true, Ordering::Relaxed);
        }
        html! {
            div.flash data-lanai-flash aria-live="polite" {
                @for message in &brought {
                    p data-level=(message.level.as_str()) role=[(message.level == Level::Error).then_some("alert")] {
                        (message.text)
                    }
                }
            }
        }
    }

    /// Returns a sticky view: a live view in the layout, which stays on the page, with its state, when the browser
    /// navigates to another page whose layout has a sticky view with this `key`. It suits a bell that counts what is
    /// new, a list of who is here, or a player.
    ///
    /// ```
    /// use lanai::prelude::*;
    /// use lanai::{App, Document, Topic};
    ///
    /// const NOTICES: Topic<String> = Topic::new("notices");
    ///
    /// struct Bell { unread: usize }
    ///
    /// impl Bell {
    ///     async fn mount(cx: Cx<Self>, person: u64) -> Result<Self> {
    ///         cx.subscribe(NOTICES.at(person), |bell: &mut Self, _: &String| bell.unread += 1);
    ///         Ok(Self { unread: 0 })
    ///     }
    ///
    ///     fn read(&mut self) {
    ///         self.unread = 0;
    ///     }
    /// }
    ///
    /// impl View for Bell {
    ///     fn render(&self) -> Html<Self> {
    ///         html! { button onclick=(Self::read) { (self.unread) " unread" } }
    ///     }
    /// }
    ///
    /// /// The number of the person who is signed in, stored in the request by a middleware.
    /// #[derive(Clone, Copy)]
    /// struct SignedIn(u64);
    ///
    /// let app: App = App::new().layout(|document: Document| maud::html! {
    ///     head { (document.head) }
    ///     body {
    ///         header {
    ///             @if let Some(&SignedIn(person)) = document.extension() {
    ///                 (document.sticky(format!("bell-{person}"), move |cx| Bell::mount(cx, person)))
    ///             }
    ///         }
    ///         main { (document.body) }
    ///     }
    /// });
    /// ```
    ///
    /// `mount` takes the view's [`Cx`], may be `async`, and returns the view or a `Result` of it. It is not called if
    /// the page has the view already. So the key names everything that the view depends on, such as the person.
    /// The response waits for the mount; if it fails, the error page is shown in place of the view.
    ///
    /// The view is like the root of a page: it has its own mailbox, [`Cx::session`](crate::Cx::session) and
    /// [`Cx::person`](crate::Cx::person) work in it, and it ends when the person leaves, when the browser navigates to
    /// a page without it, or after the [grace period](crate::Limits::grace) without a connection. A browser that loads
    /// another document, or loads this one again, mounts it again.
    ///
    /// The markup is an element `lanai-sticky`, which is inline unless a style sheet says otherwise. A document may
    /// have 16 of them. On an error page, which is not live, the markup is empty.
    #[must_use]
    pub fn sticky<W, R, M>(&self, key: impl fmt::Display, mount: impl FnOnce(Cx<W>) -> R + Send + 'static) -> Markup
    where
        W: View,
        R: LooksMountedInside<W, M> + MountedInside<W, M>,
    {
        self.sticky.as_ref().map(|views| views.ask(key.to_string(), mount)).unwrap_or_default()
    }

    pub(crate) fn sticky_views(&self) -> Option<Arc<StickyViews>> {
        self.sticky.clone()
    }

    pub(crate) fn flash_shown(&self) -> FlashShown {
        self.flash.clone()
    }

    /// Returns the method of the request: `GET`, or the method of the plain handler that failed.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.request.method
    }

    /// Returns the requested path and query.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.extension::<OriginalUri>().map_or(&self.request.uri, |OriginalUri(uri)| uri)
    }

    /// Returns the requested path, below the [base path](Self::base).
    #[must_use]
    pub fn path(&self) -> &str {
        let path = self.uri().path();
        match path.strip_prefix(self.base.as_str()) {
            Some("") => "/",
            Some(below) if below.starts_with('/') => below,
            _ => path,
        }
    }

    /// Returns the path of the route, such as `/users/{id}`, or `None` for a page that does not exist.
    pub fn matched_path(&self) -> Option<&str> {
        self.extension::<MatchedPath>().map(MatchedPath::as_str)
    }

    /// Returns the headers of the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.request.headers
    }

    /// Returns a value that a middleware stored in the request's extensions, such as the person who is signed in.
    ///
    /// In the layout around an error of a plain handler, values from middleware between the [`App`](crate::App) and the
    /// route are missing.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.request.extensions.get()
    }
}

/// An element after the live part that explains why the page is not live. The client removes it when it starts. It uses
/// no script and no style sheet, since those may fail to load as well, and no inline script or style, which a
/// Content-Security-Policy would refuse.
///
/// A picture that is not found shows its text; the scripts have the same path. (The `align` attribute takes it out of
/// the flow.) If something else keeps the client from starting, the animated drawing appears after a while; under a
/// strict policy, Firefox does not animate it.
pub(crate) fn late(base: &str) -> String {
    let picture = crate::assets::addresses(base).picture;
    html! {
        span id="lanai-late" {
            img align="left" src=(picture) alt="The script of this page was not found.";
            (PreEscaped(concat!(
                r#"<svg display="none" width="100%" height="5em"><set attributeName="display" to="inline" begin="10s"/>"#,
                r#"<foreignObject width="100%" height="100%"><p role="alert">This page did not start. "#,
                r#"<a href="">Load it again</a></p></foreignObject></svg>"#,
            )))
        }
    }
    .into_string()
}

/// The layout of programs that set none: a bare document around the view.
#[expect(clippy::needless_pass_by_value, reason = "a layout takes the document")]
pub(crate) fn default_layout(document: Document) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                (document.head)
            }
            body { (document.body) }
        }
    }
}

pub(crate) fn html_response(markup: PreEscaped<String>) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}
