//! Listening: plain HTTP or TLS, and stopping cleanly.

use super::caller::{ClientAddress, PeerX509};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::server::TlsStream;
use tower::Service;

/// Requests under way may take this long after the service was told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(20);
/// A client must begin its request within this time.
const FIRST_HEADERS: Duration = Duration::from_secs(15);

/// TLS of the listener.
pub struct TlsSettings {
    /// The server's X.509 certificates and key.
    pub server: CertifiedKey,
    /// Roots (DER) of client X.509 certificates; none are asked for if there are none.
    pub client_roots: Vec<Vec<u8>>,
}

/// Why the service cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error(
        "{0} is in use by another program; stop it, or choose another port with --listen or server.listen"
    )]
    Busy(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Address(SocketAddr, io::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// Listening failed later.
    #[error("listening failed: {0}")]
    Failed(#[from] io::Error),
}

/// Takes the address, so that a busy port is known before anything else is done.
pub fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let listener = TcpListener::bind(address).map_err(|why| match why.kind() {
        io::ErrorKind::AddrInUse => ListenError::Busy(address),
        _ => ListenError::Address(address, why),
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until `stop` is over, then lets requests under way finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsSettings>,
    behind_proxy: bool,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ListenError> {
    let handle = Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        stop.await;
        stopping.graceful_shutdown(Some(LAST_REQUESTS));
    });
    let router = router
        .layer(from_fn(move |connection, request, next| locate(behind_proxy, connection, request, next)));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server: Server<SocketAddr> = axum_server::from_tcp(listener)?.handle(handle);
    match tls {
        None => harden(server).serve(service).await?,
        Some(tls) => {
            let config = RustlsConfig::from_config(Arc::new(rustls_config(tls)?));
            let acceptor = WithPeer(RustlsAcceptor::new(config));
            harden(server).acceptor(acceptor).serve(service).await?;
        }
    }
    Ok(())
}

/// Notes where a request comes from.
async fn locate(
    behind_proxy: bool,
    ConnectInfo(connection): ConnectInfo<SocketAddr>,
    mut request: axum::extract::Request,
    next: Next,
) -> Response {
    let address = ClientAddress::find(request.headers(), connection.ip(), behind_proxy);
    request.extensions_mut().insert(address);
    next.run(request).await
}

/// Slow clients do not hold connections open, large headers are refused.
fn harden<A>(mut server: Server<SocketAddr, A>) -> Server<SocketAddr, A> {
    let builder = server.http_builder();
    builder.http1().header_read_timeout(FIRST_HEADERS).max_buf_size(64 * 1024);
    builder.http2().max_concurrent_streams(100).max_header_list_size(32 * 1024);
    server.first_request_timeout(FIRST_HEADERS)
}

fn rustls_config(tls: TlsSettings) -> Result<ServerConfig, ListenError> {
    let failed = |why: &dyn std::fmt::Display| ListenError::Tls(why.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|why| failed(&why))?;
    let builder = if tls.client_roots.is_empty() {
        builder.with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        for root in tls.client_roots {
            roots.add(CertificateDer::from(root)).map_err(|why| failed(&why))?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .allow_unauthenticated()
            .build()
            .map_err(|why| failed(&why))?;
        builder.with_client_cert_verifier(verifier)
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(tls.server)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Hands the client's X.509 certificate of a connection to its requests.
#[derive(Clone)]
struct WithPeer(RustlsAcceptor);

impl<I, S> Accept<I, S> for WithPeer
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Send + 'static,
    RustlsAcceptor: Accept<I, S, Stream = TlsStream<I>>,
    <RustlsAcceptor as Accept<I, S>>::Future: Send + 'static,
{
    type Stream = TlsStream<I>;
    type Service = WithPeerService<<RustlsAcceptor as Accept<I, S>>::Service>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepting = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, inner) = accepting.await?;
            let chain = stream.get_ref().1.peer_certificates();
            let peer = chain.and_then(<[_]>::first).map(|leaf| PeerX509(Arc::from(leaf.as_ref())));
            Ok((stream, WithPeerService { inner, peer }))
        })
    }
}

/// Adds the client's X.509 certificate to each request of one connection.
#[derive(Clone)]
pub struct WithPeerService<S> {
    inner: S,
    peer: Option<PeerX509>,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for WithPeerService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(peer) = &self.peer {
            request.extensions_mut().insert(peer.clone());
        }
        self.inner.call(request)
    }
}
