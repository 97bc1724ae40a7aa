//! Seals of another implementation, our own, and their twins.

use super::testing::SmPki;
use super::*;
use crate::crypto::sm3;
use crate::formats::asn1::{Cursor, context, encoded, tlv};
use crate::formats::x509::testing::DAY;
use der::Tag;

const V1: &[u8] = include_bytes!("../../../tests/data/ofd/UserV1.esl");
const V4: &[u8] = include_bytes!("../../../tests/data/ofd/UserV4.esl");
const V5: &[u8] = include_bytes!("../../../tests/data/ofd/UserV5.esl");
const SIGNED: &[u8] = include_bytes!("../../../tests/data/ofd/SignedValueV4.dat");

#[test]
fn seals_made_elsewhere_are_read() {
    for (bytes, version, id, name, created) in [
        (V1, Version::V1, "40C8CDD24DEF43388B86E62CCE1D6832", "OFDRW测试用印章", "2020-04-22T02:18:07Z"),
        (V4, Version::V4, "51f044b76510434e9bc67a1185c2fba5", "OFD R&W 测试用印章", "2020-04-22T02:09:00Z"),
        (V5, Version::V5, "09aaf39291e049e4b3d716414590937e", "OFD R&W V5测试用印章", "2026-04-24T08:53:23Z"),
    ] {
        let seal = read_seal(bytes).expect("reads");
        assert_eq!((seal.version, seal.id.as_str(), seal.name.as_str()), (version, id, name));
        assert_eq!(seal.created.to_string(), created);
        assert_eq!(
            (seal.picture.format.as_str(), seal.picture.width_mm, seal.picture.height_mm),
            ("PNG", 40, 40)
        );
        assert!(seal.picture.data.starts_with(b"\x89PNG"));
        assert!(seal.maker_signature_is_right(), "{version:?}");
        assert_eq!((seal.raw.as_slice(), shape(bytes)), (bytes, Some(Shape::Seal)));
        let SignerList::X509s(listed) = &seal.signers else { panic!("certificates") };
        assert!(seal.admits(&listed[0]) && !seal.admits(&seal.maker_x509));
    }
    assert_eq!(read_seal(V4).expect("reads").valid_until.to_string(), "2022-04-22T02:09:00Z");
}

#[test]
fn a_signature_made_elsewhere_is_read() {
    let read = read_signature(SIGNED).expect("reads");
    assert_eq!((read.version, read.property.as_str()), (Version::V4, "/Doc_0/Signs/Sign_0/Signature.xml"));
    assert_eq!(read.claimed_time().map(|at| at.to_string()).as_deref(), Some("2020-10-12T11:14:03Z"));
    assert_eq!((read.seal.raw.as_slice(), read.data_hash.len()), (V4, 32));
    assert!(read.signature_is_right() && read.seal.admits(&read.signer_x509));
    assert_eq!(shape(SIGNED), Some(Shape::Signature));
}

/// Places at which a changed byte goes unnoticed.
fn unnoticed(bytes: &[u8], is_right: impl Fn(&[u8]) -> bool) -> Vec<usize> {
    assert!(is_right(bytes));
    let mut twin = bytes.to_vec();
    let mut found = Vec::new();
    for place in 0..bytes.len() {
        twin[place] ^= 0x01;
        if is_right(&twin) {
            found.push(place);
        }
        twin[place] ^= 0x01;
    }
    found
}

#[test]
fn every_byte_of_a_seal_and_a_signature_counts() {
    let pki = SmPki::new();
    for version in [Version::V4, Version::V5] {
        let seal = pki.sealed(version);
        let right = |bytes: &[u8]| {
            read_seal(bytes).is_ok_and(|read| {
                let token = read.timestamp_token.as_deref().map(crate::formats::tsp::read_token);
                let stamped = token.is_none_or(|token| {
                    token.is_ok_and(|token| token.is_intact() && token.stamps(&read.signature))
                });
                // A chain vouches for the certificate; here its bytes are compared.
                read.version == version
                    && read.timestamp_token.is_some() == (version == Version::V5)
                    && read.maker_x509 == pki.maker
                    && stamped
                    && read.maker_signature_is_right()
            })
        };
        let token = seal.timestamp_token.as_ref().map_or(0, Vec::len);
        let frame = seal.raw.len() - token;
        let all = unnoticed(&seal.raw, right);
        // In a token the frame around the signer is not signed; whoever judges tokens asks that it be canonical.
        assert!(all.iter().all(|place| *place >= frame), "{version:?}: {all:?}");
        assert!(all.len() < 40, "{version:?}: {all:?}");
    }
    let seal = pki.sealed(Version::V4);
    let content = TbsContent {
        version: Version::V4,
        seal: &seal.raw,
        time: pki.now.plus(DAY * 2),
        data_hash: &sm3(b"Signature.xml"),
        property: "/Doc_0/Signs/Sign_0/Signature.xml",
        extensions: &[],
    };
    let whole = pki.signature(&content, false);
    let right = |bytes: &[u8]| {
        read_signature(bytes).is_ok_and(|r| r.signer_x509 == pki.seal && r.signature_is_right())
    };
    assert_eq!(unnoticed(&whole, right), Vec::<usize>::new());
}

/// The samples are large, nearly all of it picture: there only each hundredth byte is tried.
#[test]
fn every_byte_of_the_samples_counts() {
    for bytes in [V1, V4, V5] {
        let maker = read_seal(bytes).expect("reads").maker_x509;
        let picture = 800..16_200;
        for place in (0..bytes.len()).filter(|place| !picture.contains(place) || place % 100 == 0) {
            let mut twin = bytes.to_vec();
            twin[place] ^= 0x01;
            let same = read_seal(&twin).is_ok_and(|r| r.maker_x509 == maker && r.maker_signature_is_right());
            assert!(!same, "byte {place}");
        }
    }
}

#[test]
fn what_is_cut_short_or_goes_on_is_refused() {
    for bytes in [V1, V4, V5] {
        for end in (0..bytes.len()).step_by(97) {
            assert!(read_seal(&bytes[..end]).is_err());
        }
        assert!(read_seal(&[bytes, &[0]].concat()).is_err());
        assert!(read_signature(bytes).is_err());
    }
    for end in (0..SIGNED.len()).step_by(97) {
        assert!(read_signature(&SIGNED[..end]).is_err());
    }
    assert!(read_signature(&[SIGNED, &[0]].concat()).is_err() && read_seal(SIGNED).is_err());
    assert!(read_seal(&vec![0x30; MAX_SEAL_BYTES + 1]).is_err());
    assert_eq!((shape(b"%PDF-1.7"), shape(b"PK\x03\x04"), shape(b"")), (None, None, None));
}

#[test]
fn what_is_written_is_read() {
    let pki = SmPki::new();
    let extension = Extension {
        oid: ObjectIdentifier::new_unwrap("1.2.156.10197.6.7.2.2.1"),
        critical: false,
        value: b"2.1",
    };
    for version in [Version::V4, Version::V5] {
        let signers = [pki.seal.as_slice()];
        let content = SealContent { extensions: &[extension], ..pki.content(version, &signers) };
        let seal = pki.make(&content);
        assert_eq!((seal.version, seal.kind, seal.stated_version), (version, 4, version.number()));
        assert_eq!((seal.extensions.as_slice(), seal.id.as_str()), ([extension.oid].as_slice(), content.id));
        assert_eq!((seal.created, seal.valid_until), (content.created, content.valid_until));
        assert!(seal.maker_signature_is_right() && seal.admits(&pki.seal) && !seal.admits(&pki.ca));
        let tbs = TbsContent {
            version,
            seal: &seal.raw,
            time: pki.now.plus(DAY * 2),
            data_hash: &[7; 32],
            property: "/Doc_0/Signs/Sign_0/Signature.xml",
            extensions: &[extension],
        };
        let read = read_signature(&pki.signature(&tbs, true)).expect("reads");
        assert!(read.signature_is_right());
        assert_eq!((&read.seal.raw, read.data_hash.as_slice()), (&seal.raw, [7; 32].as_slice()));
        assert_eq!((read.time, read.extensions), (TimeInfo::Claimed(tbs.time), vec![extension.oid]));
        let token = crate::formats::tsp::read_token(&read.timestamp_token.expect("a token")).expect("reads");
        assert!(token.is_intact() && token.stamps(&read.signature));
    }
}

#[test]
fn what_cannot_stand_in_a_seal_is_refused() {
    let pki = SmPki::new();
    let signers = [pki.seal.as_slice()];
    let good = pki.content(Version::V4, &signers);
    let refused = |content: SealContent<'_>| seal_info(&content).expect_err("refused").field;
    assert_eq!(refused(SealContent { version: Version::V1, ..good }), "version");
    assert_eq!(refused(SealContent { vendor: "印证", ..good }), "vendor");
    assert_eq!(refused(SealContent { id: "", ..good }), "id");
    assert_eq!(refused(SealContent { name: "一\n", ..good }), "name");
    assert_eq!(refused(SealContent { signers: &[], ..good }), "signers");
    assert_eq!(refused(SealContent { picture_format: "P\0", ..good }), "picture_format");
    let before = crate::domain::time::Timestamp::from_seconds(-1);
    assert_eq!(refused(SealContent { created: before, ..good }), "created");
    // Structure 4 has no place for a token.
    let info = seal_info(&good).expect("fits");
    assert!(assemble_seal(&info, &pki.maker, b"x", Some(b"token")).is_err());
}

/// Takes our seal apart and puts other extensions in.
fn with_extensions(pki: &SmPki, extensions: &[u8]) -> Result<SealFacts, crate::formats::Unreadable> {
    let signers = [pki.seal.as_slice()];
    let info = seal_info(&pki.content(Version::V4, &signers)).expect("fits");
    let content = Cursor::new("info", &info).expect(Tag::Sequence).expect("DER").value;
    let info = tlv(Tag::Sequence, &[content, extensions]);
    assemble_seal(
        &info,
        &pki.maker,
        &crate::crypto::Signer::sign(&pki.maker_key, &info).expect("signs"),
        None,
    )
}

#[test]
fn extensions_are_read_however_they_are_tagged() {
    let pki = SmPki::new();
    let oid = ObjectIdentifier::new_unwrap("1.2.156.10197.6.7.2.2.1");
    // An explicit FALSE, as real seals have it, which is not DER.
    let one = tlv(Tag::Sequence, &[&encoded(&oid), &encoded(&false), &tlv(Tag::OctetString, &[b"2.1"])]);
    let list = tlv(Tag::Sequence, &[&one]);
    for written in [list.clone(), tlv(context(0), &[&list]), tlv(context(0), &[&one])] {
        let seal = with_extensions(&pki, &written).expect("reads");
        assert_eq!(seal.extensions, [oid]);
        assert!(seal.maker_signature_is_right());
    }
    assert!(with_extensions(&pki, &tlv(context(0), &[])).is_ok_and(|seal| seal.extensions.is_empty()));
    assert!(with_extensions(&pki, &tlv(context(1), &[&list])).is_err());
    assert!(with_extensions(&pki, &[list.clone(), list].concat()).is_err());
    let many: Vec<u8> = one.repeat(65);
    assert!(with_extensions(&pki, &tlv(Tag::Sequence, &[&many])).is_err());
}

#[test]
fn an_implicit_tag_around_a_token_is_read_too() {
    let pki = SmPki::new();
    let seal = pki.sealed(Version::V5);
    let token = seal.timestamp_token.clone().expect("a token");
    let content = Cursor::new("seal", &seal.raw).expect(Tag::Sequence).expect("DER").value;
    let explicit = tlv(context(0), &[&tlv(Tag::BitString, &[&[0], &token])]);
    let before = content.strip_suffix(explicit.as_slice()).expect("it ends so");
    let implicit = Tag::ContextSpecific { constructed: false, number: der::TagNumber(0) };
    let twin = tlv(Tag::Sequence, &[before, &tlv(implicit, &[&[0], &token])]);
    let read = read_seal(&twin).expect("reads");
    assert_eq!(read.timestamp_token, Some(token.clone()));
    assert!(read_seal(&tlv(Tag::Sequence, &[before, &tlv(implicit, &[&[1], &token])])).is_err());
}

#[test]
fn a_list_of_digests_admits_whom_it_names() {
    let pki = SmPki::new();
    let entry = |digest: &[u8]| {
        tlv(Tag::Sequence, &[&tlv(Tag::PrintableString, &[b"SM3"]), &tlv(Tag::OctetString, &[digest])])
    };
    let list = [encoded(&2u8), tlv(Tag::Sequence, &[&entry(&sm3(&pki.seal))])].concat();
    let read = SignerList::read(&mut Cursor::new("list", &list), Version::V4).expect("reads");
    assert!(read.admits(&pki.seal) && !read.admits(&pki.maker) && read.len() == 1 && !read.is_empty());
    let unknown = [encoded(&3u8), tlv(Tag::Sequence, &[])].concat();
    assert!(SignerList::read(&mut Cursor::new("list", &unknown), Version::V4).is_err());
}

/// Structure 1 has other fields in other places; no real sample of a signature is at hand.
#[test]
fn a_signature_of_structure_1_is_read() {
    use crate::crypto::{Signer, Suite};
    let pki = SmPki::new();
    let made = |time: &[u8]| {
        let tbs = tlv(
            Tag::Sequence,
            &[
                &encoded(&1u8),
                V1,
                &tlv(Tag::BitString, &[&[0], time]),
                &tlv(Tag::BitString, &[&[0], &[7; 32]]),
                &tlv(Tag::Ia5String, &[b"/Doc_0/Signs/Sign_0/Signature.xml"]),
                &tlv(Tag::OctetString, &[&pki.seal]),
                &encoded(&Suite::Sm2.signature_oid()),
            ],
        );
        let signature = pki.seal_key.sign(&tbs).expect("signs");
        tlv(Tag::Sequence, &[&tbs, &tlv(Tag::BitString, &[&[0], &signature])])
    };
    for (text, claimed) in [
        ("20201012111403Z", Some("2020-10-12T11:14:03Z")),
        ("201012111403Z", Some("2020-10-12T11:14:03Z")),
        ("yesterday", None),
    ] {
        let read = read_signature(&made(text.as_bytes())).expect("reads");
        assert_eq!((read.version, read.signature_is_right()), (Version::V1, true));
        assert_eq!(read.claimed_time().map(|at| at.to_string()).as_deref(), claimed);
        assert!(!read.seal.admits(&read.signer_x509) && read.seal.maker_signature_is_right());
    }
    let token = pki.token(b"data", pki.now);
    let read = read_signature(&made(&token)).expect("reads");
    assert_eq!((&read.time, read.claimed_time()), (&TimeInfo::Token(token), Some(pki.now)));
}

/// A seal of structure 1 and a seal signature under it, small: the samples at hand are nearly all picture.
fn of_structure_1(pki: &SmPki) -> (Vec<u8>, Vec<u8>) {
    use crate::crypto::{Signer, Suite};
    let algorithm = encoded(&Suite::Sm2.signature_oid());
    let sequence = |parts: &[&[u8]]| tlv(Tag::Sequence, parts);
    let bits = |octets: &[u8]| tlv(Tag::BitString, &[&[0], octets]);
    let time = |text: &str| tlv(Tag::UtcTime, &[text.as_bytes()]);
    let header = sequence(&[&tlv(Tag::Ia5String, &[b"ES"]), &encoded(&1u8), &tlv(Tag::Ia5String, &[b"T"])]);
    let property = sequence(&[
        &encoded(&1u8),
        &tlv(Tag::Utf8String, &["印".as_bytes()]),
        &sequence(&[&tlv(Tag::OctetString, &[&pki.seal])]),
        &time("270116080000Z"),
        &time("270116080000Z"),
        &time("280116080000Z"),
    ]);
    let picture = sequence(&[
        &tlv(Tag::Ia5String, &[b"PNG"]),
        &tlv(Tag::OctetString, &[b"\x89PNG"]),
        &encoded(&40u8),
        &encoded(&40u8),
    ]);
    let info = sequence(&[&header, &tlv(Tag::Ia5String, &[b"44030000012345"]), &property, &picture]);
    let maker = tlv(Tag::OctetString, &[&pki.maker]);
    let signature = pki.maker_key.sign(&sequence(&[&info, &maker, &algorithm])).expect("signs");
    let seal = sequence(&[&info, &sequence(&[&maker, &algorithm, &bits(&signature)])]);
    let tbs = sequence(&[
        &encoded(&1u8),
        &seal,
        &bits(b"20270117080000Z"),
        &bits(&[7; 32]),
        &tlv(Tag::Ia5String, &[b"/Doc_0/Signs/Sign_0/Signature.xml"]),
        &tlv(Tag::OctetString, &[&pki.seal]),
        &algorithm,
    ]);
    let signature = pki.seal_key.sign(&tbs).expect("signs");
    (seal, sequence(&[&tbs, &bits(&signature)]))
}

/// What the fuzzers begin with: every structure, each as small as it can be.
#[test]
fn seeds_are_of_every_structure() {
    use crate::formats::testing::keep_seed;
    let pki = SmPki::new();
    keep_seed("known/eseal/root.cer", &pki.root);
    keep_seed("known/eseal/ca.cer", &pki.ca);
    for (crl, name) in pki.crls(&[]).iter().zip(["root", "ca"]) {
        keep_seed(&format!("known/eseal/{name}.crl"), crl);
    }
    let (seal, signature) = of_structure_1(&pki);
    let mut seeds = vec![(Version::V1, seal, signature)];
    let extension = Extension {
        oid: ObjectIdentifier::new_unwrap("1.2.156.10197.6.7.2.2.1"),
        critical: true,
        value: b"2.1",
    };
    for version in [Version::V4, Version::V5] {
        let signers = [pki.seal.as_slice()];
        let seal = pki.make(&SealContent { extensions: &[extension], ..pki.content(version, &signers) });
        let content = TbsContent {
            version,
            seal: &seal.raw,
            time: pki.now.plus(DAY * 2),
            data_hash: &[7; 32],
            property: "/Doc_0/Signs/Sign_0/Signature.xml",
            extensions: &[extension],
        };
        seeds.push((version, seal.raw.clone(), pki.signature(&content, true)));
    }
    for (version, seal, signature) in seeds {
        let read = read_signature(&signature).expect("reads");
        assert_eq!((read.version, &read.seal.raw), (version, &seal));
        assert!(read.signature_is_right() && read.seal.maker_signature_is_right(), "{version:?}");
        assert!(read.seal.admits(&read.signer_x509) && read.claimed_time().is_some());
        assert!(signature.len() < 8 << 10);
        keep_seed(&format!("corpus/esl/v{}.esl", version.number()), &seal);
        keep_seed(&format!("corpus/ses_signature/v{}.dat", version.number()), &signature);
    }
}
