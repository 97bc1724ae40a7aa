//! License files (证照文件): the forms a license is issued in, and the files it was released as.

use crate::domain::suite::Suite;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileFormat {
    /// PDF with a PAdES seal.
    Pdf,
    /// OFD (GB/T 33190-2016) with a seal of GB/T 38540-2020.
    Ofd,
}

impl FileFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Pdf, Self::Ofd];

    /// Stable name; also how the names of such files end.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Ofd => "ofd",
        }
    }

    /// The format of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Ofd => "application/ofd",
        }
    }
}

/// A form a license is issued in: a format, sealed with a suite. A license has at most one file of each format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileForm {
    /// The format.
    pub format: FileFormat,
    /// The suite of the seal on it.
    pub suite: Suite,
}

/// A file that a license was released as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenseFile {
    /// Its form.
    pub form: FileForm,
    /// SHA-256 of its bytes: its name in the file store.
    pub sha256: [u8; 32],
}
