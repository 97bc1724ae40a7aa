//! Electronic licenses (电子证照, GB/T 36901-2018).

pub mod check;
pub mod draft;
pub mod face;
pub mod file;
pub mod form;
pub mod identifier;
pub mod kind;
pub mod kinds;
pub mod mask;
pub mod metadata;
pub mod number;
pub mod record;

pub use file::{FileForm, FileFormat, LicenseFile};
pub use identifier::LicenseId;
pub use kind::{LicenseKind, NumberRule};
pub use kinds::Kinds;
pub use record::{Ending, Holder, License, LicenseData, LicenseState, Standing};
