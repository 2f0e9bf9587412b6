//! TLS: the trusted certificates and the client certificate.

use std::path::Path;
use std::sync::Arc;

use async_nats::rustls::pki_types::pem::PemObject;
use async_nats::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use async_nats::rustls::{ClientConfig, RootCertStore, crypto};

use crate::options::Options;

/// The TLS configuration, for connections that use TLS. Files are read again for each connection, since certificates
/// are renewed.
pub(crate) fn config(options: &Options) -> Result<ClientConfig, String> {
    let mut trusted = RootCertStore::empty();
    if options.root_certificates.is_empty() {
        // If there are none, connecting fails with an error that says what to do.
        trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    for file in &options.root_certificates {
        for certificate in certificates(file)? {
            trusted.add(certificate).map_err(|error| cannot(file, &error))?;
        }
    }
    // Named explicitly: a program that contains two providers has no default.
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?.with_root_certificates(trusted);
    match &options.client_certificate {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let own = PrivateKeyDer::from_pem_file(key).map_err(|error| cannot(key, &error))?;
            builder.with_client_auth_cert(certificates(certificate)?, own).map_err(|error| cannot(certificate, &error))
        }
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match certificates {
        Ok(none) if none.is_empty() => Err(cannot(file, &"it holds no certificate in PEM format")),
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(cannot(file, &error)),
    }
}

fn cannot(file: &Path, reason: &dyn std::fmt::Display) -> String {
    format!("{} cannot be used: {reason}", file.display())
}
