//! Passwords, of which the database keeps hashes.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use lanai::Result;

/// Hashes a password, on a thread that may take its time.
///
/// # Errors
///
/// Returns an error if there is no source of randomness.
pub async fn hash(password: String) -> Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    Ok(hashed.await?.map_err(|error| error.to_string())?)
}

/// Whether this is the password with the stored hash. Without a hash, because nobody has this name, it takes as long,
/// so that nobody learns which names exist.
///
/// # Errors
///
/// Returns an error if the stored text is not a hash.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    let Some(stored) = stored else {
        return hash(password).await.map(|_| false);
    };
    let verified = tokio::task::spawn_blocking(move || {
        let stored = PasswordHash::new(&stored).map_err(|error| error.to_string())?;
        Ok::<_, String>(Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
    });
    Ok(verified.await??)
}
