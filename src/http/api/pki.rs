//! What verifiers need: roots, authorities' X.509 certificates, revocation lists.

use crate::app::read_pki;
use crate::http;
use crate::http::problem::{Kind, Problem};
use crate::http::route::Route;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

const ROOTS: &str = "application/pem-certificate-chain";
const X509: &str = "application/pkix-cert";
const CRL: &str = "application/pkix-crl";

/// Routes about the PKI. The addresses of revocation lists stand in X.509 certificates: they never change.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/pki/roots.pem", roots).api("pki", "The roots to trust").public().gives_bytes(&[ROOTS]),
        Route::get("/pki/{file}", x509)
            .api("pki", "An authority's X.509 certificate: root.cer, seal-ca.cer, tls-ca.cer; those of SM2 with sm2- before")
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
