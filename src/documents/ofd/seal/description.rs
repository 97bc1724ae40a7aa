//! `Signatures.xml` and `Signature.xml` (GB/T 33190-2016 clause 18).

use super::{OfdPage, Stamped};
use crate::crypto::Suite;
use crate::documents::ofd::package::Part;
use crate::documents::ofd::xml::Xml;
use crate::domain::time::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Who made the signature's description.
const PROVIDER: &str = "Yinzheng";
/// SM3 (GB/T 32905-2016). The schema's list knows only MD5 and SHA1, which nobody uses any more: the one place where
/// our files differ from it.
const SM3: &str = "1.2.156.10197.1.401";

/// A signature in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::documents::ofd) struct Listed {
    /// Its identifier.
    pub id: String,
    /// `Seal`, or another type that others wrote.
    pub kind: String,
    /// Where its description is: of our own, the absolute path.
    pub path: String,
}

/// An identifier of a signature or a stamp. The schema wants a name, which a number is not.
pub(super) fn identifier(number: u32) -> String {
    format!("s{number:03}")
}

/// The number in an identifier, as ours or plain.
pub(in crate::documents::ofd) fn number(identifier: &str) -> Option<u32> {
    identifier.strip_prefix('s').unwrap_or(identifier).parse().ok()
}

/// The list of signatures. `last` is the last number given, which is a stamp's.
pub(super) fn list(signatures: &[Listed], last: u32) -> Vec<u8> {
    let mut xml = Xml::begin("ofd:Signatures", &[]);
    xml.text("ofd:MaxSignId", &[], &identifier(last));
    for signature in signatures {
        let Listed { id, kind, path } = signature;
        xml.empty("ofd:Signature", &[("ID", id), ("Type", kind), ("BaseLoc", path)]);
    }
    xml.finish()
}

/// What one signature says it covers and where it is shown.
pub(super) struct Description<'a> {
    pub parts: &'a [Part],
    pub pages: &'a [OfdPage],
    pub stamps: &'a [Stamped],
    /// Number of the first stamp.
    pub first_stamp: u32,
    /// The signature's folder.
    pub folder: &'a str,
    pub time: Timestamp,
}

impl Description<'_> {
    /// `Signature.xml`.
    pub fn write(&self) -> Vec<u8> {
        let mut xml = Xml::begin("ofd:Signature", &[]);
        xml.open("ofd:SignedInfo", &[]);
        let provider =
            [("ProviderName", PROVIDER), ("Version", env!("CARGO_PKG_VERSION")), ("Company", PROVIDER)];
        xml.empty("ofd:Provider", &provider);
        xml.text("ofd:SignatureMethod", &[], &Suite::Sm2.signature_oid().to_string());
        // Only for the eye: the time that counts is the signed one.
        let time: String = self.time.to_string().chars().filter(|c| !matches!(c, '-' | ':' | 'T')).collect();
        xml.text("ofd:SignatureDateTime", &[], &time);
        xml.open("ofd:References", &[("CheckMethod", SM3)]);
        for part in self.parts {
            xml.open("ofd:Reference", &[("FileRef", &format!("/{}", part.path))]);
            xml.text("ofd:CheckValue", &[], &STANDARD.encode(part.digest));
            xml.close("ofd:Reference");
        }
        xml.close("ofd:References");
        for (stamp, number) in self.stamps.iter().zip(self.first_stamp..) {
            let id = identifier(number);
            let page = self.pages[stamp.page].id.to_string();
            let boundary = area(stamp.left, stamp.top, stamp.width, stamp.height);
            let clip = stamp.shown.map(|part| area(part.x, part.y, part.width, part.height));
            let mut attributes = vec![("ID", &*id), ("PageRef", &*page), ("Boundary", &*boundary)];
            attributes.extend(clip.as_deref().map(|clip| ("Clip", clip)));
            xml.empty("ofd:StampAnnot", &attributes);
        }
        xml.open("ofd:Seal", &[]);
        xml.text("ofd:BaseLoc", &[], &format!("/{}/Seal.esl", self.folder));
        xml.close("ofd:Seal");
        xml.close("ofd:SignedInfo");
        xml.text("ofd:SignedValue", &[], &format!("/{}/SignedValue.dat", self.folder));
        xml.finish()
    }
}

fn area(x: f32, y: f32, width: f32, height: f32) -> String {
    let mut out = String::new();
    for (n, value) in [x, y, width, height].into_iter().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        crate::documents::face::number_text(&mut out, value, 3);
    }
    out
}
