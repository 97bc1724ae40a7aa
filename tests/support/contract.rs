//! Contracts to be sealed: as other programs write them, and made here with what a story needs.

use lopdf::{Document, Object, Stream, dictionary};
use std::io::{Cursor, Write as _};
use std::path::Path;

/// A contract of three pages that Chromium printed. On the third stand `甲方（盖章）：` and `乙方（盖章）：`.
pub fn printed() -> Vec<u8> {
    sample("pdf/chromium.pdf")
}

/// A file of the samples.
pub fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::fs::read(folder.join(name)).expect("a sample")
}

/// A PDF with these lines on each of its pages.
pub fn pdf(pages: &[&[&str]]) -> Vec<u8> {
    saved(document(pages))
}

/// The same, still to be changed.
pub fn document(pages: &[&[&str]]) -> Document {
    let mut document = Document::with_version("1.7");
    let root = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let mut kids: Vec<Object> = Vec::new();
    for lines in pages {
        let text: String = lines.iter().map(|line| format!("({line}) Tj 0 -12 Td ")).collect();
        let text = format!("BT /F1 10 Tf 100 780 Td {text} ET").into_bytes();
        let content = document.add_object(Stream::new(dictionary! {}, text));
        let page = dictionary! { "Type" => "Page", "Parent" => root, "Contents" => content };
        kids.push(document.add_object(page).into());
    }
    let all = dictionary! {
        "Type" => "Pages", "Count" => pages.len() as i64, "Kids" => kids,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
    };
    document.objects.insert(root, all.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
    document.trailer.set("Root", catalog);
    document
}

/// Its bytes.
pub fn saved(mut document: Document) -> Vec<u8> {
    let mut out = Vec::new();
    document.save_to(&mut out).expect("saved");
    out
}

/// An OFD contract of two pages, with `甲方（盖章）` on the first and `乙方（盖章）` on the second.
pub fn ofd() -> Vec<u8> {
    let xmlns = r#"xmlns:ofd="http://www.ofdspec.org/2016""#;
    let page = |text: &str| {
        format!(
            r#"<ofd:Page {xmlns}><ofd:Content><ofd:Layer ID="8"><ofd:TextObject ID="9" Boundary="20 40 100 10" Font="3" Size="5"><ofd:TextCode X="0" Y="5" DeltaX="g 5 5">{text}</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>"#
        )
    };
    zipped(&[
        (
            "OFD.xml",
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {xmlns} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0123456789abcdef0123456789abcdef</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"#
            ),
        ),
        (
            "Doc_0/Document.xml",
            format!(
                r#"<ofd:Document {xmlns}><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/><ofd:Page ID="2" BaseLoc="Pages/Page_1/Content.xml"/></ofd:Pages></ofd:Document>"#
            ),
        ),
        (
            "Doc_0/PublicRes.xml",
            format!(
                r#"<ofd:Res {xmlns} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="SimSun"/></ofd:Fonts></ofd:Res>"#
            ),
        ),
        ("Doc_0/Pages/Page_0/Content.xml", page("甲方（盖章）")),
        ("Doc_0/Pages/Page_1/Content.xml", page("乙方（盖章）")),
    ])
}

fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (path, content) in parts {
        zip.start_file(*path, options).expect("a new name");
        zip.write_all(content.as_bytes()).expect("memory");
    }
    zip.finish().expect("finished").into_inner()
}
