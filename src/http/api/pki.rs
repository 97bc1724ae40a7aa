//! What verifiers need: roots, authorities' X.509 certificates, revocation lists.

use crate::app::read_pki;
use crate::app::trust_list::{OwnTrustList, publish};
use crate::http;
use crate::http::problem::{Kind, Problem};
use crate::http::route::Route;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

const ROOTS: &str = "application/pem-certificate-chain";
const X509: &str = "application/pkix-cert";
const CRL: &str = "application/pkix-crl";
const LIST: &str = "application/pkcs7-mime";
const JSON: &str = "application/json";

/// Routes about the PKI. The addresses of revocation lists stand in X.509 certificates: they never change.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/pki/roots.pem", roots).api("pki", "The roots to trust").public().gives_bytes(&[ROOTS]),
        Route::get("/pki/trust-list.p7m", signed_list)
            .api("pki", "Our trust list, signed in P-256 (CMS); /pki/trust-list.cer is its signer's X.509 certificate")
            .public()
            .gives_bytes(&[LIST])
            .refuses(&[404]),
        Route::get("/pki/sm2-trust-list.p7m", sm2_list)
            .api("pki", "The same list, signed in SM2; /pki/sm2-trust-list.cer is its signer's X.509 certificate")
            .public()
            .gives_bytes(&[LIST])
            .refuses(&[404]),
        Route::get("/pki/trust-list.json", plain_list)
            .api("pki", "The same list to read, without a signature: nothing may be trusted by it")
            .public()
            .gives_bytes(&[JSON])
            .refuses(&[404]),
        Route::get("/pki/{file}", x509)
            .api("pki", "An authority's X.509 certificate: root.cer, seal-ca.cer, tls-ca.cer; trust-list.cer of who signs our trust list; those of SM2 with sm2- before")
            .public()
            .gives_bytes(&[X509])
            .refuses(&[404]),
        Route::get("/crl/{file}", crl)
            .api("pki", "An authority's revocation list: root.crl, seal-ca.crl, tls-ca.crl; those of SM2 with sm2- before")
            .public()
            .gives_bytes(&[CRL])
            .refuses(&[404]),
    ]
}

async fn roots(State(state): State<http::State>) -> Response {
    ([(CONTENT_TYPE, ROOTS)], read_pki::roots(&state)).into_response()
}

async fn signed_list(State(state): State<http::State>, headers: HeaderMap) -> Result<Response, Problem> {
    our_list(&state, &headers, LIST, |list| list.p256).await
}

async fn sm2_list(State(state): State<http::State>, headers: HeaderMap) -> Result<Response, Problem> {
    our_list(&state, &headers, LIST, |list| list.sm2).await
}

async fn plain_list(State(state): State<http::State>, headers: HeaderMap) -> Result<Response, Problem> {
    our_list(&state, &headers, JSON, |list| Some(list.json)).await
}

/// Our list in one of its forms. Its number and form are the mark by which a reader asks whether there is a newer one.
async fn our_list(
    state: &http::State,
    headers: &HeaderMap,
    form: &'static str,
    of: fn(OwnTrustList) -> Option<Vec<u8>>,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(Kind::NotFound, "trust_list.not_published");
    let list = publish::latest(state).await?.filter(|_| state.publishing().is_some()).ok_or_else(unknown)?;
    let mark = format!("\"{}-{}\"", list.sequence, hex::encode(&list.content[..8]));
    let marks = [(ETAG, mark.clone()), (CACHE_CONTROL, "public, max-age=300".to_owned())];
    let bytes = of(list).ok_or_else(unknown)?;
    let asked = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if asked.split(',').any(|known| known.trim().trim_start_matches("W/") == mark) {
        return Ok((StatusCode::NOT_MODIFIED, marks).into_response());
    }
    Ok((marks, [(CONTENT_TYPE, form)], bytes).into_response())
}

async fn x509(State(state): State<http::State>, Path(file): Path<String>) -> Result<Response, Problem> {
    let found = file.strip_suffix(".cer").and_then(|name| read_pki::x509(&state, name));
    Ok(([(CONTENT_TYPE, X509)], found.ok_or_else(unknown)?).into_response())
}

async fn crl(State(state): State<http::State>, Path(file): Path<String>) -> Result<Response, Problem> {
    let name = file.strip_suffix(".crl").ok_or_else(unknown)?;
    let found = read_pki::crl(&state, name).await?;
    Ok(([(CONTENT_TYPE, CRL)], found.ok_or_else(unknown)?).into_response())
}

fn unknown() -> Problem {
    Problem::new(Kind::NotFound, "request.no_such_address")
}
