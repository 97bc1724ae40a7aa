//! What the fuzzers begin with: small sealed packages that have every part an examination follows.

#[path = "../../../../../fuzz/src/replaced.rs"]
mod replaced;

use super::*;
use crate::formats::testing::keep_seed;
use replaced::REPLACED;

/// A license with everything that leads from one part to another, and what its chains need.
fn rich(expected: &str) -> Parts {
    let bench = bench();
    let mut parts = unsealed(expected);
    let ofd =
        |inside: &str, name: &str| format!(r#"<ofd:{name} xmlns:ofd="{NAMESPACE}">{inside}</ofd:{name}>"#);
    let document = "Doc_0/Document.xml";
    parts.replace(
        document,
        "</ofd:CommonData>",
        r#"<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes><ofd:TemplatePage ID="7" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>"#,
    );
    parts.replace(
        document,
        "</ofd:Pages>",
        r#"<ofd:Page ID="2" BaseLoc="/Doc_0/Pages/Page_1/Content.xml"/></ofd:Pages>"#,
    );
    parts.replace(
        document,
        "</ofd:Document>",
        "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags><ofd:Extensions>Extensions.xml</ofd:Extensions></ofd:Document>",
    );
    let page = r#"<ofd:Area><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:Area><ofd:Template TemplateID="7"/><ofd:PageRes>PageRes.xml</ofd:PageRes><ofd:Content><ofd:Layer ID="4"><ofd:TextObject ID="5" Boundary="0 0 9 9" Font="3" Size="4"><ofd:TextCode X="0" Y="4">营</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content>"#;
    parts.put("Doc_0/Pages/Page_1/Content.xml", ofd(page, "Page"));
    let media = r#"<ofd:ColorSpaces><ofd:ColorSpace ID="8" Type="RGB" Profile="rgb.icc"/></ofd:ColorSpaces><ofd:MultiMedias><ofd:MultiMedia ID="9" Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>"#;
    parts.put("Doc_0/Pages/Page_1/PageRes.xml", ofd(media, "Res"));
    parts.put("Doc_0/Pages/Page_1/a.png", *b"\x89PNG");
    parts.put("Doc_0/Pages/Page_1/rgb.icc", *b"icc");
    parts.put("Doc_0/DocumentRes.xml", ofd("", "Res"));
    parts.put("Doc_0/Tpls/Tpl_0/Content.xml", ofd("<ofd:Content/>", "Page"));
    let listed = r#"<ofd:Page PageID="1"><ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc></ofd:Page>"#;
    parts.put("Doc_0/Annots/Annotations.xml", ofd(listed, "Annotations"));
    parts.put("Doc_0/Annots/Page_0/Annotation.xml", ofd("", "PageAnnot"));
    let tags = r#"<ofd:CustomTag NameSpace="urn:t"><ofd:FileLoc>CustomTag.xml</ofd:FileLoc></ofd:CustomTag>"#;
    parts.put("Doc_0/Tags/CustomTags.xml", ofd(tags, "CustomTags"));
    parts.put("Doc_0/Tags/CustomTag.xml", *b"<t:License xmlns:t=\"urn:t\"/>");
    let extension = r#"<ofd:Extension AppName="t" RefId="1"><ofd:ExtendData>/Doc_0/x.dat</ofd:ExtendData></ofd:Extension>"#;
    parts.put("Doc_0/Extensions.xml", ofd(extension, "Extensions"));
    parts.put("Doc_0/x.dat", *b"x");
    let crls = bench.pki.crls(&[]);
    let mut more = String::new();
    for (name, content) in [("ca.cer", &bench.pki.ca), ("root.crl", &crls[0]), ("ca.crl", &crls[1])] {
        more += &format!(
            r#"<ofd:Attachment ID="{name}" Name="{name}"><ofd:FileLoc>{name}</ofd:FileLoc></ofd:Attachment>"#
        );
        parts.put(&format!("Doc_0/Attachs/{name}"), content.clone());
    }
    let close = "</ofd:Attachments>";
    parts.replace("Doc_0/Attachs/Attachments.xml", close, &format!("{more}{close}"));
    parts
}

#[test]
fn seeds_have_every_part_and_pass() {
    let bench = bench();
    let mut sealed = rich(FIRST);
    sealed.seal(&bench.sealer());
    let mut twice = rich(&format!("{FIRST} {SECOND}"));
    let first = bench.pki.sealed(Version::V5).raw;
    twice.seal(&Sealer { last: false, seal: first, version: Version::V5, ..bench.sealer() });
    twice.seal(&bench.second_sealer());
    let trust = bench.pki.trust();
    keep_seed("known/ofd/root.cer", &bench.pki.root);
    for (parts, name) in [(&sealed, "sealed"), (&twice, "sealed-twice")] {
        let bytes = parts.zipped();
        let facts = examine(&bytes, Known::of(&trust)).expect("examined");
        assert_eq!((facts.pages, facts.parts), (2, parts.0.len()));
        let report = judge_ofd(&facts, &Policy::default(), bench.at().plus(DAY));
        assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
        keep_seed(&format!("corpus/ofd_package/{name}.ofd"), &bytes);
    }
    for (path, content) in &sealed.0 {
        // The place of the part, which tells the target what to replace, and its content.
        if let Some(place) = REPLACED.iter().position(|replaced| replaced == path) {
            let place = u8::try_from(place).expect("few parts");
            let name = path.replace('/', "-");
            keep_seed(&format!("corpus/ofd_xml/{name}"), &[&[place], content.as_slice()].concat());
        }
    }
    assert!(REPLACED.iter().all(|path| !sealed.get(path).is_empty()));
}
