//! [`Accounts`]: who has signed up. In place of a database, it is a set in memory that takes its time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lanai::form::FieldError;

use crate::sign_up::SignUp;

/// The number of accounts. The oldest are forgotten, since anyone may sign up.
const MOST: usize = 1_000;

/// The accounts: names, and the email address of each.
#[derive(Clone)]
pub(crate) struct Accounts(Arc<Mutex<BTreeMap<String, String>>>);

impl Default for Accounts {
    fn default() -> Self {
        let accounts = [("ada", "ada@example.org"), ("grace", "grace@example.org")];
        Self(Arc::new(Mutex::new(accounts.map(|(name, email)| (name.into(), email.into())).into())))
    }
}

impl Accounts {
    /// Returns whether a name is taken. It takes as long as a query of a database that is far away.
    pub(crate) async fn is_taken(&self, name: &str) -> bool {
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.with(|accounts| accounts.contains_key(&name.to_lowercase()))
    }

    /// Adds an account. Two people may have asked for the same name at the same time, so only this decides.
    pub(crate) async fn add(&self, sign_up: &SignUp) -> Result<(), FieldError> {
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.with(|accounts| {
            let name = sign_up.name.to_lowercase();
            if accounts.contains_key(&name) {
                return Err(SignUp::NAME.error("Somebody was faster: this name is taken."));
            }
            if accounts.values().any(|email| email.eq_ignore_ascii_case(&sign_up.email)) {
                return Err(SignUp::EMAIL.error("There is an account with this address already."));
            }
            if accounts.len() == MOST {
                return Err(FieldError::form("There are enough accounts. Please come back tomorrow."));
            }
            accounts.insert(name, sign_up.email.clone());
            Ok(())
        })
    }

    fn with<R>(&self, f: impl FnOnce(&mut BTreeMap<String, String>) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
