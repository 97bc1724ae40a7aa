//! Which object shows which value: CustomTags (GB/T 33190-2016 clause 16), and the names that values go by. They are
//! the short names in use for the metadata of GB/T 36903-2018; what the standard has no name for is an extension field,
//! `KZ_` and the field's name.

use super::paint::Shown;
use crate::documents::ofd::xml::Xml;
use crate::domain::license::{LicenseKind, NumberRule};

/// Short names of metadata elements. Elements without one go by their full name.
const SHORT_NAMES: [(&str, &str); 17] = [
    ("certificateName", "ZZMC"),
    ("certificateTypeCode", "ZZLXDM"),
    ("certificateNumber", "ZZBH"),
    ("certificateIdentifier", "ZZBS"),
    ("certificateIssuingAuthorityName", "ZZBFJG"),
    ("certificateIssuingAuthorityCode", "ZZBFJGDM"),
    ("certificateIssuedDate", "ZZBFRQ"),
    ("certificateHolderName", "CZZT"),
    ("certificateHolderCode", "CZZTDM"),
    ("certificateHolderTypeName", "CZZTDMLX"),
    ("certificateHolderType", "CZZTDMLXDM"),
    ("certificateEffectiveDate", "ZZYXQQSRQ"),
    ("certificateExpiringDate", "ZZYXQJZRQ"),
    ("certificateCopyCreationTime", "JZJZZSJ"),
    ("certificateCopyCreator", "JZJZZZ"),
    ("certificateCopyCause", "JZJZZSY"),
    ("certificateCopyExpiringTime", "JZJYXQJZSJ"),
];

/// The name that a metadata element goes by in a file.
pub(super) fn metadata_name(element: &'static str) -> &'static str {
    SHORT_NAMES.iter().find(|(long, _)| *long == element).map_or(element, |(_, short)| short)
}

/// The name that a field of the kind goes by.
pub(super) fn extension_name(field: &str) -> String {
    format!("KZ_{field}")
}

/// The names that what a face prints goes by; none for fixed text.
fn names(kind: &LicenseKind, field: &str) -> Vec<String> {
    if kind.field(field).is_some() {
        let mut names = vec![extension_name(field)];
        let is_number = matches!(&kind.number, NumberRule::Field(number) if number == field);
        for (same, name) in
            [(is_number, "ZZBH"), (kind.holder.name == field, "CZZT"), (kind.holder.code == field, "CZZTDM")]
        {
            names.extend(same.then(|| name.to_owned()));
        }
        return names;
    }
    let name = match field {
        "label" => return Vec::new(),
        "number" => "ZZBH",
        "identifier" => "ZZBS",
        "issuer_name" => "ZZBFJG",
        "issued_on" => "ZZBFRQ",
        "valid_until" => "ZZYXQJZRQ",
        other => return vec![extension_name(other)],
    };
    vec![name.to_owned()]
}

/// The values of a document with the objects that show them, in the order in which they are printed.
#[derive(Default)]
pub(super) struct Tags {
    /// Name, then page and object of each place.
    values: Vec<(String, Vec<(u32, u32)>)>,
}

impl Tags {
    /// Notes what a page shows.
    pub fn add(&mut self, kind: &LicenseKind, page: u32, shown: &[Shown]) {
        for Shown { field, object } in shown {
            for name in names(kind, field) {
                match self.values.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, places)) => places.push((page, *object)),
                    None => self.values.push((name, vec![(page, *object)])),
                }
            }
        }
    }

    /// The namespace of a kind's tags.
    pub fn namespace(kind: &LicenseKind) -> String {
        format!("urn:yinzheng:license:{}:{}", kind.name, kind.version)
    }

    /// The tag file.
    pub fn write(&self, kind: &LicenseKind) -> Vec<u8> {
        let mut xml = Xml::begin("License", &[("xmlns", &Self::namespace(kind))]);
        for (name, places) in &self.values {
            xml.open(name, &[]);
            for (page, object) in places {
                xml.text("ofd:ObjectRef", &[("PageRef", &page.to_string())], &object.to_string());
            }
            xml.close(name);
        }
        xml.finish()
    }
}
