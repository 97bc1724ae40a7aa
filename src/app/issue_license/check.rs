//! Step 2: the order against its kind, what it replaces, and the face it will be printed on: every fault at once, before
//! anything is recorded.

use super::seal::face_fault;
use super::{NewGround, Order};
use crate::documents::face::{self, FaceContent};
use crate::documents::fonts::Fonts;
use crate::domain::license::check::value;
use crate::domain::license::draft::{self, CheckedDraft, MOST_FAULTS};
use crate::domain::license::kind::{LicenseKind, NumberRule};
use crate::domain::license::{License, LicenseData, number};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::{Date, Timestamp};

/// Checks an order of the moment `at`.
pub(crate) fn check(
    kind: &LicenseKind,
    order: &Order,
    ground: &NewGround,
    fonts: &Fonts,
    at: Timestamp,
) -> Result<CheckedDraft, Refusal> {
    let today = at.date_in_china();
    let mut faults = number_faults(kind, order);
    faults.extend(ground.replaced.as_ref().and_then(|replaced| other_holder(kind, order, replaced, today)));
    let draft = draft::check(kind, &order.data, at).map_err(|more| faults.extend(more));
    // Values that passed their own checks are tried on the face, whatever became of the others.
    let printable = match &draft {
        Ok(draft) => face_faults(kind, order, ground, fonts, &draft.data, today),
        Err(()) => {
            let (data, _) = draft::values(kind, &order.data, today);
            face_faults(kind, order, ground, fonts, &data, today)
        }
    };
    faults.extend(printable);
    faults.truncate(MOST_FAULTS);
    match draft {
        Ok(draft) if faults.is_empty() => Ok(draft),
        _ => Err(Refusal::invalid(faults)),
    }
}

fn number_faults(kind: &LicenseKind, order: &Order) -> Vec<Fault> {
    let Some(given) = &order.number else { return Vec::new() };
    let mut faults = Vec::from_iter(number::canonical(given).err());
    if order.replaces.is_some() || matches!(kind.number, NumberRule::Field(_)) {
        faults.push(Fault::at("/number", "number.not_yours"));
    }
    faults
}

/// A new edition is about whom the old one is about: another holder is another license.
fn other_holder(kind: &LicenseKind, order: &Order, replaced: &License, today: Date) -> Option<Fault> {
    let field = kind.field(&kind.holder.code)?;
    let raw = order.data.get(&field.name)?;
    let pointer = format!("/data/{}", field.name);
    // A code that is wrong in itself is the draft's fault.
    let code = value::canonical(&field.field_type, raw, &pointer, today).ok()??;
    (code != replaced.holder.code).then(|| Fault::at(pointer, "license.other_holder"))
}

/// What cannot be printed of `data`. What only step 3 knows (identifier, check code, a drawn number) is of our own making
/// and fits; step 5 asks again with everything.
fn face_faults(
    kind: &LicenseKind,
    order: &Order,
    ground: &NewGround,
    fonts: &Fonts,
    data: &LicenseData,
    today: Date,
) -> Vec<Fault> {
    let (valid_from, valid_until) = draft::period(kind, data, today);
    let given = order.number.as_deref().and_then(|given| number::canonical(given).ok());
    let number = match (&kind.number, &given, &ground.replaced) {
        (NumberRule::Field(name), ..) => data.get(name).map_or("", String::as_str),
        (NumberRule::Pattern(_), Some(given), _) => given,
        (NumberRule::Pattern(_), None, Some(replaced)) => &replaced.number,
        (NumberRule::Pattern(_), None, None) => "",
    };
    let content = FaceContent {
        data,
        number,
        identifier: "",
        issuer_name: &ground.department.name_zh,
        issued_on: Some(today),
        valid_from: Some(valid_from),
        valid_until,
        check_code: "",
        verification_url: "",
    };
    let (_, faults) = face::compose_own(kind, &content, fonts);
    faults.iter().map(|fault| face_fault(kind, fault)).collect()
}
