//! What the sharing service answers.

use crate::app::sharing::ask::{self, Compared, Shared};
use crate::app::sharing::changes::Change;
use crate::domain::paper::Paper;
use crate::domain::time::format_date;
use crate::http::problem::InBoth;
use serde::Serialize;
use utoipa::ToSchema;

/// A license as another system sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedLicense {
    /// Identifier (GB/T 36904).
    cert_identifier: String,
    /// Kind.
    kind: String,
    /// What the kind is called.
    kind_title: InBoth,
    /// Who issued it.
    issuer_name: String,
    /// Where it stands; of one that is not `in-force` no field is given.
    standing: String,
    /// First day of validity.
    #[schema(format = "date")]
    valid_from: String,
    /// Last day of validity; null if it has no end.
    #[schema(format = "date")]
    valid_until: Option<String>,
    /// On what ground you see it: `law` or `consent`.
    ground: String,
    /// What you may see of it.
    fields: Vec<SharedField>,
}

/// A field that may be seen.
#[derive(Serialize, ToSchema)]
pub struct SharedField {
    /// Name.
    name: String,
    /// What it is called.
    title: InBoth,
    /// Value, or what its mask leaves of it; null if the license leaves it empty.
    value: Option<String>,
    /// Whether it is masked: sensitive, and not shown to you with a reason.
    masked: bool,
}

impl From<ask::SharedField> for SharedField {
    fn from(field: ask::SharedField) -> Self {
        let ask::SharedField { name, title, value, masked } = field;
        Self { name, title: title.into(), value, masked }
    }
}

/// Licenses of a holder.
#[derive(Serialize, ToSchema)]
pub struct SharedList {
    /// Newest first.
    pub items: Vec<SharedLicense>,
}

/// What came of comparing.
#[derive(Serialize, ToSchema)]
pub struct ComparedView {
    /// Where the license stands.
    standing: String,
    /// Whether every item is the same.
    matches: bool,
    /// Each item.
    items: Vec<ComparedItem>,
}

/// An item that was compared.
#[derive(Serialize, ToSchema)]
pub struct ComparedItem {
    /// Name of the field.
    name: String,
    /// Whether the license says the same. A field that you may not see, or see masked, is not the same.
    matches: bool,
}

/// Where an annotated copy is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CopyLink {
    /// Identity of the copy.
    id: String,
    /// Where to fetch it, as the one who asked.
    #[schema(format = "uri")]
    url: String,
    /// The forms it is there in.
    formats: Vec<String>,
    /// When it ends.
    #[schema(format = "date-time")]
    expires_at: Option<String>,
}

/// A remark that was taken.
#[derive(Serialize, ToSchema)]
pub struct RemarkMade {
    /// Identity of the remark.
    pub id: String,
}

/// What has changed.
#[derive(Serialize, ToSchema)]
pub struct ChangeList {
    /// In the order in which it was settled.
    items: Vec<ChangeView>,
    /// Where to go on, also when there is nothing yet.
    next: String,
}

/// Something that happened to a license.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView {
    /// The license.
    cert_identifier: String,
    /// Its kind.
    kind: String,
    /// What happened.
    what: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

impl From<Shared> for SharedLicense {
    fn from(shared: Shared) -> Self {
        Self {
            cert_identifier: shared.license.to_string(),
            kind: shared.kind,
            kind_title: shared.title.into(),
            issuer_name: shared.issuer_name,
            standing: shared.standing.name().to_owned(),
            valid_from: format_date(shared.valid_from),
            valid_until: shared.valid_until.map(format_date),
            ground: shared.ground.to_owned(),
            fields: shared.fields.into_iter().map(SharedField::from).collect(),
        }
    }
}

impl From<Compared> for ComparedView {
    fn from(compared: Compared) -> Self {
        Self {
            standing: compared.standing.name().to_owned(),
            matches: compared.items.iter().all(|(_, same)| *same),
            items: compared.items.into_iter().map(|(name, matches)| ComparedItem { name, matches }).collect(),
        }
    }
}

impl CopyLink {
    /// Of this copy, below this address.
    pub fn of(base: &str, paper: &Paper) -> Self {
        Self {
            id: paper.id.clone(),
            url: format!("{base}/v1/annotated-copies/{}/file", paper.id),
            formats: paper.files.iter().map(|file| file.form.name().to_owned()).collect(),
            expires_at: paper.expires_at.map(|at| at.to_string()),
        }
    }
}

impl ChangeList {
    /// These, going on there.
    pub fn of(changes: Vec<Change>, next: String) -> Self {
        let items = changes.into_iter().map(|change| ChangeView {
            cert_identifier: change.license.to_string(),
            kind: change.kind,
            what: change.what,
            at: change.at.to_string(),
        });
        Self { items: items.collect(), next }
    }
}
