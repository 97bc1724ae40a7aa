//! PEM armour around DER, one or many in a file (RFC 7468).

use crate::formats::Unreadable;
use der::pem::{LineEnding, PemLabel};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, CertificateSigningRequestDer, SubjectPublicKeyInfoDer,
};
use zeroize::Zeroizing;

/// PEM of X.509 certificates, one after the other.
pub fn x509s_to_pem<'a>(ders: impl IntoIterator<Item = &'a [u8]>) -> String {
    ders.into_iter().map(|der| armour(x509_cert::Certificate::PEM_LABEL, der)).collect()
}

/// PEM of a certificate revocation list.
pub fn crl_to_pem(der: &[u8]) -> String {
    armour("X509 CRL", der)
}

/// PEM of a request for an X.509 certificate.
pub fn request_to_pem(der: &[u8]) -> String {
    armour(x509_cert::request::CertReq::PEM_LABEL, der)
}

/// PEM of a public key (SubjectPublicKeyInfo).
pub fn public_key_to_pem(der: &[u8]) -> String {
    armour("PUBLIC KEY", der)
}

/// PEM of an unencrypted private key (PKCS#8), wiped when dropped.
pub fn private_key_to_pem(der: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(armour("PRIVATE KEY", der))
}

/// Every X.509 certificate of a PEM text; other sections are passed over.
pub fn x509s_from_pem(text: &str) -> Result<Vec<Vec<u8>>, Unreadable> {
    CertificateDer::pem_slice_iter(text.as_bytes())
        .map(|der| der.map(|der| der.to_vec()).map_err(|why| Unreadable::new("PEM file", why)))
        .collect()
}

/// Every certificate revocation list of a PEM text; other sections are passed over.
pub fn crls_from_pem(text: &str) -> Result<Vec<Vec<u8>>, Unreadable> {
    CertificateRevocationListDer::pem_slice_iter(text.as_bytes())
        .map(|der| der.map(|der| der.as_ref().to_vec()).map_err(|why| Unreadable::new("PEM file", why)))
        .collect()
}

/// The public key (SubjectPublicKeyInfo) in a PEM text; other sections are passed over.
pub fn public_key_from_pem(text: &str) -> Result<Vec<u8>, Unreadable> {
    match SubjectPublicKeyInfoDer::from_pem_slice(text.as_bytes()) {
        Ok(der) => Ok(der.as_ref().to_vec()),
        Err(why) => Err(Unreadable::new("PEM file with a public key", why)),
    }
}

/// The request for an X.509 certificate in a PEM text; other sections are passed over.
pub fn request_from_pem(text: &str) -> Result<Vec<u8>, Unreadable> {
    // Java's keytool names it as RFC 7468 §7 says that some do.
    let text = text.replace(" NEW CERTIFICATE REQUEST-", " CERTIFICATE REQUEST-");
    match CertificateSigningRequestDer::from_pem_slice(text.as_bytes()) {
        Ok(der) => Ok(der.as_ref().to_vec()),
        Err(why) => Err(Unreadable::new("PEM file with a request", why)),
    }
}

fn armour(label: &str, der: &[u8]) -> String {
    der::pem::encode_string(label, LineEnding::LF, der).expect("the label is one of ours and memory suffices")
}
