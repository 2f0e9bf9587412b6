//! Live routes: a `GET` mounts a view and answers with its HTML.

use std::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use maud::PreEscaped;

use crate::cx::Cx;
use crate::document::{Document, LayoutOf, html_response, late};
use crate::error::Error;
use crate::error_page::{ErrorPage, Failed};
use crate::error_response::{error_response, failed_response};
use crate::flash::{self, Flash};
use crate::gate::Visitor;
use crate::instance::Instance;
use crate::instance::core::Core;
use crate::instance::one_page::OnePage;
use crate::instance::registry::Full;
use crate::instance::sessions::NotMounted;
use crate::instance::unmounted::Unmounted;
use crate::limits::Limits;
use crate::live_navigation::is_live;
use crate::log;
use crate::mount::{IntoMounted, LooksMounted, MountError, note_error, note_panic};
use crate::mounted::Mounted;
use crate::page::Page;
use crate::panic::{CatchPanics, Panic, catch};
use crate::redirect::{REQUESTED, is_prefetch};
use crate::server::Server;
use crate::stall::{Code, Watched};
use crate::view::View;
use crate::visitors::visitor_log;
use crate::{assets, base};
use lanai_core::protocol::{Boot, Parts as ClientParts};
use lanai_core::{Baseline, FirstPage};

/// Creates a route whose `GET` mounts a view.
///
/// `mount` is a function, `async` or not. Its first argument is the view's [`Cx`]. The others are axum extractors that
/// implement `FromRequestParts`: `Path`, `Query`, `State`, `Extension`, headers, cookies, a login session and so on. It
/// returns the view, or a `Result` of it.
///
/// ```
/// use lanai::prelude::*;
///
/// struct Greeting { name: String }
///
/// impl Greeting {
///     async fn mount(_cx: Cx<Self>, Path(name): Path<String>) -> Self {
///         Self { name }
///     }
/// }
///
/// impl View for Greeting {
///     fn render(&self) -> Html<Self> {
///         html! { h1 { "Hello, " (self.name) "!" } }
///     }
/// }
///
/// let app: lanai::App = lanai::App::new().route("/hello/{name}", lanai::live(Greeting::mount));
/// ```
///
/// The route works in any axum router, if the router is [merged](crate::App::merge) into an [`App`](crate::App).
pub fn live<V, S, M, F>(mount: F) -> MethodRouter<S>
where
    V: View,
    S: Clone + Send + Sync + 'static,
    M: 'static,
    F: Mount<V, S, M>,
{
    get(move |State(state): State<S>, request: Request| async move { visit(mount, state, request).await })
}

/// A function that mounts a view; see [`live`]. The parameter `M` only distinguishes the signatures.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not mount a view",
    label = "not a mount function",
    note = "a mount function is `async fn(cx: Cx<Self>, …) -> Self` or `-> lanai::Result<Self>`, or the same without `async`;\n\
            the other arguments are axum extractors that implement `FromRequestParts`: `Path<T>`, `Query<T>`, `State<T>` …",
    note = "it must return a view: `impl View for Page {{ fn render(&self) -> Html<Self> {{ … }} }}`",
    note = "an extractor that reads the request's body (`Json`, `Form`, `String`) does not work: a page is requested with `GET`"
)]
pub trait Mount<V, S, M>: Clone + Send + Sync + 'static {
    /// Mounts the view.
    fn mount(self, cx: Cx<V>, parts: &mut Parts, state: &S) -> impl Future<Output = Result<V, MountError>> + Send;
}

impl<V, S, M, F> Mount<V, S, M> for F
where
    V: View,
    S: Send + Sync,
    F: MountShape<V, S, M>,
    F::Returned: IntoMounted<V>,
    F: MountCalls<V, S, M>,
{
    async fn mount(self, cx: Cx<V>, parts: &mut Parts, state: &S) -> Result<V, MountError> {
        self.call(cx, parts, state).await.map_err(MountError::Rejected)?.into_mounted()
    }
}

/// A function with the arguments of a mount function.
pub trait MountShape<V, S, M>: Clone + Send + Sync + 'static {
    /// The type that the function returns, at once or through its future.
    type Returned;
}

/// A mount function that can be called: if it is `async`, its future is `Send`.
pub trait MountCalls<V, S, M>: MountShape<V, S, M> {
    /// Calls the function, unless an extractor rejects the request.
    fn call(
        self,
        cx: Cx<V>,
        parts: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Self::Returned, Box<Response>>> + Send;
}

/// The marker types of [`Mount`]: `async` or not, what the function returns, and what it takes.
pub(crate) mod shape {
    use std::marker::PhantomData;

    /// `async fn`
    #[derive(Debug)]
    pub struct Async<R, T>(PhantomData<fn(T) -> R>);
    /// `fn`
    #[derive(Debug)]
    pub struct Sync<R, T>(PhantomData<fn(T) -> R>);
}

macro_rules! impl_mount {
    ($($extractor:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<V, S, F, Fut, $($extractor),*> MountShape<V, S, shape::Async<Fut, ($($extractor,)*)>> for F
        where
            V: View,
            S: Send + Sync,
            F: FnOnce(Cx<V>, $($extractor),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            type Returned = Fut::Output;
        }

        impl<V, S, F, Fut, $($extractor),*> MountCalls<V, S, shape::Async<Fut, ($($extractor,)*)>> for F
        where
            V: View,
            S: Send + Sync,
            F: FnOnce(Cx<V>, $($extractor),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future + Send,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            #[allow(unused_variables, non_snake_case)]
            async fn call(self, cx: Cx<V>, parts: &mut Parts, state: &S) -> Result<Fut::Output, Box<Response>> {
                $(let $extractor = extract::<$extractor, S>(parts, state).await?;)*
                Ok(self(cx, $($extractor),*).await)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V, S, F, R, $($extractor),*> MountShape<V, S, shape::Sync<R, ($($extractor,)*)>> for F
        where
            V: View,
            S: Send + Sync,
            F: FnOnce(Cx<V>, $($extractor),*) -> R + Clone + Send + Sync + 'static,
            R: LooksMounted<V>,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            type Returned = R;
        }

        impl<V, S, F, R, $($extractor),*> MountCalls<V, S, shape::Sync<R, ($($extractor,)*)>> for F
        where
            V: View,
            S: Send + Sync,
            F: FnOnce(Cx<V>, $($extractor),*) -> R + Clone + Send + Sync + 'static,
            R: LooksMounted<V>,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            #[allow(unused_variables, non_snake_case)]
            async fn call(self, cx: Cx<V>, parts: &mut Parts, state: &S) -> Result<R, Box<Response>> {
                $(let $extractor = extract::<$extractor, S>(parts, state).await?;)*
                Ok(self(cx, $($extractor),*))
            }
        }
    };
}

pub(crate) async fn extract<T: FromRequestParts<S>, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<T, Box<Response>> {
    T::from_request_parts(parts, state).await.map_err(|rejection| Box::new(rejection.into_response()))
}

/// Calls a macro for each number of extractors that a function may have.
macro_rules! for_each_number_of_extractors {
    ($implement:ident) => {
        $implement!();
        $implement!(T1);
        $implement!(T1, T2);
        $implement!(T1, T2, T3);
        $implement!(T1, T2, T3, T4);
        $implement!(T1, T2, T3, T4, T5);
        $implement!(T1, T2, T3, T4, T5, T6);
        $implement!(T1, T2, T3, T4, T5, T6, T7);
        $implement!(T1, T2, T3, T4, T5, T6, T7, T8);
    };
}
pub(crate) use for_each_number_of_extractors;

for_each_number_of_extractors!(impl_mount);

async fn visit<V, S, M, F>(mount: F, state: S, request: Request) -> Response
where
    V: View,
    F: Mount<V, S, M>,
{
    let (mut parts, _) = request.into_parts();
    let Some(server) = parts.extensions.get::<Arc<Server>>().cloned() else {
        log::essential(|| {
            tracing::error!(
                "a live route is served by a router that is not part of a `lanai::App`: use `App::route` or `App::merge`"
            )
        });
        return (StatusCode::INTERNAL_SERVER_ERROR, "live routes belong to a lanai::App").into_response();
    };
    let runtime = &server.runtime;
    let visitor = parts.extensions.get::<Visitor>();
    let (address, ends) = (visitor.and_then(Visitor::address), visitor.map_or(0, |visitor| visitor.ends));
    let reservation = match runtime.registry.reserve(address, &runtime.limits) {
        Ok(reservation) => reservation,
        Err(full) => return turned_away(&server, &Arc::new(parts), full),
    };

    let (instance, page) = Instance::root(is_prefetch(&parts.headers), runtime);
    let unmounted = Unmounted::new(&instance);
    let mounting = runtime.registry.sessions.mounting(instance.id, ends);
    let cx = Cx::new(instance.clone());
    let code = Code { view: std::any::type_name::<V>(), function: "mount" };
    // Messages from before this visit are not for the view, except those in the histories of topics.
    runtime.broker.refresh().await;
    let mounted = Watched(code, CatchPanics(Box::pin(mount.mount(cx.clone(), &mut parts, &state)))).await;
    let request = Arc::new(parts);
    let name = std::any::type_name::<V>();
    let view = match mounted {
        Ok(Ok(view)) => view,
        Ok(Err(error)) => return redirected(mount_error(&server, &request, error, name), &instance.take_flashes()),
        Err(panic) => return mount_panic(&server, &request, &panic, name),
    };
    runtime.counters.mounts.add_one();

    if let Some(response) = asked_redirect(&instance) {
        return response;
    }

    let mut core = Core::new(instance.clone(), Box::new(Mounted::new(view, cx)));
    if core.handle_early().is_err() {
        let mut page = ErrorPage::internal();
        page.detail = instance.last_panic();
        return error_response(&server, &request, &page);
    }
    // A message that has arrived during the mount may lead elsewhere as well.
    if let Some(response) = asked_redirect(&instance) {
        return response;
    }
    let (baseline, tape, first) = match OnePage::first(&mut core, Baseline::first) {
        Ok(first) => first,
        Err(panic) => return mount_panic(&server, &request, &panic, name),
    };

    let title = instance.title.lock().clone();
    let meta = std::mem::take(&mut *instance.meta.lock());
    // The title that `mount` has set is in this HTML. Later changes go into frames.
    instance.drop_title_effects();
    let mut body = first.html.clone();
    let extras = !first.views.is_empty() || instance.channels.in_use();
    let is_live = is_live(&server, &request);
    let block = data_block(&page, &instance, &first, extras, is_live);
    body.push_str(&block);
    let base = base::of(&server.base, &request);
    let mut parts = if extras { ClientParts::EXTRAS } else { ClientParts::NONE };
    if tape.has_commands() {
        parts = parts.with(ClientParts::COMMANDS);
    }
    parts = parts.with(first.parts_for_events());
    body.push_str(&late(&base));
    let document = Document::new(&request, base.clone(), title, &meta, Some(parts), PreEscaped(body));
    let (flash, sticky) = (document.flash_shown(), document.sticky_views());
    let layout = request.extensions.get().map_or(&server.layout, |LayoutOf(layout)| layout);
    let mut markup = match catch(|| layout(document)) {
        Ok(markup) => markup,
        Err(panic) => return mount_panic(&server, &request, &panic, "the layout"),
    };
    let sticky = sticky.filter(|views| !views.is_empty());
    if sticky.is_some() && !extras {
        // Only the layout has told that the page has views besides its root.
        markup.0 = markup.0.replacen(&block, &data_block(&page, &instance, &first, true, is_live), 1);
    }

    // A `HEAD` needs only the head of the response, and no page will attach.
    let is_head = request.method == Method::HEAD;
    if let Some(sticky) = sticky {
        markup = sticky.fill(markup, &server, &base, address, ends, is_head).await;
    }
    if !is_head {
        runtime.registry.insert_reserved(instance.clone(), reservation);
        if let Err(reason) = mounting.mounted(&runtime.limits) {
            runtime.registry.remove(instance.id);
            return match reason {
                NotMounted::Ended => mount_again(&request),
                NotMounted::TooMany => turned_away(&server, &request, Full::Owner),
            };
        }
        let pages = OnePage::new(&instance, baseline, None);
        unmounted.start(core, pages, None);
    }
    // The HTML belongs to one visitor, and proxies must not change it, because client and server rely on its structure.
    // (`no-store` would keep the page out of the back/forward cache.)
    let mut response =
        ([(header::CACHE_CONTROL, "private, no-cache, no-transform")], html_response(markup)).into_response();
    if is_live && request.headers.contains_key(REQUESTED) {
        response.headers_mut().insert(REQUESTED, HeaderValue::from_static("live"));
    }
    flash.forget(&request, &mut response);
    response
}

/// Returns the redirect that the view has asked for, if it has. Its flash messages are for the page that it leads to.
fn asked_redirect(instance: &Instance) -> Option<Response> {
    let (location, flashes) = instance.take_redirect()?;
    Some(redirected(Error::redirect(location).into_response(), &flashes))
}

/// Adds the flash messages of a mount to its response, for the page that it leads to.
fn redirected(mut response: Response, flashes: &[Flash]) -> Response {
    if response.status().is_redirection() {
        flash::hand_over(response.headers_mut(), flashes);
    }
    response
}

/// Returns the data block after the live part.
fn data_block(page: &Page, instance: &Instance, first: &FirstPage, extras: bool, navigation: bool) -> String {
    let limit = instance.runtime.limits.message_size;
    Boot {
        instance: instance.id,
        secret: page.secret.as_str(),
        data: first.data(),
        extras,
        development: assets::is_development(),
        navigation,
        message_size: (limit != Limits::default().message_size).then_some(limit),
    }
    .to_html()
}

/// Redirects to the same URL, because the session ended while its page was mounted. The new request passes the
/// program's middleware, which knows that the session has ended.
fn mount_again(request: &Parts) -> Response {
    let name = request.uri.path().rsplit('/').next().unwrap_or_default();
    let query = request.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // A relative URL, because proxies may have changed the path.
    let url = format!("./{name}{query}");
    let headers = [(header::LOCATION, url), (header::CACHE_CONTROL, "no-store".into())];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Responds that a limit on the number of views is reached.
fn turned_away(server: &Server, request: &Arc<Parts>, full: Full) -> Response {
    server.counters.turned_away.add_one();
    let status = match full {
        Full::Server => {
            let limit = server.limits.instances;
            visitor_log!(error, limit, "a visitor was turned away: `Limits::instances` is reached");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Full::Owner => {
            visitor_log!(
                warn,
                "a visitor was turned away: `Limits::instances_per_session` or `instances_per_person` is reached"
            );
            StatusCode::TOO_MANY_REQUESTS
        }
        Full::Client => {
            let limit = server.limits.instances_per_address;
            visitor_log!(warn, limit, "a visitor was turned away: `Limits::instances_per_address` is reached");
            StatusCode::TOO_MANY_REQUESTS
        }
    };
    let message = (full == Full::Owner).then_some("You have too many pages open. Close some of them and try again.");
    error_response(server, request, &ErrorPage::new(status, message))
}

fn mount_error(server: &Server, request: &Arc<Parts>, error: MountError, view: &'static str) -> Response {
    match error {
        MountError::Failed(error) if error.redirects_to().is_some() => error.into_response(),
        MountError::Failed(error) => {
            note_error(server, &error, view);
            error_response(server, request, &error.page())
        }
        MountError::Rejected(mut response) => {
            let status = response.status();
            visitor_log!(info, of (view, ""), view, %status, "an extractor of a mount function refused the request");
            // An extractor whose rejection is a `lanai::Error` decides which error page is shown.
            if let Some(failed) = response.extensions_mut().remove::<Failed>()
                && let Some(page) = failed_response(server, request, &failed, None)
            {
                return page;
            }
            // A redirect, for example to a login page, is passed on.
            if status.is_client_error() || status.is_server_error() {
                error_response(server, request, &ErrorPage::new(status, None))
            } else {
                *response
            }
        }
    }
}

fn mount_panic(server: &Server, request: &Arc<Parts>, panic: &Panic, view: &'static str) -> Response {
    note_panic(server, panic, view);
    error_response(server, request, &ErrorPage::internal().with_detail(|| panic.in_short()))
}
