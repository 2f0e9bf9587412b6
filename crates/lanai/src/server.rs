//! A program as its requests find it.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::document::Layout;
use crate::hosts::Hosts;
use crate::instance::runtime::Runtime;
use crate::origin::Allowed;
use crate::proxy::TrustedProxies;

/// The shared state of an [`App`](crate::App), stored in the extensions of its requests.
pub(crate) struct Server {
    /// The state that its instances share.
    pub(crate) runtime: Arc<Runtime>,
    /// One permit for each further socket that may be open without having attached.
    pub(crate) unattached: Arc<Semaphore>,
    pub(crate) layout: Layout,
    /// Origins that may connect besides the server's own.
    pub(crate) origins: Vec<Allowed>,
    pub(crate) hosts: Hosts,
    pub(crate) proxies: TrustedProxies,
    /// Whether links between its pages change the page in place.
    pub(crate) navigation: bool,
    /// The path below which browsers see the program: `/app`, or an empty string.
    pub(crate) base: String,
}

impl Deref for Server {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        &self.runtime
    }
}
