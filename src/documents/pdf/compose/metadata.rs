//! What a file says about itself: XMP, the information dictionary with the same values, and the colour
//! space its colours are meant in.

use super::file::{Objects, date_text, text_string};
use crate::domain::time::{CHINA, Timestamp};
use pdf_writer::Ref;
use xmp_writer::{DateTime, LangId, Timezone, XmpWriter};

/// The program named as the file's maker.
const PRODUCER: &str = concat!("Yinzheng ", env!("CARGO_PKG_VERSION"));

/// Title, maker and times of a file.
pub(super) struct Description<'a> {
    pub title: &'a str,
    pub issuer: &'a str,
    pub identifier: &'a str,
    pub created: Timestamp,
    pub document_id: &'a [u8; 16],
}

impl Description<'_> {
    /// Writes the XMP packet as object `id`, uncompressed as readers of metadata expect it.
    pub fn write_xmp(&self, objects: &mut Objects, id: Ref) {
        let at = self.created.to_offset().to_offset(CHINA);
        let time = DateTime {
            year: u16::try_from(at.year()).unwrap_or_default(),
            month: Some(u8::from(at.month())),
            day: Some(at.day()),
            hour: Some(at.hour()),
            minute: Some(at.minute()),
            second: Some(at.second()),
            timezone: Some(Timezone::Local { hour: 8, minute: 0 }),
        };
        let uuid = format!("uuid:{}", hex::encode(self.document_id));
        let mut xmp = XmpWriter::new();
        xmp.pdfa_part(3).pdfa_conformance("B");
        xmp.format("application/pdf").identifier(self.identifier);
        xmp.title([(None, self.title), (Some(LangId("zh-CN")), self.title)]);
        xmp.creator([self.issuer]).language([LangId("zh-CN")]);
        xmp.create_date(time).modify_date(time).metadata_date(time);
        xmp.creator_tool(PRODUCER).producer(PRODUCER);
        xmp.document_id(&uuid).instance_id(&uuid);
        let packet = xmp.finish(None);
        objects.object(id, |chunk| {
            chunk.metadata(id, packet.as_bytes());
        });
    }

    /// Writes the information dictionary as object `id`.
    pub fn write_info(&self, objects: &mut Objects, id: Ref) {
        objects.begin(id);
        let out = &mut objects.bytes;
        out.extend_from_slice(format!("{} 0 obj\n<</Title", id.get()).as_bytes());
        text_string(out, self.title);
        out.extend_from_slice(b"/Author");
        text_string(out, self.issuer);
        out.extend_from_slice(b"/Creator");
        text_string(out, PRODUCER);
        out.extend_from_slice(b"/Producer");
        text_string(out, PRODUCER);
        let date = date_text(self.created);
        out.extend_from_slice(format!("/CreationDate({date})/ModDate({date})>>\nendobj\n\n").as_bytes());
    }
}

/// An sRGB profile (ICC), for the output intent.
pub(super) fn srgb_profile() -> Vec<u8> {
    let mut profile = moxcms::ColorProfile::new_srgb();
    // The library writes the present time here; nothing but ports::clock may bring time into our files.
    profile.creation_date_time =
        moxcms::ColorDateTime { year: 2026, month: 1, day_of_the_month: 1, hours: 0, minutes: 0, seconds: 0 };
    profile.encode().expect("the built-in sRGB profile can be written: a test writes it")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_profile_is_an_rgb_display_profile() {
        let profile = super::srgb_profile();
        assert_eq!(&profile[36..40], b"acsp");
        assert_eq!((&profile[12..16], &profile[16..20]), (&b"mntr"[..], &b"RGB "[..]));
        let size = u32::from_be_bytes([profile[0], profile[1], profile[2], profile[3]]);
        assert_eq!(size as usize, profile.len());
        let date: Vec<u8> = [2026_u16, 1, 1, 0, 0, 0].into_iter().flat_map(u16::to_be_bytes).collect();
        assert_eq!(&profile[24..36], date, "the profile carries a fixed date, not the clock's");
    }
}
