//! License kinds (证照类型): data that says what a license holds, who may issue it and what it looks like.

use super::face::Face;
use super::file::FileForm;
use super::form::TextForm;
use crate::domain::envelope::Plan;

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// How sensitive a field is; decides masking and what a stranger may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrivacyClass {
    /// Open to anyone who holds the file or its printed code.
    Public,
    /// Personal: shown masked to strangers, in full only where the holder shows it.
    Personal,
    /// Sensitive: never to strangers, not even masked.
    Sensitive,
}

/// How a personal text is masked for strangers. Other types have their own masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mask {
    /// `***`.
    #[default]
    Whole,
    /// The first character stays: 林**; several names joined by 、 each so.
    Name,
    /// The first and last character stay.
    Code,
    /// The first six characters stay (province or city and district).
    Address,
}

/// What a field's value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Free text of `min` to `max` characters.
    Text {
        /// Least number of characters.
        min: usize,
        /// Greatest number of characters.
        max: usize,
        /// Whether line breaks are allowed.
        multiline: bool,
        /// The form it must have, if not any.
        form: Option<TextForm>,
    },
    /// Calendar date `YYYY-MM-DD`.
    Date {
        /// Whether a day after today is allowed.
        future: bool,
    },
    /// Yuan with two decimals, e.g. `5000000.00`.
    Money,
    /// A non-negative number with at most this many decimals.
    Number {
        /// Greatest number of digits after the point.
        decimals: u8,
        /// Least value, in canonical form.
        min: Option<String>,
        /// Greatest value, in canonical form.
        max: Option<String>,
    },
    /// One of a fixed list.
    Enumeration {
        /// The choices: code and name.
        choices: Vec<(String, Bilingual)>,
    },
    /// Unified social credit code with its check character (GB 32100-2015).
    CreditCode,
    /// Resident identity number with its check character (GB 11643-1999).
    IdentityNumber,
}

/// One field of a license kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name in the API and the data, lower snake case.
    pub name: String,
    /// What it is called.
    pub title: Bilingual,
    /// What it must be.
    pub field_type: FieldType,
    /// Whether it must be given.
    pub required: bool,
    /// How sensitive it is.
    pub privacy: PrivacyClass,
    /// How its text is masked where it is personal.
    pub mask: Mask,
    /// An example that passes the checks, for forms and documentation.
    pub example: String,
}

/// How the last day of validity follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validity {
    /// No end.
    Unlimited,
    /// This many years from the first day; the last day is the day before the anniversary.
    Years(u16),
    /// From the named date fields of the data; an empty last-day field means no end.
    Fields {
        /// Field holding the first day.
        from: String,
        /// Field holding the last day.
        until: String,
    },
}

/// Where the printed number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberRule {
    /// The value of this field.
    Field(String),
    /// A pattern: `{area}` the issuer's division code, `{year}` the year of issue, `{random:N}` N random
    /// digits; everything else as it stands. The caller may give the number itself instead.
    Pattern(String),
}

/// Which fields say whom the license is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderRule {
    /// Field with the holder's name.
    pub name: String,
    /// Field with the holder's code.
    pub code: String,
    /// Code type of GB/T 36903 annex A: `001` credit code, `111` identity number, ….
    pub code_type: String,
}

/// A license kind.
#[derive(Clone, Debug, PartialEq)]
pub struct LicenseKind {
    /// Name in URLs and scopes, lower-case with hyphens: `business-license`.
    pub name: String,
    /// Grows with each change to the kind's file.
    pub version: u32,
    /// What it is called.
    pub title: Bilingual,
    /// Type code (GB/T 36904): 21 characters.
    pub type_code: String,
    /// The responsibility a department must have to issue it.
    pub issuer: String,
    /// Validity rule.
    pub validity: Validity,
    /// Number rule.
    pub number: NumberRule,
    /// Holder rule.
    pub holder: HolderRule,
    /// The forms it is issued in, at most one of each format; at least one.
    pub files: Vec<FileForm>,
    /// Fields in the order of forms.
    pub fields: Vec<Field>,
    /// What it looks like.
    pub face: Face,
    /// The field with the legal representative's name, where the kind is a business license: with it the company's seals
    /// are made. Its holder is the company.
    pub representative: Option<String>,
    /// Who seals it together, where it takes more than the issuer. Such a license is issued through an envelope only.
    pub sealing: Option<Plan>,
}

impl LicenseKind {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
