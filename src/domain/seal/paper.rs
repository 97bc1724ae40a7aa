//! Papers of an application for a seal that are kept here: what they may be, told by their content.

use super::SealCode;
use crate::domain::time::Timestamp;

/// What a paper is. Nobody's word is taken for it: the first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaperMedia {
    /// PDF.
    Pdf,
    /// OFD (GB/T 33190-2016).
    Ofd,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

impl PaperMedia {
    /// Every sort of paper.
    pub const ALL: [Self; 4] = [Self::Pdf, Self::Ofd, Self::Png, Self::Jpeg];

    /// What these bytes are; `None` if none of these. Says nothing of whether the rest of them can be read.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let named = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
        match bytes {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            // An archive whose table of contents names the root of an OFD.
            [b'P', b'K', 3, 4, ..] if named(b"OFD.xml") => Some(Self::Ofd),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            _ => None,
        }
    }

    /// Its media type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Ofd => "application/ofd",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The sort of that media type.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|media| media.name() == name)
    }

    /// How names of such files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Ofd => "ofd",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

/// A paper whose bytes are kept in the file store, under their digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPaper {
    /// The seal that it belongs to.
    pub seal: SealCode,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// What it is.
    pub media: PaperMedia,
    /// Who brought it (credential id).
    pub by: String,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_is_what_its_content_says() {
        for (bytes, media) in [
            (&b"%PDF-1.7\n"[..], Some(PaperMedia::Pdf)),
            (b"%PDF", None),
            (b"PK\x03\x04....OFD.xml....", Some(PaperMedia::Ofd)),
            (b"PK\x03\x04....word/document.xml....", None),
            (b"\x89PNG\r\n\x1A\n....", Some(PaperMedia::Png)),
            (b"\x89PNG", None),
            (b"\xFF\xD8\xFF\xE0....", Some(PaperMedia::Jpeg)),
            (b"<!DOCTYPE html>", None),
            (b"<svg/>", None),
            (b"", None),
        ] {
            assert_eq!(PaperMedia::of(bytes), media, "{bytes:?}");
        }
        for media in PaperMedia::ALL {
            assert_eq!(PaperMedia::parse(media.name()), Some(media));
        }
    }
}
