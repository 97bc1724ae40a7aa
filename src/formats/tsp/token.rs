//! Time-stamp tokens: `TSTInfo` (RFC 3161 §2.4.2) inside a CMS `SignedData`.

use super::message::{imprint, primitive, read_imprint};
use crate::crypto::{DigestAlgorithm, SignError, Signer};
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::asn1::{Cursor, context, encoded, tlv};
use crate::formats::cms::{self, SignedDataFacts, TST_INFO};
use crate::formats::x509;
use const_oid::ObjectIdentifier;
use der::Tag;

/// What goes into a token.
#[derive(Clone, Copy, Debug)]
pub struct TokenParts<'a> {
    /// The policy it is made under.
    pub policy: ObjectIdentifier,
    /// How the stamped digest was made.
    pub algorithm: DigestAlgorithm,
    /// The stamped digest.
    pub imprint: &'a [u8],
    /// 16 random bytes for the serial number.
    pub serial: [u8; 16],
    /// The time; fractions of a second are dropped, within the stated accuracy of one second.
    pub gen_time: Timestamp,
    /// The request's nonce, as the DER of its INTEGER.
    pub nonce: Option<&'a [u8]>,
    /// Whether the authority's certificate goes inside.
    pub with_x509: bool,
}

/// Makes a token: DER of a CMS `ContentInfo`. `others` may help to build the chain of `x509`.
pub fn token(
    parts: &TokenParts<'_>,
    x509: &[u8],
    others: &[&[u8]],
    signer: &dyn Signer,
) -> Result<Vec<u8>, SignError> {
    let info = tst_info(parts);
    let suite = signer.suite();
    let signed = cms::signed_attributes(suite, &suite.digest(&info), x509, TST_INFO);
    let signature = signer.sign(&signed)?;
    let assembly = cms::Assembly {
        suite,
        signer_x509: x509,
        other_x509s: others,
        signed_attributes: &signed,
        signature: &signature,
        timestamp_token: None,
        econtent: Some((TST_INFO, &info)),
    };
    let made =
        if parts.with_x509 { cms::assemble(&assembly) } else { cms::assemble_without_x509s(&assembly) };
    made.map_err(|why| SignError(why.to_string()))
}

fn tst_info(parts: &TokenParts<'_>) -> Vec<u8> {
    let mut serial = parts.serial;
    serial[0] = (serial[0] & 0x3f) | 0x40;
    let gen_time = parts.gen_time.to_offset();
    let gen_time = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        gen_time.year(),
        u8::from(gen_time.month()),
        gen_time.day(),
        gen_time.hour(),
        gen_time.minute(),
        gen_time.second()
    );
    tlv(
        Tag::Sequence,
        &[
            &encoded(&1u8),
            &encoded(&parts.policy),
            &imprint(parts.algorithm, parts.imprint),
            &tlv(Tag::Integer, &[&serial]),
            &tlv(Tag::GeneralizedTime, &[gen_time.as_bytes()]),
            // Accuracy: one second, as the fraction is dropped.
            &tlv(Tag::Sequence, &[&encoded(&1u8)]),
            parts.nonce.unwrap_or_default(),
        ],
    )
}

/// What stands in a token. Facts only: [`Self::is_intact`] says whether they hold together.
#[derive(Clone, Debug)]
pub struct TokenFacts {
    /// The time it states.
    pub gen_time: Timestamp,
    /// How the stamped digest was made; `None` if it is a digest we do not take.
    pub algorithm: Option<DigestAlgorithm>,
    /// The stamped digest.
    pub imprint: Vec<u8>,
    /// Serial number, lower-case hexadecimal.
    pub serial_hex: String,
    /// The policy it was made under.
    pub policy: ObjectIdentifier,
    /// The nonce, as the DER of its INTEGER.
    pub nonce: Option<Vec<u8>>,
    /// The signature around it.
    pub cms: SignedDataFacts,
}

impl TokenFacts {
    /// Whether the token is whole: one signer, right content type, the message digest is that of the content, the
    /// signer names its own certificate, and the signature is right. Whether the signer is to be trusted is another
    /// question ([`x509::Trust::validate`]).
    pub fn is_intact(&self) -> bool {
        let cms = &self.cms;
        let digest =
            cms.digest_algorithm.zip(cms.content.as_deref()).map(|(a, content)| a.digest(&[content]));
        cms.signer_infos == 1
            && cms.trailing == 0
            && cms.attribute_content_type == Some(TST_INFO)
            && digest.is_some()
            && digest == cms.message_digest
            && cms.names_its_signer()
            && cms.verify_signature()
    }

    /// Whether it stamps these bytes.
    pub fn stamps(&self, bytes: &[u8]) -> bool {
        self.algorithm.is_some_and(|algorithm| algorithm.digest(&[bytes]) == self.imprint)
    }

    /// The signer's certificate, read.
    pub fn signer(&self) -> Option<x509::X509Facts> {
        x509::read(self.cms.signer_x509.as_ref()?).ok()
    }
}

/// Reads a token.
///
/// # Errors
/// If it is no CMS `SignedData` with `TSTInfo` inside, as DER.
pub fn read_token(der: &[u8]) -> Result<TokenFacts, Unreadable> {
    let cms = cms::read(der)?;
    let unreadable = |why: &str| Unreadable::new("time-stamp token", why);
    if cms.content_type != TST_INFO {
        return Err(unreadable("another content type"));
    }
    let content = cms.content.clone().ok_or_else(|| unreadable("no content"))?;
    let mut file = Cursor::new("TSTInfo", &content);
    let mut info = file.enter(Tag::Sequence)?;
    file.finish()?;
    if info.decode::<u8>()? != 1 {
        return Err(unreadable("another version"));
    }
    let policy = info.decode()?;
    let (algorithm, imprint) = read_imprint(&mut info)?;
    let serial = info.expect(Tag::Integer)?;
    let time = info.expect(Tag::GeneralizedTime)?;
    let gen_time = parse_time(time.value).ok_or_else(|| unreadable("its time cannot be read"))?;
    // Accuracy, ordering, nonce, tsa, extensions: each may be there.
    info.optional(Tag::Sequence)?;
    info.optional(Tag::Boolean)?;
    let nonce = info.optional(Tag::Integer)?.map(|item| item.raw.to_vec());
    info.optional(context(0))?;
    if info.optional(context(1))?.is_none() {
        info.optional(primitive(1))?;
    }
    info.finish()?;
    let serial_hex = x509::serial_hex(serial.value);
    Ok(TokenFacts { gen_time, algorithm, imprint, serial_hex, policy, nonce, cms })
}

/// `YYYYMMDDhhmmss[.f…]Z`: RFC 3161 allows a fraction, which `der`'s type does not; no trailing zero in it.
pub fn parse_time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').map_or((text, ""), |(whole, fraction)| (whole, fraction));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 14 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    if text.contains('.') && (fraction.is_empty() || fraction.len() > 9 || fraction.ends_with('0')) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| whole.get(range).and_then(|part| part.parse::<u8>().ok());
    let month = time::Month::try_from(number(4..6)?).ok()?;
    let date = time::Date::from_calendar_date(whole.get(0..4)?.parse().ok()?, month, number(6..8)?).ok()?;
    let at = date.with_hms(number(8..10)?, number(10..12)?, number(12..14)?).ok()?.assume_utc();
    let micros = format!("{fraction:0<6}").get(..6)?.parse::<u64>().ok()?;
    Some(Timestamp::from_offset(at).plus(std::time::Duration::from_micros(micros)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_may_have_fractions_but_only_in_their_one_form() {
        let at = |text: &str| parse_time(text.as_bytes()).map(Timestamp::micros);
        let whole = at("20261123080000Z").expect("a time");
        assert_eq!(at("20261123080000.25Z"), Some(whole + 250_000));
        for wrong in [
            "20261123080000.250Z",
            "20261123080000.Z",
            "20261123080000",
            "20261323080000Z",
            "20261123256000Z",
            "2026112308000Z",
            "+0261123080000Z",
        ] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
