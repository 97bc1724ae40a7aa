//! Metadata of a license with the element names of GB/T 36903-2018.

use super::identifier::LicenseId;
use super::kind::LicenseKind;
use super::record::Holder;
use crate::domain::party::Department;
use crate::domain::time::Date;

/// What the metadata of a license is made from.
#[derive(Clone, Copy)]
pub struct MetadataSource<'a> {
    /// Its kind.
    pub kind: &'a LicenseKind,
    /// Its identifier.
    pub id: &'a LicenseId,
    /// Its printed number.
    pub number: &'a str,
    /// Who issues it.
    pub issuer: &'a Department,
    /// Whom it is about.
    pub holder: &'a Holder,
    /// Date of issue.
    pub issued_on: Date,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity, if there is one.
    pub valid_until: Option<Date>,
}

/// Names of holder code types (GB/T 36903-2018 annex A, after GA/T 517).
pub const CODE_TYPES: [(&str, &str); 9] = [
    ("001", "统一社会信用代码"),
    ("111", "居民身份证"),
    ("112", "临时居民身份证"),
    ("114", "军官证"),
    ("414", "普通护照"),
    ("511", "台湾居民来往大陆通行证"),
    ("516", "港澳居民来往内地通行证"),
    ("553", "外国人永久居留身份证"),
    ("999", "其他"),
];

/// Chinese name of a holder code type, if it is one.
pub fn code_type_name(code: &str) -> Option<&'static str> {
    CODE_TYPES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// Element names with values, in the order of the standard. Dates are `yyyyMMdd`; a license without end has
/// no `certificateExpiringDate`.
pub fn elements(source: &MetadataSource<'_>) -> Vec<(&'static str, String)> {
    let MetadataSource { kind, id, number, issuer, holder, .. } = *source;
    let mut elements = vec![
        ("certificateName", kind.title.zh.clone()),
        ("certificateTypeName", kind.title.zh.clone()),
        ("certificateTypeCode", id.type_code().to_owned()),
        ("certificateNumber", number.to_owned()),
        ("certificateIdentifier", id.as_str().to_owned()),
        ("certificateIssuingAuthorityName", issuer.name_zh.clone()),
        ("certificateIssuingAuthorityCode", issuer.code.clone()),
        ("certificateIssuedDate", compact(source.issued_on)),
        ("certificateHolderName", holder.name.clone()),
        ("certificateHolderCode", holder.code.clone()),
        ("certificateHolderTypeName", code_type_name(&holder.code_type).unwrap_or("其他").to_owned()),
        ("certificateHolderType", holder.code_type.clone()),
        ("certificateEffectiveDate", compact(source.valid_from)),
    ];
    if let Some(last) = source.valid_until {
        elements.push(("certificateExpiringDate", compact(last)));
    }
    elements.push(("certificateAreaCode", issuer.area_code.clone()));
    elements.push(("certificateVersion", format!("{:03}", id.edition())));
    elements
}

fn compact(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
}
