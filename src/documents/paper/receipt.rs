//! The pages of a receipt: verdict, who asked and why, then each license with exactly what was disclosed.

use super::wire::{Receipt, ReceiptLicense};
use super::{GREY, INK, RULE, Words, line, lines, moment, width};
use crate::documents::fonts::Fonts;
use crate::domain::license::face::{Align, Area, Face, FaceItem, FacePage, FontRole};
use crate::domain::picture::Rgb;
use crate::domain::time::{format_date_zh, parse_date, parse_time};

const WIDTH: f32 = 210.0;
const HEIGHT: f32 = 297.0;
const LEFT: f32 = 22.0;
const INNER: f32 = WIDTH - 2.0 * LEFT;
/// Nothing but the foot stands lower.
const LAST: f32 = 272.0;
/// Breadth of what a row is called.
const NAME: f32 = 36.0;
/// Height of a line of a row.
const LINE: f32 = 5.4;
/// Room that the seal and what stands beside it take.
const CLOSE: f32 = 52.0;

const GREEN: Rgb = Rgb(0x17, 0x6B, 0x43);
const PALE: Rgb = Rgb(0xE9, 0xF4, 0xEE);

/// Lays a receipt out; on as many pages as it takes.
pub(super) fn face(receipt: &Receipt, place: &str, fonts: &Fonts) -> Face {
    let mut sheet = Sheet { pages: Vec::new(), items: Vec::new(), y: 0.0, fonts };
    sheet.head();
    sheet.verdict(receipt);
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
    sheet.row("核验时间", &told(&receipt.status_at));
    if let Some(reason) = &receipt.reason {
        sheet.row("完整出示理由", reason);
    }
    for (n, license) in receipt.licenses.iter().enumerate() {
        sheet.license(n, receipt.licenses.len(), license);
    }
    sheet.close(receipt, &told(&receipt.made_at));
    sheet.finish(receipt, place)
}

/// How it was shown, in words; a name that is not known stands for itself.
fn way(name: &str) -> &str {
    match name {
        "rolling" => "现场出示动态亮证码",
        "prefetched" => "出示预取的一次性亮证码",
        "requested" => "经核验方请求、持证人当面同意",
        "face" => "人脸比对核身后出示",
        other => other,
    }
}

struct Sheet<'a> {
    pages: Vec<FacePage>,
    items: Vec<FaceItem>,
    y: f32,
    fonts: &'a Fonts,
}

impl Sheet<'_> {
    fn words(
        &mut self,
        x: f32,
        top: f32,
        (width, height): (f32, f32),
        text: &str,
        look: (FontRole, f32, Align, Rgb),
    ) {
        let (font, size, align, colour) = look;
        let area = Area { x, y: top, width, height };
        let words = Words { area, text, font, size, align, colour };
        let one = height < 1.6 * size * 25.4 / 72.0 * 1.35;
        self.items.push(if one { line(&words, self.fonts) } else { lines(&words, self.fonts) });
    }

    fn rule(&mut self, y: f32, width: f32, colour: Rgb) {
        self.items.push(FaceItem::Line { from: (LEFT, y), to: (LEFT + INNER, y), width, colour });
    }

    fn head(&mut self) {
        self.rule(17.0, 0.9, GREEN);
        self.words(
            LEFT,
            22.0,
            (INNER, 10.0),
            "电子证照核验回执",
            (FontRole::SongBold, 22.0, Align::Centre, INK),
        );
        let subtitle = "Receipt of a Verification of Electronic Licenses";
        self.words(LEFT, 33.0, (INNER, 5.0), subtitle, (FontRole::Song, 9.5, Align::Centre, GREY));
        self.y = 43.0;
    }

    fn verdict(&mut self, receipt: &Receipt) {
        let top = self.y;
        let area = Area { x: LEFT, y: top, width: INNER, height: 20.0 };
        self.items.push(FaceItem::Fill { area, colour: PALE });
        self.items.push(FaceItem::Fill { area: Area { width: 1.6, ..area }, colour: GREEN });
        let count = receipt.licenses.len();
        let word = if count == 1 {
            "核验时有效".to_owned()
        } else {
            format!("{count} 份证照核验时均有效")
        };
        self.words(
            LEFT + 7.0,
            top + 3.0,
            (INNER - 14.0, 7.0),
            &word,
            (FontRole::SongBold, 15.0, Align::Left, GREEN),
        );
        let source = format!(
            "状态来源：{}。本回执只说明核验当时的状态，此后的变化请重新核验。",
            receipt.status_source
        );
        self.words(
            LEFT + 7.0,
            top + 11.5,
            (INNER - 14.0, 6.0),
            &source,
            (FontRole::Song, 9.0, Align::Left, INK),
        );
        self.y = top + 24.0;
    }

    /// Begins a page where `height` has no room on this one.
    fn room(&mut self, height: f32) {
        if self.y + height > LAST {
            self.turn();
        }
    }

    fn turn(&mut self) {
        let items = std::mem::take(&mut self.items);
        self.pages.push(FacePage { width: WIDTH, height: HEIGHT, items });
        self.rule(17.0, 0.5, GREEN);
        self.y = 21.0;
    }

    fn row(&mut self, name: &str, value: &str) {
        let room = INNER - NAME - 2.0;
        // An em of 10.5 points is 3.7 mm.
        let per_line = (room / 3.75).floor();
        let count =
            value.split('\n').map(|part| (part.chars().map(width).sum::<f32>() / per_line).ceil().max(1.0));
        let height = count.sum::<f32>().min(40.0) * LINE + 2.6;
        self.room(height);
        let top = self.y;
        let first = (NAME - 2.0, LINE + 2.6);
        self.words(LEFT, top, first, name, (FontRole::Song, 10.0, Align::Left, GREY));
        let value = if value.is_empty() { "（空）" } else { value };
        let lone = height < 2.0 * LINE;
        let (inset, height_in) = if lone { (0.0, height) } else { (1.3, height - 1.3) };
        self.words(
            LEFT + NAME,
            top + inset,
            (room, height_in),
            value,
            (FontRole::Song, 10.5, Align::Left, INK),
        );
        self.y = top + height;
        self.rule(self.y, 0.1, RULE);
    }

    fn license(&mut self, n: usize, of: usize, license: &ReceiptLicense) {
        // The heading stays with its first rows.
        self.room(36.0);
        self.y += 6.0;
        let title = match of {
            1 => license.title.zh.clone(),
            _ => format!("{}. {}", n + 1, license.title.zh),
        };
        let top = self.y;
        self.words(LEFT, top, (INNER * 0.6, 7.0), &title, (FontRole::SongBold, 13.0, Align::Left, INK));
        self.words(
            LEFT + INNER * 0.6,
            top,
            (INNER * 0.4, 7.0),
            "核验时有效",
            (FontRole::SongBold, 10.0, Align::Right, GREEN),
        );
        self.y = top + 8.0;
        self.rule(self.y, 0.35, INK);
        self.row("证照标识", &license.identifier);
        self.row("颁发机构", &license.issuer_name);
        let until = license.valid_until.as_deref().and_then(parse_date);
        self.row("有效期至", &until.map_or_else(|| "长期".to_owned(), format_date_zh));
        for field in &license.fields {
            self.row(&field.title.zh, &field.printed);
        }
    }

    /// Who makes the receipt, and the place of the seal.
    fn close(&mut self, receipt: &Receipt, made: &str) {
        self.room(CLOSE);
        let top = self.y + 6.0;
        let half = INNER - 62.0;
        let told =
            [("出具单位", receipt.issuer.name.as_str()), ("出具时间", made), ("回执编号", &receipt.id)];
        for (n, (name, value)) in told.into_iter().enumerate() {
            let y = top + 8.0 + n as f32 * 8.0;
            self.words(LEFT, y, (NAME - 12.0, 6.0), name, (FontRole::Song, 10.0, Align::Left, GREY));
            self.words(
                LEFT + NAME - 10.0,
                y,
                (half - NAME + 10.0, 6.0),
                value,
                (FontRole::Song, 10.5, Align::Left, INK),
            );
        }
        let note = "只列持证人同意出示的内容；本回执不是证照，不能代替证照使用。";
        self.words(LEFT, top + 36.0, (half, 6.0), note, (FontRole::Song, 8.5, Align::Left, GREY));
        self.items.push(FaceItem::Seal { x: LEFT + INNER - 27.0, y: top + 22.0, party: None });
        self.y = top + CLOSE - 6.0;
    }

    fn finish(mut self, receipt: &Receipt, place: &str) -> Face {
        let items = std::mem::take(&mut self.items);
        self.pages.push(FacePage { width: WIDTH, height: HEIGHT, items });
        let count = self.pages.len();
        let mut pages = std::mem::take(&mut self.pages);
        for (n, page) in pages.iter_mut().enumerate() {
            self.items = std::mem::take(&mut page.items);
            self.rule(279.0, 0.1, RULE);
            let look = |align| (FontRole::Song, 8.5, align, GREY);
            let how = format!("凭电子文件在 {place}/verify 验证；打印件不能验证。");
            self.words(LEFT, 281.0, (INNER * 0.68, 5.0), &how, look(Align::Left));
            let number = format!("{} · 第 {} 页，共 {count} 页", receipt.id, n + 1);
            self.words(LEFT + INNER * 0.68, 281.0, (INNER * 0.32, 5.0), &number, look(Align::Right));
            page.items = std::mem::take(&mut self.items);
        }
        Face { pages, straddle: false }
    }
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
