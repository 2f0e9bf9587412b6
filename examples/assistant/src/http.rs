//! A connection to a server for one request.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::rt::{Read, Write};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::model::AskError;

/// Sends a request to the server in its URI. The connection ends with the body of the response.
pub(crate) async fn send(mut request: Request<Full<Bytes>>) -> Result<Response<Incoming>, AskError> {
    let uri = std::mem::take(request.uri_mut());
    let authority = uri.authority().ok_or(AskError::Address)?.clone();
    *request.uri_mut() = uri.path_and_query().ok_or(AskError::Address)?.clone().into();
    request.headers_mut().insert("host", authority.as_str().parse().map_err(|_| AskError::Address)?);
    let is_secure = uri.scheme_str() == Some("https");
    let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let tcp = TcpStream::connect((authority.host().trim_matches(['[', ']']), port)).await?;
    // Each token is a small packet.
    tcp.set_nodelay(true)?;
    let mut sender = if is_secure { secure(tcp, &uri).await? } else { open(TokioIo::new(tcp)).await? };
    Ok(sender.send_request(request).await?)
}

async fn open(io: impl Read + Write + Unpin + Send + 'static) -> Result<SendRequest<Full<Bytes>>, AskError> {
    let (sender, connection) = handshake(io).await?;
    // It ends when the response was read, or is no longer wanted.
    tokio::spawn(connection);
    Ok(sender)
}

#[cfg(feature = "tls")]
async fn secure(tcp: TcpStream, uri: &Uri) -> Result<SendRequest<Full<Bytes>>, AskError> {
    use std::sync::Arc;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(uri.host().ok_or(AskError::Address)?.to_owned()).map_err(|_| AskError::Address)?;
    open(TokioIo::new(tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await?)).await
}

#[cfg(not(feature = "tls"))]
#[expect(clippy::unused_async, reason = "with the feature, it waits for the handshake")]
async fn secure(_tcp: TcpStream, _uri: &Uri) -> Result<SendRequest<Full<Bytes>>, AskError> {
    Err(AskError::NoTls)
}
