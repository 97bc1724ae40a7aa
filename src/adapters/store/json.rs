//! How scopes, field lists and seal pictures are kept as JSON text. The database never looks inside.

use crate::domain::license::{FileForm, FileFormat, LicenseData, LicenseFile, LicenseId};
use crate::domain::party::Scope;
use crate::domain::picture::{Drawing, Paint, Path, Rgb, Segment, UploadedPicture};
use crate::domain::seal::{Paper, SealPicture};
use crate::domain::show_code::Part;
use crate::domain::suite::Suite;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// A JSON text that does not say what it should. Says where, never what: the values may be personal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadJson(pub(super) String);

pub(super) fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("string keys and finite numbers always make JSON")
}

pub(super) fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, BadJson> {
    serde_json::from_str(text)
        .map_err(|e| BadJson(format!("JSON is wrong at line {} column {}", e.line(), e.column())))
}

/// A license's fields.
pub(super) fn write_data(data: &LicenseData) -> String {
    write(data)
}

pub(super) fn read_data(text: &str) -> Result<LicenseData, BadJson> {
    read(text)
}

/// The suites of a seal.
pub(super) fn write_suites(suites: &[Suite]) -> String {
    write(&suites.iter().map(|suite| suite.name()).collect::<Vec<_>>())
}

pub(super) fn read_suites(text: &str) -> Result<Vec<Suite>, BadJson> {
    let names = read::<Vec<String>>(text)?;
    let suites = names.iter().map(|name| Suite::parse(name)).collect::<Option<_>>();
    suites.ok_or_else(|| BadJson("a suite of unknown name".to_owned()))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaperText {
    name: String,
    sha256: String,
    size: u64,
}

/// The papers of a seal.
pub(super) fn write_papers(papers: &[Paper]) -> String {
    let texts = papers.iter().map(|paper| PaperText {
        name: paper.name.clone(),
        sha256: hex::encode(paper.sha256),
        size: paper.size,
    });
    write(&texts.collect::<Vec<_>>())
}

pub(super) fn read_papers(text: &str) -> Result<Vec<Paper>, BadJson> {
    let papers = read::<Vec<PaperText>>(text)?.into_iter().map(|paper| {
        let mut sha256 = [0; 32];
        hex::decode_to_slice(&paper.sha256, &mut sha256).ok()?;
        Some(Paper { name: paper.name, sha256, size: paper.size })
    });
    papers.collect::<Option<_>>().ok_or_else(|| BadJson("a paper without its digest".to_owned()))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    format: String,
    suite: String,
    sha256: String,
}

/// The files a license was released as.
pub(super) fn write_files(files: &[LicenseFile]) -> String {
    let texts = files.iter().map(|file| FileText {
        format: file.form.format.name().to_owned(),
        suite: file.form.suite.name().to_owned(),
        sha256: hex::encode(file.sha256),
    });
    write(&texts.collect::<Vec<_>>())
}

pub(super) fn read_files(text: &str) -> Result<Vec<LicenseFile>, BadJson> {
    let files = read::<Vec<FileText>>(text)?.into_iter().map(|file| {
        let form = FileForm { format: FileFormat::parse(&file.format)?, suite: Suite::parse(&file.suite)? };
        let mut sha256 = [0; 32];
        hex::decode_to_slice(&file.sha256, &mut sha256).ok()?;
        Some(LicenseFile { form, sha256 })
    });
    files.collect::<Option<Vec<_>>>().ok_or_else(|| BadJson("a file of unknown form".to_owned()))
}

/// A list of names.
pub(super) fn write_names(names: &[String]) -> String {
    write(&names)
}

pub(super) fn read_names(text: &str) -> Result<Vec<String>, BadJson> {
    read(text)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartText {
    license: String,
    fields: Vec<String>,
}

/// The licenses of a showing.
pub(super) fn write_parts(parts: &[Part]) -> String {
    let texts = parts
        .iter()
        .map(|part| PartText { license: part.license.as_str().to_owned(), fields: part.fields.clone() });
    write(&texts.collect::<Vec<_>>())
}

pub(super) fn read_parts(text: &str) -> Result<Vec<Part>, BadJson> {
    let part = |text: PartText| {
        let license = LicenseId::parse(&text.license);
        let license = license.map_err(|_| BadJson("no license identifier".to_owned()))?;
        Ok(Part { license, fields: text.fields })
    };
    read::<Vec<PartText>>(text)?.into_iter().map(part).collect()
}

/// `null` for all, otherwise the list.
pub(super) fn write_scope(scope: &Scope) -> String {
    match scope {
        Scope::All => write(&None::<&[String]>),
        Scope::Only(names) => write(&Some(names)),
    }
}

pub(super) fn read_scope(text: &str) -> Result<Scope, BadJson> {
    Ok(match read::<Option<Vec<String>>>(text)? {
        None => Scope::All,
        Some(names) => Scope::Only(names),
    })
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum PictureText {
    Drawn { width: f32, height: f32, paths: Vec<PathText> },
    Uploaded { png: String, width_tenths: u32, height_tenths: u32 },
}

/// A path: one letter a step, and all its coordinates in a row (binary32, little endian, base64). A seal has thousands of
/// them and is read with every issue; as decimal numbers they took longer to read than the license takes to compose.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathText {
    steps: String,
    at: String,
    colour: [u8; 3],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stroke: Option<f32>,
}

/// A seal's picture. `None` if a coordinate is not a finite number, which JSON cannot hold.
pub(super) fn write_picture(picture: &SealPicture) -> Option<String> {
    let text = match picture {
        SealPicture::Drawn(drawing) => PictureText::Drawn {
            width: drawing.width,
            height: drawing.height,
            paths: drawing.paths.iter().map(path_text).collect(),
        },
        SealPicture::Uploaded(picture) => PictureText::Uploaded {
            png: STANDARD.encode(&picture.png),
            width_tenths: picture.width_tenths,
            height_tenths: picture.height_tenths,
        },
    };
    is_finite(picture).then(|| write(&text))
}

fn is_finite(picture: &SealPicture) -> bool {
    let SealPicture::Drawn(drawing) = picture else { return true };
    let mut numbers = vec![drawing.width, drawing.height];
    for path in &drawing.paths {
        numbers.extend(coordinates(path).1);
        if let Paint::Stroke(_, width) = path.paint {
            numbers.push(width);
        }
    }
    numbers.iter().all(|n| n.is_finite())
}

pub(super) fn read_picture(text: &str) -> Result<SealPicture, BadJson> {
    match read(text)? {
        PictureText::Drawn { width, height, paths } => {
            let paths = paths.iter().map(path).collect::<Result<_, _>>()?;
            Ok(SealPicture::Drawn(Drawing { width, height, paths }))
        }
        PictureText::Uploaded { png, width_tenths, height_tenths } => {
            let png = STANDARD.decode(png).map_err(|_| BadJson("the PNG is not base64".into()))?;
            Ok(SealPicture::Uploaded(UploadedPicture { png, width_tenths, height_tenths }))
        }
    }
}

/// One letter a step, and the coordinates.
fn coordinates(path: &Path) -> (String, Vec<f32>) {
    let (mut steps, mut at) = (String::new(), Vec::new());
    for segment in &path.segments {
        match *segment {
            Segment::MoveTo(x, y) => {
                steps.push('M');
                at.extend([x, y]);
            }
            Segment::LineTo(x, y) => {
                steps.push('L');
                at.extend([x, y]);
            }
            Segment::CurveTo(x1, y1, x2, y2, x, y) => {
                steps.push('C');
                at.extend([x1, y1, x2, y2, x, y]);
            }
            Segment::Close => steps.push('Z'),
        }
    }
    (steps, at)
}

fn path_text(path: &Path) -> PathText {
    let (steps, at) = coordinates(path);
    let bytes: Vec<u8> = at.iter().flat_map(|number| number.to_le_bytes()).collect();
    let at = STANDARD.encode(bytes);
    let (Rgb(r, g, b), stroke) = match path.paint {
        Paint::Fill(colour) => (colour, None),
        Paint::Stroke(colour, width) => (colour, Some(width)),
    };
    PathText { steps, at, colour: [r, g, b], stroke }
}

fn path(text: &PathText) -> Result<Path, BadJson> {
    let bytes = STANDARD.decode(&text.at).map_err(|_| BadJson("coordinates are not base64".into()))?;
    let (numbers, odd) = bytes.as_chunks::<4>();
    let at: Vec<f32> = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
    if !at.iter().all(|number| number.is_finite()) {
        return Err(BadJson("a coordinate is no finite number".into()));
    }
    let mut rest = at.as_slice();
    let segments = text.steps.chars().map(|step| segment(step, &mut rest)).collect::<Option<_>>();
    let (Some(segments), [], []) = (segments, rest, odd) else {
        return Err(BadJson("a path's steps and coordinates do not match".into()));
    };
    let colour = Rgb(text.colour[0], text.colour[1], text.colour[2]);
    let paint = text.stroke.map_or(Paint::Fill(colour), |width| Paint::Stroke(colour, width));
    Ok(Path { segments, paint })
}

/// The segment of this letter, its coordinates taken from the front of `rest`.
fn segment(step: char, rest: &mut &[f32]) -> Option<Segment> {
    match step {
        'M' => take(rest).map(|[x, y]| Segment::MoveTo(x, y)),
        'L' => take(rest).map(|[x, y]| Segment::LineTo(x, y)),
        'C' => take(rest).map(|[x1, y1, x2, y2, x, y]| Segment::CurveTo(x1, y1, x2, y2, x, y)),
        'Z' => Some(Segment::Close),
        _ => None,
    }
}

fn take<const N: usize>(rest: &mut &[f32]) -> Option<[f32; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing() -> SealPicture {
        let segments = vec![
            Segment::MoveTo(0.1, -2.0),
            Segment::LineTo(1.5, 2.25),
            Segment::CurveTo(1.0, 2.0, 3.0, 4.0, 5.0, 6.125),
            Segment::Close,
        ];
        let fill = Path { segments: segments.clone(), paint: Paint::Fill(Rgb::SEAL_RED) };
        let stroke = Path { segments, paint: Paint::Stroke(Rgb::BLACK, 1.2) };
        SealPicture::Drawn(Drawing { width: 42.0, height: 42.0, paths: vec![fill, stroke] })
    }

    #[test]
    fn pictures_read_back() {
        let uploaded = SealPicture::Uploaded(UploadedPicture {
            png: vec![0, 255, 7],
            width_tenths: 380,
            height_tenths: 1,
        });
        for picture in [drawing(), uploaded] {
            let text = write_picture(&picture).expect("finite");
            assert_eq!(read_picture(&text), Ok(picture));
        }
    }

    #[test]
    fn a_changed_picture_is_noticed() {
        let text = write_picture(&drawing()).expect("finite");
        for (from, to) in [("MLCZ", "MLCCZ"), ("MLCZ", "MLZ"), ("MLCZ", "MLQZ"), ("\"steps\"", "\"stepz\"")] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(read_picture(&changed).is_err(), "{changed}");
        }
    }

    #[test]
    fn what_json_cannot_hold_is_not_written() {
        let SealPicture::Drawn(mut drawing) = drawing() else { unreachable!("it is drawn") };
        drawing.paths[0].segments[0] = Segment::MoveTo(f32::NAN, 0.0);
        assert_eq!(write_picture(&SealPicture::Drawn(drawing)), None);
    }

    #[test]
    fn scopes_read_back_and_all_is_not_an_empty_list() {
        for scope in [Scope::All, Scope::Only(vec![]), Scope::Only(vec!["business-license".into()])] {
            assert_eq!(read_scope(&write_scope(&scope)), Ok(scope));
        }
        assert!(read_scope("{}").is_err());
    }

    #[test]
    fn an_error_does_not_repeat_the_text() {
        let BadJson(why) = read_data("{\"name\": 张三}").expect_err("not JSON");
        assert!(!why.contains("张三"), "{why}");
    }
}
