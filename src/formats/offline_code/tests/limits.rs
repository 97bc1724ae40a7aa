//! How large codes are, and what is no code at all.

use super::*;
use crate::domain::offline_code::field_order;
use crate::formats::code::Qr;

/// Ten fields of a business license.
const TEN: [(&str, &str); 10] = [
    ("name", "景川市青禾生态农业科技有限公司"),
    ("type", "有限责任公司（自然人投资或控股）"),
    ("legal_representative", "欧阳明远"),
    ("registered_capital", "壹仟贰佰万元整"),
    ("established_on", "2019年05月17日"),
    ("operates_until", "长期"),
    ("address", "广西景川市东风路一百零八号三楼"),
    ("business_scope", "农作物种植、销售；农业技术开发、咨询"),
    ("registered_at", "景川市市场监督管理局"),
    ("credit_code", "91450900MA5K3W7P0X"),
];

const DIGEST: [u8; 12] = *b"\x1f\x83\xc2\x5e\x90\x0b\xd7\x64\xa9\x38\xe1\x7c";

fn with_fields(code: OfflineCode, fields: &[(&str, &str)]) -> OfflineCode {
    let mut fields: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    field_order(&mut fields);
    OfflineCode { fields, ..code }
}

/// Version of a QR code by its side.
fn version(digits: &str) -> usize {
    (Qr::encode(digits.as_bytes()).expect("fits").side() - 17) / 4
}

#[test]
fn a_realistic_license_fits() {
    let (key, phone_key) = (new_key(Suite::P256), new_key(Suite::P256));
    let shown = |code: &OfflineCode| {
        let signed = sign(code, &key).expect("signed");
        let text = match code.medium {
            Medium::Paper { .. } => to_digits(&signed),
            Medium::Phone { .. } => {
                on_phone(&signed, &prove(&signed, NOW, "办理银行开户", &phone_key).expect("signed"))
            }
        };
        match text {
            Ok(text) => (signed.len(), text.len(), version(&text)),
            Err(NotWritten::TooLong(digits)) => (signed.len(), digits, 99),
            Err(other) => panic!("{other}"),
        }
    };
    // Digests that do not pack, as real ones do not.
    let real = |code: OfflineCode| OfflineCode { file_sha256: crate::crypto::sha256(b"a file"), ..code };
    let (paper, phone) = (|| real(paper()), |device| real(phone(device)));
    let three = [TEN[0], ("type", "有限责任公司"), ("legal_representative", "欧阳**")];
    let short = |code: OfflineCode| OfflineCode { license: LicenseRef::Short(DIGEST), ..code };
    let on_paper = shown(&with_fields(paper(), &three));
    let all_on_paper = shown(&with_fields(paper(), &TEN));
    let short_on_paper = shown(&short(with_fields(paper(), &three)));
    let on_phone = shown(&short(with_fields(phone(device(&phone_key)), &three)));
    for (what, (bytes, digits, version)) in [
        ("paper, three fields of ten", on_paper),
        ("paper, short form of the license", short_on_paper),
        ("paper, all ten fields", all_on_paper),
        ("phone, three fields of ten, with the proof", on_phone),
    ] {
        println!("{what}: {bytes} bytes signed, {digits} digits, version {version} at M");
    }
    assert!(all_on_paper.2 > 17, "what may be shown is chosen");
    assert!(on_paper.2 <= 16 && short_on_paper.2 <= 15 && on_phone.2 <= 17, "{on_paper:?} {on_phone:?}");
}

#[test]
fn what_is_no_code_is_said_to_be_none() {
    let key = new_key(Suite::P256);
    let keys = keys(&key);
    let text = to_digits(&sign(&paper(), &key).expect("signed")).expect("fits");
    for other in [
        "",
        "81",
        "https://pay.example.cn/1",
        "134567890123456789",
        "711234567890123456789012345",
        "８",
        &format!("{}a", &text[..text.len() - 1]),
        &text[1..],
    ] {
        let said = worst(other, &keys);
        assert!(["offline.not_ours", "offline.misread"].contains(&said), "{other}: {said}");
    }
    assert_eq!(worst(&text[..text.len() - 1], &keys), "offline.misread");
    assert_eq!(worst(&format!("82{}", &text[2..]), &keys), "offline.other_version");
    assert_eq!(worst(&"8".repeat(1_213), &keys), "offline.too_long");
    assert_eq!(worst(&"8".repeat(100_000), &keys), "offline.too_long");
    let nines = format!("81{}", "9".repeat(290));
    let nines = format!("{nines}{}", crate::domain::check_pair::of(&nines).expect("digits"));
    assert_eq!(examine(&nines, &keys), Examined::Malformed { why: "digits" });
    let nines = format!("91{}", &text[2..text.len() - 2]);
    let nines = format!("{nines}{}", crate::domain::check_pair::of(&nines).expect("digits"));
    assert_eq!(examine(&nines, &keys), Examined::Malformed { why: "parts" });
}

/// Left for the judges of `tests/tools`, who read it with other implementations.
#[test]
fn codes_for_the_judges() {
    let Some(out) = std::env::var_os("YINZHENG_TEST_OUT") else { return };
    let folder = std::path::Path::new(&out).join("offline");
    std::fs::create_dir_all(&folder).expect("a folder");
    let keep = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("written");
    let phone_key = new_key(Suite::P256);
    keep("device.spki", phone_key.spki());
    for suite in Suite::ALL {
        let key = new_key(suite);
        keep(&format!("{}.spki", suite.name()), key.spki());
        let often = [("address", TEN[6].1), ("domicile", TEN[6].1), ("place", TEN[6].1), ("seat", TEN[6].1)];
        let packed = with_fields(paper(), &often);
        for (name, code) in [("paper", paper()), ("packed", packed), ("phone", phone(device(&phone_key)))] {
            let signed = sign(&code, &key).expect("signed");
            let name = format!("{name}-{}", suite.name());
            let text = match code.medium {
                Medium::Paper { .. } => to_digits(&signed).expect("fits"),
                Medium::Phone { .. } => {
                    let proof = prove(&signed, NOW, "办理银行开户", &phone_key).expect("signed");
                    on_phone(&signed, &proof).expect("fits")
                }
            };
            keep(&format!("{name}.digits"), text.as_bytes());
            keep(&format!("{name}.png"), &Qr::encode(text.as_bytes()).expect("fits").png(6));
        }
    }
}

#[test]
fn times_are_whole_seconds() {
    let key = new_key(Suite::P256);
    let code = OfflineCode { issued: Timestamp::from_micros(NOW.micros() - 1), ..paper() };
    assert!(matches!(sign(&code, &key), Err(NotWritten::Faults(_))));
}

#[test]
fn a_proof_with_the_longest_purpose_there_is_room_for_fits_and_no_longer_one() {
    let (key, device_key) = (new_key(Suite::P256), new_key(Suite::P256));
    let code = phone(device(&device_key));
    let signed = sign(&code, &key).expect("signed");
    let draft = draft(&code, Suite::P256, key.spki()).expect("a draft");
    assert_eq!(draft.len(), signed.len(), "a draft is as long as the code");
    let room = purpose_room(&draft).expect("room");
    assert_eq!(purpose_room(&signed), Some(room));
    let shown = |bytes: usize| {
        let proof = prove(&signed, NOW, &"x".repeat(bytes), &device_key).expect("signed");
        on_phone(&signed, &proof)
    };
    assert!(shown(room).is_ok());
    // Short purposes take a byte less around them, which is not counted on.
    assert!(room == 90 || matches!(shown(room + 2), Err(NotWritten::TooLong(_))), "{room}");
    assert!(matches!(shown(200), Err(NotWritten::TooLong(_))));
}
