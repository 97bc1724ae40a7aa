//! What a verifier needs long after to check the seals of a file without asking anybody.

/// X.509 certificates and revocation lists that travel in a license file: in PDF in the document security store (ETSI EN
/// 319 142-1 clause 5.4.2), in OFD as attachments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationData {
    /// DER of X.509 certificates.
    pub x509s: Vec<Vec<u8>>,
    /// DER of certificate revocation lists.
    pub crls: Vec<Vec<u8>>,
}
