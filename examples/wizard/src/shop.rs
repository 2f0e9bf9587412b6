//! [`Shop`]: takes orders.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use lanai::{Error, Result};

use crate::order::Order;

/// Takes orders. In place of a database, it counts, and takes its time.
#[derive(Clone, Default)]
pub(crate) struct Shop {
    orders: Arc<AtomicU32>,
}

impl Shop {
    /// Places an order, and returns its number.
    pub(crate) async fn place(&self, order: &Order) -> Result<u32> {
        tokio::time::sleep(Duration::from_millis(600)).await;
        if order.address.city.eq_ignore_ascii_case("atlantis") {
            return Err(Error::new(StatusCode::UNPROCESSABLE_ENTITY, "Nobody delivers to Atlantis."));
        }
        Ok(self.orders.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
