//! Sticky views: views in the layout, which stay on the page when the browser navigates.
//!
//! A layout only says where they are. Their mounts may wait, so they begin when the layout has returned, and their HTML
//! is filled in before the response leaves.

use std::any::type_name;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};
use futures_util::future;
use lanai_core::Baseline;
use lanai_core::protocol::Parts;
use maud::{Markup, PreEscaped, html};
use parking_lot::Mutex;
use percent_encoding::percent_decode;

use crate::assets;
use crate::cx::Cx;
use crate::instance::Instance;
use crate::instance::core::{Core, Mounting};
use crate::instance::driver::Driver;
use crate::instance::mailbox::Mail;
use crate::instance::one_page::OnePage;
use crate::instance::unmounted::Unmounted;
use crate::mount::note_panic;
use crate::nested::MountedInside;
use crate::nested::mount;
use crate::page::secret::Secret;
use crate::panic::CatchPanics;
use crate::redirect::is_prefetch;
use crate::server::Server;
use crate::view::View;
use crate::visitors::visitor_log;

/// The sticky views that a page has when it navigates: a JSON array of their keys, percent-encoded.
const KEPT: HeaderName = HeaderName::from_static("lanai-sticky");

/// How many sticky views one document may have.
const MAXIMUM: usize = 16;

/// The sticky views of one document.
pub(crate) struct StickyViews {
    /// The keys of those that the page has already.
    kept: Vec<String>,
    /// Whether the document may never be shown.
    is_prefetched: bool,
    /// Stands for their HTML until they are mounted. It cannot be guessed, so no text of a page looks like it.
    mark: Secret,
    asked: Mutex<Vec<Asked>>,
}

/// A sticky view that a layout has asked for.
struct Asked {
    key: String,
    /// Begins the mount, unless the page has the view.
    begin: Option<Begin>,
    view: &'static str,
}

type Begin = Box<dyn FnOnce(&Arc<Instance>) -> (Box<dyn Driver>, Option<Mounting>) + Send>;

impl fmt::Debug for StickyViews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.asked.lock().iter().map(|asked| asked.key.clone()).collect();
        f.debug_tuple("StickyViews").field(&keys).finish()
    }
}

impl StickyViews {
    pub(crate) fn new(headers: &HeaderMap) -> Self {
        let kept = headers.get(KEPT).map(|keys| percent_decode(keys.as_bytes()).collect::<Vec<u8>>());
        let kept = kept.and_then(|keys| serde_json::from_slice(&keys).ok()).unwrap_or_default();
        Self { kept, is_prefetched: is_prefetch(headers), mark: Secret::random(), asked: Mutex::default() }
    }

    /// Notes that the layout has a sticky view here. Returns what stands for it.
    pub(crate) fn ask<W, R, M>(&self, key: String, mount: impl FnOnce(Cx<W>) -> R + Send + 'static) -> Markup
    where
        W: View,
        R: MountedInside<W, M>,
    {
        let view = type_name::<W>();
        let mut asked = self.asked.lock();
        if asked.len() >= MAXIMUM || asked.iter().any(|other| other.key == key) {
            tracing::error!(key, view, "a layout has two sticky views with one key, or more than {MAXIMUM} of them");
            return Markup::default();
        }
        let is_kept = self.kept.contains(&key);
        let begin: Option<Begin> =
            (!is_kept).then(|| -> Begin { Box::new(move |instance| mount::begin::<W, R, M>(instance, mount)) });
        asked.push(Asked { key, begin, view });
        PreEscaped(self.mark(asked.len() - 1))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.asked.lock().is_empty()
    }

    fn mark(&self, index: usize) -> String {
        format!("<!--{}-{index}-->", self.mark.as_str())
    }

    /// Mounts the views that the layout has asked for, and writes them into its markup. For a `HEAD`, nothing is
    /// mounted.
    pub(crate) async fn fill(
        &self,
        markup: Markup,
        server: &Server,
        base: &str,
        from: Option<IpAddr>,
        ends: u64,
        is_head: bool,
    ) -> Markup {
        let asked = std::mem::take(&mut *self.asked.lock());
        if asked.is_empty() {
            return markup;
        }
        let mounts = asked.into_iter().map(|Asked { key, begin, view }| async move {
            let begin = begin.filter(|_| !is_head);
            let mounted = match begin {
                None => None,
                Some(begin) => CatchPanics(Box::pin(mount_one(server, from, ends, self.is_prefetched, view, begin)))
                    .await
                    .unwrap_or_else(|panic| {
                        note_panic(&server.runtime, &panic, view);
                        None
                    }),
            };
            element(&key, mounted, base)
        });
        let elements = future::join_all(mounts).await;
        let mut html = markup.into_string();
        for (index, element) in elements.iter().enumerate() {
            html = html.replacen(&self.mark(index), element, 1);
        }
        PreEscaped(html)
    }
}

/// The data and the HTML of a sticky view.
struct FirstHtml {
    data: String,
    html: String,
}

/// Returns the element of a sticky view: empty if it was not mounted.
fn element(key: &str, mounted: Option<FirstHtml>, base: &str) -> String {
    let (data, html) = mounted.map_or((None, String::new()), |first| (Some(first.data), first.html));
    html! {
        // The head was written before.
        @if Parts::of_html(&html).contains(Parts::STYLE) { script src=(assets::addresses(base).style) {} }
        // (Elements with such a class are the client's: a navigation does not touch them.)
        lanai-sticky class="lanai-sticky" id={ "lanai-sticky-" (key) } data-lanai=[data] { (PreEscaped(html)) }
    }
    .into_string()
}

/// Mounts a sticky view and starts it. Returns `None` if there is no room for it, or its session has ended.
async fn mount_one(
    server: &Server,
    from: Option<IpAddr>,
    ends: u64,
    is_prefetched: bool,
    view: &'static str,
    begin: Begin,
) -> Option<FirstHtml> {
    let runtime = &server.runtime;
    let Ok(reservation) = runtime.registry.reserve(from, &runtime.limits) else {
        visitor_log!(warn, view, "a sticky view was left out: there are too many views");
        return None;
    };
    let (instance, page) = Instance::sticky(is_prefetched, runtime);
    let unmounted = Unmounted::new(&instance);
    let mounting = runtime.registry.sessions.mounting(instance.id, ends);
    let (mut driver, rest) = begin(&instance);
    if let Some(rest) = rest {
        driver = rest.await;
    }
    let mut core = Core::new(instance.clone(), driver);
    // A view that fails here ends as soon as it has started.
    if core.handle_early().is_err() {
        instance.send(Mail::Panicked);
    }
    let (baseline, first) = core.first_inside(|core| {
        let (baseline, _, first) = OnePage::first(core, Baseline::first_nested)?;
        Ok((baseline, first))
    });
    runtime.registry.insert_reserved(instance.clone(), reservation);
    if mounting.mounted(&runtime.limits).is_err() {
        runtime.registry.remove(instance.id);
        return None;
    }
    let data = first.data().sticky(instance.id, page.secret.as_str());
    unmounted.start(core, OnePage::new(&instance, baseline, None), None);
    Some(FirstHtml { data, html: first.html })
}
