//! The pages of a receipt: verdict, who asked and why, then each license with exactly what was disclosed.

use super::sheet::{BAD, GOOD, INNER, LEFT, NAME, Sheet};
use super::wire::{Receipt, ReceiptLicense};
use super::{GREY, INK, moment};
use crate::documents::fonts::Fonts;
use crate::domain::license::face::{Align, Face, FaceItem, FontRole};
use crate::domain::time::{format_date_zh, parse_date, parse_time};

/// Room that the seal and what stands beside it take.
const CLOSE: f32 = 52.0;
/// The name of a license that was in force, as receipts have it.
const IN_FORCE: &str = "in-force";

/// Lays a receipt out; on as many pages as it takes.
pub(super) fn face(receipt: &Receipt, place: &str, fonts: &Fonts) -> Face {
    let subtitle = "Receipt of a Verification of Electronic Licenses";
    let mut sheet = Sheet::begin("电子证照核验回执", subtitle, GOOD, fonts);
    verdict(&mut sheet, receipt);
    let told = |text: &str| parse_time(text).map_or_else(|| text.to_owned(), moment);
    let verifier = match receipt.counter.as_str() {
        counter if counter.is_empty() || counter == receipt.verifier.name => receipt.verifier.name.clone(),
        counter => format!("{}（{counter}）", receipt.verifier.name),
    };
    sheet.row("核验单位", &verifier);
    sheet.row("核验事项", &receipt.matter);
    sheet.row("亮证目的", &receipt.purpose);
    sheet.row("亮证方式", way(&receipt.way));
    sheet.row("授权记录", &receipt.consent);
    match &receipt.code {
        Some(code) if code.told_later => {
            sheet.row("核验时间", &format!("{}（断网核验，时间由核验单位自报）", told(&code.checked_at)));
            sheet.row("状态时间", &format!("{}（联网补记时查得）", told(&receipt.status_at)));
        }
        _ => sheet.row("核验时间", &told(&receipt.status_at)),
    }
    if receipt.code.as_ref().is_some_and(|code| code.compared == Some(true)) {
        sheet.row("本人核对", "核验单位称已与身份证件核对");
    }
    if let Some(reason) = &receipt.reason {
        sheet.row("完整出示理由", reason);
    }
    for (n, of) in receipt.licenses.iter().enumerate() {
        license(&mut sheet, (n, receipt.licenses.len()), of, receipt);
    }
    close(&mut sheet, receipt, &told(&receipt.made_at));
    sheet.finish(&format!("凭电子文件在 {place}/verify 验证；打印件不能验证。"), &receipt.id)
}

fn verdict(sheet: &mut Sheet<'_>, receipt: &Receipt) {
    let count = receipt.licenses.len();
    let good = receipt.licenses.iter().filter(|license| license.standing == IN_FORCE).count();
    let word = match (count, good) {
        (1, _) => format!("{}有效", then(receipt)),
        (count, good) if count == good => format!("{count} 份证照核验时均有效"),
        (count, good) => format!("{count} 份证照中 {good} 份核验时有效"),
    };
    let source = &receipt.status_source;
    let when = if told_later(receipt) { "补记当时" } else { "核验当时" };
    sheet.band(&word, &format!("状态来源：{source}。只说明{when}的状态，此后的变化请重新核验。"));
}

/// Whether what was checked without a network was told afterwards.
fn told_later(receipt: &Receipt) -> bool {
    receipt.code.as_ref().is_some_and(|code| code.told_later)
}

/// As of when the status was asked.
fn then(receipt: &Receipt) -> &'static str {
    if told_later(receipt) { "补记时" } else { "核验时" }
}

/// How it was shown, in words; a name that is not known stands for itself.
fn way(name: &str) -> &str {
    match name {
        "rolling" => "现场出示动态亮证码",
        "prefetched" => "出示预取的一次性亮证码",
        "requested" => "经核验方请求、持证人当面同意",
        "face" => "人脸比对核身后出示",
        "paper" => "出示纸质亮证码",
        "phone" => "出示手机离线码",
        other => other,
    }
}

fn license(sheet: &mut Sheet<'_>, (n, of): (usize, usize), license: &ReceiptLicense, receipt: &Receipt) {
    let title = match of {
        1 => license.title.zh.clone(),
        _ => format!("{}. {}", n + 1, license.title.zh),
    };
    let good = license.standing == IN_FORCE;
    sheet.tone = if good { GOOD } else { BAD };
    let then = then(receipt);
    sheet.heading(&title, &if good { format!("{then}有效") } else { format!("{then}无效，未予出示") });
    sheet.tone = GOOD;
    sheet.single("证照标识", &license.identifier);
    sheet.row("颁发机构", &license.issuer_name);
    // A code shows its own end, which is over by itself, and not the license's.
    if receipt.code.is_none() {
        let until = license.valid_until.as_deref().and_then(parse_date);
        sheet.row("有效期至", &until.map_or_else(|| "长期".to_owned(), format_date_zh));
    }
    for field in &license.fields {
        let value = if field.printed.is_empty() { "（空）" } else { &field.printed };
        sheet.row(&field.title.zh, value);
    }
}

/// Who makes the receipt, and the place of the seal.
fn close(sheet: &mut Sheet<'_>, receipt: &Receipt, made: &str) {
    sheet.room(CLOSE);
    let top = sheet.y + 6.0;
    let half = INNER - 62.0;
    let told = [("出具单位", receipt.issuer.name.as_str()), ("出具时间", made), ("回执编号", &receipt.id)];
    for (n, (name, value)) in told.into_iter().enumerate() {
        let y = top + 8.0 + n as f32 * 8.0;
        sheet.words(LEFT, y, (NAME - 12.0, 6.0), name, (FontRole::Song, 10.0, Align::Left, GREY));
        let look = (FontRole::Song, 10.5, Align::Left, INK);
        sheet.words(LEFT + NAME - 10.0, y, (half - NAME + 10.0, 6.0), value, look);
    }
    let note = "只列持证人同意出示的内容；本回执不是证照，不能代替证照使用。";
    sheet.words(LEFT, top + 36.0, (half, 6.0), note, (FontRole::Song, 8.5, Align::Left, GREY));
    sheet.items.push(FaceItem::Seal { x: LEFT + INNER - 27.0, y: top + 22.0, party: None });
    sheet.y = top + CLOSE - 6.0;
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::documents::face::compose_fixed;

    fn composed(receipt: &Receipt) -> Face {
        let fonts = Fonts::embedded();
        let face = face(receipt, "https://license.example.org", &fonts);
        let (_, faults) = compose_fixed(&face, &fonts);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(face.seal_places().map(|places| places.len()), Ok(1));
        face
    }

    #[test]
    fn one_license_takes_a_page_and_many_take_several() {
        assert_eq!(composed(&samples::receipt(1)).pages.len(), 1);
        for told_later in [false, true] {
            assert_eq!(composed(&samples::code_receipt(told_later)).pages.len(), 1);
        }
        let pages = composed(&samples::receipt(10)).pages;
        assert!((3..=8).contains(&pages.len()), "{}", pages.len());
    }

    #[test]
    fn the_longest_and_the_oddest_values_are_set() {
        let mut receipt = samples::receipt(1);
        receipt.matter = "\u{1F980}".repeat(60);
        receipt.purpose = "M".repeat(60);
        let field = &mut receipt.licenses[0].fields[0];
        field.printed = "经营范围".repeat(500);
        field.title.zh = "很长很长很长很长很长很长很长的名称".into();
        composed(&receipt);
    }
}
