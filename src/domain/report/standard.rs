//! Which standard a finding comes from, told by its code. Where the same question is asked under other rules, the judge
//! says so itself ([`super::Finding::by`]).

/// Our own rules: bounds, and what the service knows. The service's name, as it is written in Chinese.
pub const OWN: &str = "印证";
/// The form of PDF files.
const PDF: &str = "ISO 32000-2";
/// Seals on PDF files.
const PADES: &str = "ETSI EN 319 142-1";
/// How signatures are validated.
const VALIDATION: &str = "ETSI EN 319 102-1";
/// Signed statements.
const JWS: &str = "RFC 7515";
/// Time stamps.
const TIME_STAMP: &str = "RFC 3161";
/// OFD files.
pub(super) const OFD: &str = "GB/T 33190-2016";
/// Seals and seal signatures; the structures before and after it name their own.
pub(super) const ESEAL: &str = "GB/T 38540-2020";
/// Plain digital signatures.
pub(super) const PLAIN: &str = "GB/T 35275-2017";
/// Trust lists: their model.
const TRUST_LIST: &str = "ETSI TS 119 612";
/// Registration of businesses (市场主体登记管理条例).
const REGISTRATION: &str = "国务院令第746号";
/// License metadata.
const METADATA: &str = "GB/T 36903-2018";
/// License identifiers.
const IDENTIFIER: &str = "GB/T 36904-2018";
/// License files.
const LICENSE_FILE: &str = "GB/T 36905-2018";

/// The standard of a code.
pub(super) fn of(code: &str) -> &'static str {
    match code {
        "format.too_large" | "format.too_complex" | "format.not_known" => return OWN,
        // Who must seal stands in the license, by our own rule.
        "signers.all_present" | "signers.missing" | "signers.unexpected" | "signers.order" => return OWN,
        "signers.place" | "modification.locked" | "modification.not_locked" => return OWN,
        "cover.not_locked" | "cover.locked" | "cover.left_out" => return OWN,
        // That the service verifies seals, and that a signature must not pass for one, is ours to ask.
        "seal.only_signed" | "sign.shows_a_seal" => return OWN,
        "license.identifier_malformed" | "license.identifier_check" => return IDENTIFIER,
        "license.nothing_attached" | "license.several_attached" | "license.unreadable" => {
            return LICENSE_FILE;
        }
        _ => {}
    }
    match code.split('.').next().unwrap_or_default() {
        "format" | "modification" => PDF,
        "integrity" | "seal" | "signer" => PADES,
        "chain" => VALIDATION,
        "recognition" => TRUST_LIST,
        "time" => TIME_STAMP,
        "package" | "reference" | "cover" | "mark" => OFD,
        "eseal" | "ses" => ESEAL,
        "sign" => PLAIN,
        "jws" => JWS,
        "company" => REGISTRATION,
        "license" => METADATA,
        _ => OWN,
    }
}
