//! Secrets that nobody can guess.

/// 128 random bits, as 22 characters of base64url.
pub(crate) struct Secret([u8; 22]);

impl Secret {
    pub(crate) fn random() -> Self {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut bits = [0; 22];
        getrandom::fill(&mut bits).expect("the operating system gives random numbers");
        Self(bits.map(|bits| ALPHABET[usize::from(bits) % 64]))
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base64url is ASCII")
    }

    /// Compares in constant time, so that nobody learns how much of a guess was right.
    pub(crate) fn matches(&self, other: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.0[..], other.as_bytes()).into()
    }
}
