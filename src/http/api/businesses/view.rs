//! A business as the API shows it.

use crate::app::business::read::Whole;
use crate::http;
use crate::http::api::licenses::view::LicenseView;
use crate::http::api::seals::view::SealView;
use serde::Serialize;
use utoipa::ToSchema;

/// A business with what it has now.
#[derive(Serialize, ToSchema)]
pub struct BusinessView {
    /// Unified social credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    pub code: String,
    /// Its name in full.
    pub name: String,
    /// The department that registered it, by credit code.
    pub registry: String,
    /// `active` or `deregistered`.
    #[schema(pattern = "^(active|deregistered)$")]
    pub state: String,
    /// Who controls its seals (credential); null until control is handed over.
    pub manager: Option<String>,
    /// Its license as it stands.
    pub license: LicenseView,
    /// Its seals as they stand, one of each purpose.
    pub seals: Vec<SealView>,
    /// Grows with each change.
    pub revision: u32,
    /// When it was registered here.
    #[schema(format = "date-time")]
    pub registered_at: String,
    /// When it was changed last.
    #[schema(format = "date-time")]
    pub changed_at: String,
}

impl BusinessView {
    /// As it stands now.
    pub fn of(state: &http::State, whole: Whole) -> Self {
        let (now, business) = (state.clock.now(), whole.business);
        Self {
            code: business.code,
            name: business.name,
            registry: business.registry,
            state: business.state.name().to_owned(),
            manager: business.manager,
            license: LicenseView::of(state, whole.license),
            seals: whole.seals.into_iter().map(|seal| SealView::of(seal, &[], now)).collect(),
            revision: business.revision,
            registered_at: business.registered_at.to_string(),
            changed_at: business.changed_at.to_string(),
        }
    }
}
