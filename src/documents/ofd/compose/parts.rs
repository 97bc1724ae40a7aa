//! The parts that say what a package holds (GB/T 33190-2016 clauses 7, 8, 16 and 17).

use super::OfdContent;
use super::fonts::FontEntry;
use super::path::Bounds;
use super::tags::{self, Tags};
use crate::documents::attachment::DataFile;
use crate::documents::ofd::xml::Xml;
use crate::documents::ofd::{DOCUMENT, EXPECTED_SEALS, SIGNATURES};
use crate::domain::license::LicenseKind;
use crate::domain::time::{CHINA, Timestamp, compact};

/// The program named as the file's maker.
const CREATOR: &str = "Yinzheng";

/// A page as the document lists it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PageEntry {
    pub id: u32,
    pub template: u32,
    pub width: f32,
    pub height: f32,
}

impl PageEntry {
    /// Writes the page's size.
    pub fn write_area(&self, xml: &mut Xml, element: &str) {
        let all = Bounds { left: 0.0, top: 0.0, right: self.width, bottom: self.height };
        xml.open(element, &[]);
        xml.text("ofd:PhysicalBox", &[], &all.text());
        xml.close(element);
    }
}

/// `OFD.xml`: what the document is, where it begins, and where its signatures will be listed. That is named from the
/// start, since every seal covers this part.
pub(super) fn root(content: &OfdContent<'_>) -> Vec<u8> {
    let date = content.created.date_in_china().to_string();
    let mut xml = Xml::begin("ofd:OFD", &[("Version", "1.0"), ("DocType", "OFD")]);
    xml.open("ofd:DocBody", &[]);
    xml.open("ofd:DocInfo", &[]);
    xml.text("ofd:DocID", &[], &hex::encode(content.document_id));
    xml.text("ofd:Title", &[], content.title);
    xml.text("ofd:Author", &[], content.face.issuer_name);
    xml.text("ofd:Subject", &[], content.face.identifier);
    xml.text("ofd:CreationDate", &[], &date);
    xml.text("ofd:ModDate", &[], &date);
    xml.text("ofd:Creator", &[], CREATOR);
    xml.text("ofd:CreatorVersion", &[], env!("CARGO_PKG_VERSION"));
    xml.open("ofd:CustomDatas", &[]);
    let mut data = |name: &str, value: &str| xml.text("ofd:CustomData", &[("Name", name)], value);
    for (element, value) in content.metadata {
        data(tags::metadata_name(element), value);
    }
    data("CJSJ", &compact(content.created));
    for (field, value) in content.face.data {
        data(&tags::extension_name(field), value);
    }
    data(EXPECTED_SEALS, &content.expected_seals.join(" "));
    xml.close("ofd:CustomDatas");
    xml.close("ofd:DocInfo");
    xml.text("ofd:DocRoot", &[], DOCUMENT);
    xml.text("ofd:Signatures", &[], SIGNATURES);
    xml.close("ofd:DocBody");
    xml.finish()
}

/// `Document.xml`.
pub(super) fn document(pages: &[PageEntry], colour_space: u32, max_id: u32) -> Vec<u8> {
    let mut xml = Xml::begin("ofd:Document", &[]);
    xml.open("ofd:CommonData", &[]);
    xml.text("ofd:MaxUnitID", &[], &max_id.to_string());
    if let Some(first) = pages.first() {
        first.write_area(&mut xml, "ofd:PageArea");
    }
    xml.text("ofd:PublicRes", &[], "PublicRes.xml");
    xml.text("ofd:DocumentRes", &[], "DocumentRes.xml");
    for (n, page) in pages.iter().enumerate() {
        let (id, path) = (page.template.to_string(), format!("Tpls/Tpl_{n}/Content.xml"));
        xml.empty("ofd:TemplatePage", &[("ID", &id), ("ZOrder", "Background"), ("BaseLoc", &path)]);
    }
    xml.text("ofd:DefaultCS", &[], &colour_space.to_string());
    xml.close("ofd:CommonData");
    xml.open("ofd:Pages", &[]);
    for (n, page) in pages.iter().enumerate() {
        let (id, path) = (page.id.to_string(), format!("Pages/Page_{n}/Content.xml"));
        xml.empty("ofd:Page", &[("ID", &id), ("BaseLoc", &path)]);
    }
    xml.close("ofd:Pages");
    xml.text("ofd:CustomTags", &[], "Tags/CustomTags.xml");
    xml.text("ofd:Attachments", &[], "Attachs/Attachments.xml");
    xml.finish()
}

/// `PublicRes.xml`: the colour space and the fonts.
pub(super) fn public_resources<'a>(
    colour_space: u32,
    fonts: impl IntoIterator<Item = &'a FontEntry>,
) -> Vec<u8> {
    let mut xml = Xml::begin("ofd:Res", &[("BaseLoc", "Res")]);
    xml.open("ofd:ColorSpaces", &[]);
    let attributes = [("ID", &*colour_space.to_string()), ("Type", "RGB"), ("BitsPerComponent", "8")];
    xml.empty("ofd:ColorSpace", &attributes);
    xml.close("ofd:ColorSpaces");
    let mut fonts = fonts.into_iter().peekable();
    if fonts.peek().is_some() {
        xml.open("ofd:Fonts", &[]);
        fonts.for_each(|font| font.write(&mut xml));
        xml.close("ofd:Fonts");
    }
    xml.finish()
}

/// `CustomTags.xml`: names the one tag file.
pub(super) fn custom_tags(kind: &LicenseKind) -> Vec<u8> {
    let mut xml = Xml::begin("ofd:CustomTags", &[]);
    xml.open("ofd:CustomTag", &[("NameSpace", &Tags::namespace(kind))]);
    xml.text("ofd:FileLoc", &[], "CustomTag.xml");
    xml.close("ofd:CustomTag");
    xml.finish()
}

/// An attached file.
pub(super) struct Attached<'a> {
    id: String,
    pub name: String,
    format: &'static str,
    pub content: &'a [u8],
}

/// The license data; then the X.509 certificates that lie between the seals' and a root, and their revocation lists, DER
/// each. No standard names a place for those in OFD, so without them an offline verifier would have to know them.
pub(super) fn attached<'a>(content: &OfdContent<'a>, data: DataFile) -> Vec<Attached<'a>> {
    let (name, id) = (data.name.to_owned(), data.name.trim_end_matches(".json").to_owned());
    let mut files = vec![Attached { id, name, format: "json", content: content.attachment_json }];
    let validation = content.validation;
    for (format, ders) in [("cer", &validation.x509s), ("crl", &validation.crls)] {
        files.extend(ders.iter().enumerate().map(|(n, der)| Attached {
            id: format!("{format}-{n}"),
            name: format!("validation-{n}.{format}"),
            format,
            content: der,
        }));
    }
    files
}

/// The list of attached files, none of them shown to readers.
pub(super) fn attachments(files: &[Attached<'_>], created: Timestamp) -> Vec<u8> {
    let at = created.to_offset().to_offset(CHINA);
    let made = format!("{}T{:02}:{:02}:{:02}+08:00", at.date(), at.hour(), at.minute(), at.second());
    let mut xml = Xml::begin("ofd:Attachments", &[]);
    for file in files {
        // The size is in kilobytes.
        let size = format!("{:.3}", file.content.len() as f64 / 1024.0);
        let attributes = [
            ("ID", file.id.as_str()),
            ("Name", &file.name),
            ("Format", file.format),
            ("CreationDate", &made),
            ("ModDate", &made),
            ("Size", &size),
            ("Visible", "false"),
            ("Usage", "data"),
        ];
        xml.open("ofd:Attachment", &attributes);
        xml.text("ofd:FileLoc", &[], &file.name);
        xml.close("ofd:Attachment");
    }
    xml.finish()
}
