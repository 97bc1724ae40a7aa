//! The parts that the target `ofd_xml` replaces, by the first byte of an input; its seeds are made by the same list.

pub const REPLACED: [&str; 18] = [
    "OFD.xml",
    "Doc_0/Document.xml",
    "Doc_0/Signs/Signatures.xml",
    "Doc_0/Signs/Sign_0/Signature.xml",
    "Doc_0/Signs/Sign_0/SignedValue.dat",
    "Doc_0/Signs/Sign_0/Seal.esl",
    "Doc_0/Pages/Page_0/Content.xml",
    "Doc_0/Pages/Page_1/Content.xml",
    "Doc_0/Pages/Page_1/PageRes.xml",
    "Doc_0/Tpls/Tpl_0/Content.xml",
    "Doc_0/PublicRes.xml",
    "Doc_0/Annots/Annotations.xml",
    "Doc_0/Attachs/Attachments.xml",
    "Doc_0/Attachs/license.json",
    "Doc_0/Attachs/ca.cer",
    "Doc_0/Attachs/ca.crl",
    "Doc_0/Tags/CustomTags.xml",
    "Doc_0/Extensions.xml",
];
