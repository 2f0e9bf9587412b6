//! How servers and clients authenticate each other: certificates, and the tokens of accounts and users.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer};
use serde_json::{Value, json};

/// A directory of files, which is removed when this is dropped.
#[derive(Debug)]
pub struct Files(PathBuf);

impl Files {
    /// Creates an empty directory.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    #[expect(clippy::new_without_default, reason = "it makes a directory")]
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lanai-files-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory can be created");
        Self(path)
    }

    /// The path of a file, whether it exists or not.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, and returns its path.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file can be written");
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A certificate authority.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, rcgen::KeyPair>,
    pem: String,
}

/// A certificate and its key, in files.
#[derive(Debug)]
pub struct Certificate {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Authority {
    /// Creates an authority.
    ///
    /// # Panics
    ///
    /// If there is no randomness.
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let key = rcgen::KeyPair::generate().expect("a key can be created");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, format!("Authority {number} of the tests"));
        let pem = params.self_signed(&key).expect("it can sign itself").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Writes its own certificate to a file.
    pub fn file(&self, files: &Files, name: &str) -> PathBuf {
        files.write(name, &self.pem)
    }

    /// Signs a certificate for a host, or for a client of that name.
    ///
    /// # Panics
    ///
    /// If that is not a valid name.
    pub fn sign(&self, files: &Files, name: &str) -> Certificate {
        let key = rcgen::KeyPair::generate().expect("a key can be created");
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer).expect("it can be signed");
        let number = key.public_key_raw().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
        Certificate {
            certificate: files.write(&format!("{name}-{number}.pem"), &certificate.pem()),
            key: files.write(&format!("{name}-{number}.key"), &key.serialize_pem()),
        }
    }
}

/// An operator with an account. A server that trusts the operator accepts the users that the account has signed.
#[derive(Debug)]
pub struct Operator {
    key: KeyPair,
    system: KeyPair,
    account: KeyPair,
}

impl Operator {
    /// Creates an operator and an account.
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        Self { key: KeyPair::new_operator(), system: KeyPair::new_account(), account: KeyPair::new_account() }
    }

    /// The configuration of a server that trusts the operator, with its accounts.
    pub fn configuration(&self) -> String {
        let operator = token(&self.key, &self.key, "operator", None, json!({}));
        let limits = json!({
            "limits": {
                "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
                "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
            },
        });
        let system_limits = json!({
            "limits": {
                "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
            },
        });
        let account = token(&self.account, &self.key, "account", None, limits);
        let system = token(&self.system, &self.key, "account", None, system_limits);
        format!(
            "operator: {operator}\nsystem_account: {system_id}\nresolver: MEMORY\n\
             resolver_preload: {{ {account_id}: {account}, {system_id}: {system} }}\n",
            system_id = self.system.public_key(),
            account_id = self.account.public_key(),
        )
    }

    /// A credentials file for a new user, which is valid until the given time if there is one.
    pub fn credentials(&self, until: Option<SystemTime>) -> String {
        let user = KeyPair::new_user();
        let token = token(&user, &self.account, "user", until, json!({ "subs": -1, "data": -1, "payload": -1 }));
        format!(
            "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            user.seed().expect("a new key has a seed")
        )
    }
}

/// A JSON Web Token in version 2 of NATS: signed with an ed25519 key.
fn token(subject: &KeyPair, issuer: &KeyPair, kind: &str, until: Option<SystemTime>, claims: Value) -> String {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let mut nats = claims;
    nats["type"] = kind.into();
    nats["version"] = 2.into();
    let mut body = json!({
        "jti": subject.public_key(), "iat": seconds(SystemTime::now()), "iss": issuer.public_key(), "sub": subject.public_key(),
        "name": kind, "nats": nats,
    });
    if let Some(until) = until {
        body["exp"] = seconds(until).into();
    }
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&json!({ "typ": "JWT", "alg": "ed25519-nkey" })), encode(&body));
    let signature = issuer.sign(signed.as_bytes()).expect("a new key signs");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
