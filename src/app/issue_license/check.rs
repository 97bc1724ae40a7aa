//! Step 2: the order against its kind, what it replaces, and the face it will be printed on: every fault at once, before
//! anything is recorded.

use super::seal::face_fault;
use crate::documents::face::{self, FaceContent};
use crate::documents::fonts::Fonts;
use crate::domain::license::check::value;
use crate::domain::license::draft::{self, CheckedDraft, MOST_FAULTS, RawValue};
use crate::domain::license::kind::{LicenseKind, NumberRule};
use crate::domain::license::{License, LicenseData, number};
use crate::domain::party::Department;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::{Date, Timestamp};
use std::collections::BTreeMap;

/// What is asked for, apart from the seals on it.
pub(crate) struct Asked<'a> {
    /// Field values as they came.
    pub data: &'a BTreeMap<String, RawValue>,
    /// The printed number, where the caller gives it itself.
    pub number: Option<&'a str>,
    /// Who issues.
    pub department: &'a Department,
    /// The edition to be replaced.
    pub replaced: Option<&'a License>,
}

/// Checks what was asked for at the moment `at`.
pub(crate) fn check(
    kind: &LicenseKind,
    asked: &Asked<'_>,
    fonts: &Fonts,
    at: Timestamp,
) -> Result<CheckedDraft, Refusal> {
    let today = at.date_in_china();
    let mut faults = number_faults(kind, asked);
    faults.extend(asked.replaced.and_then(|replaced| other_holder(kind, asked, replaced, today)));
    let draft = draft::check(kind, asked.data, at).map_err(|more| faults.extend(more));
    // Values that passed their own checks are tried on the face, whatever became of the others.
    let printable = match &draft {
        Ok(draft) => face_faults(kind, asked, fonts, &draft.data, today),
        Err(()) => {
            let (data, _) = draft::values(kind, asked.data, today);
            face_faults(kind, asked, fonts, &data, today)
        }
    };
    faults.extend(printable);
    faults.truncate(MOST_FAULTS);
    match draft {
        Ok(draft) if faults.is_empty() => Ok(draft),
        _ => Err(Refusal::invalid(faults)),
    }
}

fn number_faults(kind: &LicenseKind, asked: &Asked<'_>) -> Vec<Fault> {
    let Some(given) = asked.number else { return Vec::new() };
    let mut faults = Vec::from_iter(number::canonical(given).err());
    if asked.replaced.is_some() || matches!(kind.number, NumberRule::Field(_)) {
        faults.push(Fault::at("/number", "number.not_yours"));
    }
    faults
}

/// A new edition is about whom the old one is about: another holder is another license.
fn other_holder(kind: &LicenseKind, asked: &Asked<'_>, replaced: &License, today: Date) -> Option<Fault> {
    let field = kind.field(&kind.holder.code)?;
    let raw = asked.data.get(&field.name)?;
    let pointer = format!("/data/{}", field.name);
    // A code that is wrong in itself is the draft's fault.
    let code = value::canonical(&field.field_type, raw, &pointer, today).ok()??;
    (code != replaced.holder.code).then(|| Fault::at(pointer, "license.other_holder"))
}

/// What cannot be printed of `data`. What only step 3 knows (identifier, check code, a drawn number) is of our own making
/// and fits; step 5 asks again with everything.
fn face_faults(
    kind: &LicenseKind,
    asked: &Asked<'_>,
    fonts: &Fonts,
    data: &LicenseData,
    today: Date,
) -> Vec<Fault> {
    let (valid_from, valid_until) = draft::period(kind, data, today);
    let given = asked.number.and_then(|given| number::canonical(given).ok());
    let number = match (&kind.number, &given, asked.replaced) {
        (NumberRule::Field(name), ..) => data.get(name).map_or("", String::as_str),
        (NumberRule::Pattern(_), Some(given), _) => given,
        (NumberRule::Pattern(_), None, Some(replaced)) => &replaced.number,
        (NumberRule::Pattern(_), None, None) => "",
    };
    let content = FaceContent {
        data,
        number,
        identifier: "",
        issuer_name: &asked.department.name_zh,
        issued_on: Some(today),
        valid_from: Some(valid_from),
        valid_until,
        check_code: "",
        verification_url: "",
    };
    let (_, faults) = face::compose_own(kind, &content, fonts);
    faults.iter().map(|fault| face_fault(kind, fault)).collect()
}
