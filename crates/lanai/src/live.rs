//! Live routes: a `GET` mounts a view and answers with its HTML.

use std::future::Future;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use maud::PreEscaped;

use crate::cx::Cx;
use crate::document::{Document, ErrorPage, LayoutOf, error_response, html_response};
use crate::error::Error;
use crate::instance::core::Core;
use crate::instance::driver::{Mounted, Whole};
use crate::instance::panic::{CatchPanics, Panic, catch};
use crate::instance::stall::{Code, Watched};
use crate::instance::task::Task;
use crate::instance::{Instance, Kind};
use crate::limits::Limits;
use crate::nested::Unmounted;
use crate::runtime::Runtime;
use crate::view::View;
use crate::visitors::{Quoted, visitor_log};
use lanai_core::{FirstPage, Shadow};

/// A route whose `GET` mounts a view.
///
/// `mount` is an `async` function. Its first argument is the view's [`Cx`], the others are axum extractors: `Path`, `Query`, `State`,
/// `Extension`, headers, cookies, a login session … anything that implements `FromRequestParts`. It returns the view, or a `Result` of it.
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

/// A function that mounts a view, see [`live`]. The third parameter only tells the numbers of arguments apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not mount a view",
    label = "not a mount function",
    note = "a mount function is `async fn(cx: Cx<Self>, …) -> Self` or `-> lanai::Result<Self>`;\n\
            the other arguments are axum extractors that implement `FromRequestParts`: `Path<T>`, `Query<T>`, `State<T>` …",
    note = "what it returns must be a view: `impl View for Page {{ fn render(&self) -> Html<Self> {{ … }} }}`",
    note = "an extractor of the request's body (`Json`, `Form`, `String`) does not work here: a page is a `GET`"
)]
pub trait Mount<V, S, M>: Clone + Send + Sync + 'static {
    /// Mounts the view.
    fn mount(self, cx: Cx<V>, parts: &mut Parts, state: &S) -> impl Future<Output = Result<V, MountError>> + Send;
}

/// Why there is no view.
#[derive(Debug)]
pub enum MountError {
    /// The function returned an error.
    Failed(Error),
    /// An extractor refused the request.
    Rejected(Box<Response>),
}

/// What a mount function may return: the view, or a `Result` of it.
#[diagnostic::on_unimplemented(
    message = "a mount function returns the view or a `Result` of it, not `{Self}`",
    label = "not a view, nor a `Result` of one"
)]
pub trait IntoMounted<V> {
    /// As a result.
    fn into_mounted(self) -> Result<V, MountError>;
}

impl<V: View> IntoMounted<V> for V {
    fn into_mounted(self) -> Result<V, MountError> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<V: View, E: Into<Error>> IntoMounted<V> for Result<V, E> {
    fn into_mounted(self) -> Result<V, MountError> {
        self.map_err(|error| MountError::Failed(error.into()))
    }
}

macro_rules! impl_mount {
    ($($extractor:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<V, S, F, Fut, $($extractor),*> Mount<V, S, (Fut, $($extractor,)*)> for F
        where
            V: View,
            S: Send + Sync,
            F: FnOnce(Cx<V>, $($extractor),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future + Send,
            Fut::Output: IntoMounted<V>,
            $($extractor: FromRequestParts<S> + Send,)*
        {
            #[allow(unused_variables, non_snake_case)]
            async fn mount(self, cx: Cx<V>, parts: &mut Parts, state: &S) -> Result<V, MountError> {
                $(
                    let $extractor = $extractor::from_request_parts(parts, state)
                        .await
                        .map_err(|rejection| MountError::Rejected(Box::new(rejection.into_response())))?;
                )*
                self(cx, $($extractor),*).await.into_mounted()
            }
        }
    };
}

impl_mount!();
impl_mount!(T1);
impl_mount!(T1, T2);
impl_mount!(T1, T2, T3);
impl_mount!(T1, T2, T3, T4);
impl_mount!(T1, T2, T3, T4, T5);
impl_mount!(T1, T2, T3, T4, T5, T6);
impl_mount!(T1, T2, T3, T4, T5, T6, T7);
impl_mount!(T1, T2, T3, T4, T5, T6, T7, T8);

async fn visit<V: View, S, M, F: Mount<V, S, M>>(mount: F, state: S, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Some(runtime) = parts.extensions.get::<Arc<Runtime>>().cloned() else {
        tracing::error!(
            "a live route is served by a router that is not part of a `lanai::App`: use `App::route` or `App::merge`"
        );
        return (StatusCode::INTERNAL_SERVER_ERROR, "live routes belong to a lanai::App").into_response();
    };
    if runtime.registry.len() >= runtime.limits.instances {
        visitor_log!(
            error,
            limit = runtime.limits.instances,
            "a visitor was turned away: `Limits::instances` is reached"
        );
        return error_response(&runtime, &ErrorPage::new(StatusCode::SERVICE_UNAVAILABLE, None));
    }

    let instance = Instance::new(runtime.clone(), Kind::Root, None);
    // The visitor may leave in the middle of it.
    let unmounted = Unmounted(Some(instance.clone()));
    let cx = Cx::new(instance.clone());
    let code = Code { view: std::any::type_name::<V>(), function: "mount" };
    let mounted = Watched(code, CatchPanics(Box::pin(mount.mount(cx.clone(), &mut parts, &state)))).await;
    let view = match mounted {
        Ok(Ok(view)) => view,
        Ok(Err(error)) => return mount_error(&runtime, error, std::any::type_name::<V>()),
        Err(panic) => return mount_panic(&runtime, panic, std::any::type_name::<V>()),
    };
    runtime.counters.mounts.add_one();

    let mut core = Core::new(instance.clone(), Box::new(Mounted::new(view, cx)));
    if core.handle_early().is_err() {
        return error_response(&runtime, &ErrorPage::internal());
    }
    let mut driver = core.driver;
    let mut shadow = Shadow::new();
    let first = match catch(|| {
        runtime.counters.renders.add_one();
        shadow.first(&driver.render(Whole::Against(Vec::new())))
    }) {
        Ok(first) => first,
        Err(panic) => return mount_panic(&runtime, panic, std::any::type_name::<V>()),
    };
    driver.keep(shadow.take_handler_changes());
    instance.keep_children(shadow.views());

    let layout = parts.extensions.get::<LayoutOf>().cloned();
    let title = instance.title.lock().clone();
    let meta = std::mem::take(&mut *instance.meta.lock());
    // What `mount` set is in this HTML; what happens from now on goes into frames.
    instance.drop_title_effects();
    let mut body = first.html.clone();
    let extras = !first.views.is_empty() || instance.channels.in_use();
    body.push_str(&boot(&instance, &first, extras));
    let document = Document::new(title, &meta, Some(extras), PreEscaped(body));
    let markup = match catch(|| match &layout {
        Some(LayoutOf(layout)) => layout(document),
        None => runtime.document(document),
    }) {
        Ok(markup) => markup,
        Err(panic) => return mount_panic(&runtime, panic, "the layout"),
    };

    // A HEAD wants the answer's head only: nobody will attach.
    if parts.method != Method::HEAD {
        unmounted.disarm();
        runtime.registry.insert(instance.clone());
        tokio::spawn(Task::new(instance, driver, shadow).run());
    }
    // The HTML belongs to one visitor. (`no-store` would keep the page out of the back/forward cache.)
    ([(header::CACHE_CONTROL, "private, no-cache")], html_response(markup)).into_response()
}

/// The data block, see `docs/PROTOCOL.md`, section 2.
fn boot(instance: &Instance, first: &FirstPage, extras: bool) -> String {
    let mut boot = format!(
        r#"<script type="application/json" id="lanai">{{"i":"{}","s":"{}","t":{}"#,
        instance.id,
        instance.secret.as_str(),
        first.templates.replace('<', "\\u003c"),
    );
    if !first.handlers.is_empty() {
        boot.push_str(",\"h\":");
        boot.push_str(&first.handlers);
    }
    if extras {
        boot.push_str(",\"m\":1");
    }
    let limit = instance.runtime.limits.message_size;
    if limit != Limits::default().message_size {
        boot.push_str(&format!(",\"l\":{limit}"));
    }
    if !first.views.is_empty() {
        boot.push_str(",\"c\":");
        boot.push_str(&first.views.replace('<', "\\u003c"));
    }
    boot.push_str("}</script>");
    boot
}

fn mount_error(runtime: &Runtime, error: MountError, view: &'static str) -> Response {
    match error {
        MountError::Failed(error) => {
            if error.status().is_server_error() {
                runtime.counters.errors.add_one();
                visitor_log!(error, of (view, ""), view, error = %Quoted(&error), "a view could not be mounted");
            } else {
                visitor_log!(info, of (view, ""), view, error = %Quoted(&error), "a view was not mounted");
            }
            error_response(runtime, &ErrorPage::new(error.status(), error.message()))
        }
        MountError::Rejected(response) => {
            let status = response.status();
            visitor_log!(info, of (view, ""), view, %status, "an extractor of a mount function refused the request");
            // A redirect to a login page is an answer of its own.
            if status.is_client_error() || status.is_server_error() {
                error_response(runtime, &ErrorPage::new(status, None))
            } else {
                *response
            }
        }
    }
}

fn mount_panic(runtime: &Runtime, panic: Panic, view: &'static str) -> Response {
    runtime.counters.panics.add_one();
    visitor_log!(error, of(view, ""), view, "a mount panicked: {panic}");
    error_response(runtime, &ErrorPage::internal())
}
