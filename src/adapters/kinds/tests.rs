use super::*;
use crate::domain::envelope::Quorum;
use crate::domain::license::draft::{self, RawValue};
use crate::domain::license::face::SealPlace;
use crate::domain::license::{FileForm, FileFormat};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;

const GOOD: &str = r##"
name = "test-license"
version = 1
title = { zh = "测试证", en = "Test license" }
type_code = "11100000MB0143028R009"
issuer = "testing"
validity = { rule = "fields", from = "starts", until = "ends" }
number = { pattern = "T{year}{random:6}" }
holder = { name = "name", code = "code", code_type = "001" }

fields = [
  { name = "name", title = { zh = "名称", en = "Name" }, type = "text", min = 2, max = 40, privacy = "personal", mask = "name", example = "云栖茶馆" },
  { name = "code", title = { zh = "代码", en = "Code" }, type = "credit-code", privacy = "public", example = "11990000MB0000001M" },
  { name = "sort", title = { zh = "种类", en = "Sort" }, type = "enumeration", required = false, privacy = "public", example = "a", choices = [{ code = "a", zh = "甲", en = "A" }] },
  { name = "starts", title = { zh = "起", en = "From" }, type = "date", privacy = "public", example = "2026-01-01" },
  { name = "ends", title = { zh = "止", en = "Until" }, type = "date", future = true, required = false, privacy = "public", example = "2036-01-01" },
]

[colours]
ink = "#101010"

[styles]
plain = { size = 12, colour = "ink" }

[[pages]]
size = "A4 portrait"
items = [
  { frame = "double", at = [10, 10, 190, 277], breadth = 2, colour = "#AA0000" },
  { label = "测试证", at = [20, 20, 170, 20], style = "plain", size = 30, align = "centre" },
  { value = "{name}", at = [20, 50, 170, 8], style = "plain" },
  { value = "编号 {@number}", at = [20, 60, 170, 8], style = "plain" },
  { line = [20, 70, 190, 70], colour = "ink" },
  { seal = [150, 240] },
  { code = [20, 240, 25] },
  { value = "{@check_code} {@identifier}", at = [20, 266, 170, 5], style = "plain", size = 7 },
]
"##;

fn faults_of(text: &str) -> Vec<KindFault> {
    read("test-license.toml", "test-license", text).map(|_| ()).expect_err("faults").faults
}

fn forms_of(text: &str) -> Vec<FileForm> {
    read("test-license.toml", "test-license", text).expect("a kind").files
}

#[test]
fn a_kind_names_the_forms_it_is_issued_in() {
    let form = |format, suite| FileForm { format, suite };
    let pdf = form(FileFormat::Pdf, Suite::P256);
    assert_eq!(forms_of(GOOD), [pdf], "PDF alone unless it says more");
    let with = |files: &str| GOOD.replacen("version = 1", &format!("version = 1\nfiles = {files}"), 1);
    let both = forms_of(&with(r#"["pdf-p256", "ofd-sm2"]"#));
    assert_eq!(both, [pdf, form(FileFormat::Ofd, Suite::Sm2)]);
    assert_eq!(forms_of(&with(r#"["pdf-sm2"]"#)), [form(FileFormat::Pdf, Suite::Sm2)]);
    for wrong in [r#"["ofd-p256"]"#, r#"["pdf"]"#, r#"["doc-sm2"]"#, "[]", r#"["pdf-p256", "pdf-sm2"]"#, "7"]
    {
        let faults = faults_of(&with(wrong));
        assert!(faults.iter().any(|fault| fault.path == "files"), "{wrong}: {faults:?}");
    }
}

#[test]
fn the_embedded_kinds_load() {
    let kinds = load(None).map_err(|error| error.to_string()).expect("embedded kinds");
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "birth-medical-certificate",
            "business-license",
            "construction-permit",
            "food-operation-permit",
            "marriage-certificate",
            "real-estate-title",
            "vocational-qualification",
        ]
    );
}

#[test]
fn the_examples_of_each_embedded_kind_make_a_license() {
    // 2026-11-23 in China.
    let now = Timestamp::from_seconds(1_795_400_000);
    for kind in load(None).expect("embedded kinds").iter() {
        let raw = kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
        let checked =
            draft::check(kind, &raw, now).unwrap_or_else(|faults| panic!("{}: {faults:?}", kind.name));
        assert_eq!(checked.data.len(), kind.fields.len());
        for field in &kind.fields {
            assert_eq!(
                checked.data[&field.name], field.example,
                "{}.{} is not canonical",
                kind.name, field.name
            );
        }
    }
}

#[test]
fn every_personal_code_is_at_least_personal() {
    use crate::domain::license::kind::{FieldType, PrivacyClass};
    for kind in load(None).expect("embedded kinds").iter() {
        for field in kind.fields.iter().filter(|f| f.field_type == FieldType::IdentityNumber) {
            assert!(field.privacy >= PrivacyClass::Personal, "{}.{}", kind.name, field.name);
        }
    }
}

#[test]
fn a_good_file_is_read() {
    let kind = read("test-license.toml", "test-license", GOOD).expect("a good file");
    assert_eq!((kind.fields.len(), kind.face.pages[0].items.len()), (5, 8));
}

/// Each broken twin: what is replaced, by what, where the fault lies, and words of it.
const TWINS: &[(&str, &str, &str, &str)] = &[
    ("name = \"test-license\"", "name = \"other\"", "name", "as the file is called"),
    ("version = 1", "", "version", "is missing"),
    ("version = 1", "version = \"1\"", "version", "whole number"),
    ("version = 1", "version = 1\nvershun = 2", "vershun", "is not known here"),
    ("en = \"Test license\"", "en = \"\"", "title.en", "is empty"),
    ("MB0143028R009", "MB0143028T009", "type_code", "check character"),
    ("MB0143028R009", "MB0143028R09", "type_code", "21 characters"),
    ("\"testing\"", "\"Testing\"", "issuer", "lower-case"),
    ("rule = \"fields\"", "rule = \"forever\"", "validity.rule", "must be unlimited, years or fields"),
    ("from = \"starts\"", "from = \"begins\"", "validity.from", "no field begins"),
    ("from = \"starts\"", "from = \"name\"", "validity.from", "must be a date field"),
    ("from = \"starts\"", "from = \"ends\"", "validity.from", "must be a required field"),
    ("{random:6}", "{random:99}", "number.pattern", "none of"),
    ("{random:6}", "", "number.pattern", "repeat"),
    ("pattern = \"T{year}{random:6}\"", "field = \"nothing\"", "number.field", "no field nothing"),
    ("pattern = \"T{year}{random:6}\"", "field = \"sort\"", "number.field", "must be a required field"),
    ("pattern = \"T{year}{random:6}\"", "", "number", "either field or pattern"),
    (
        "{ name = \"name\", code = \"code\", code",
        "{ name = \"owner\", code = \"code\", code",
        "holder.name",
        "no field owner",
    ),
    ("code_type = \"001\"", "code_type = \"111\"", "holder.code_type", "does not go with"),
    ("code_type = \"001\"", "code_type = \"123\"", "holder.code_type", "annex A"),
    ("{ name = \"sort\"", "{ name = \"name\"", "fields[2].name", "is used twice"),
    ("{ name = \"sort\"", "{ name = \"so rt\"", "fields[2].name", "lower-case"),
    ("min = 2", "min = 41", "fields[0].min", "more than max"),
    ("max = 40, ", "", "fields[0].max", "is missing"),
    ("max = 40", "max = 4000", "fields[0].max", "1 to 2000"),
    ("type = \"credit-code\"", "type = \"creditcode\"", "fields[1].type", "must be text, date"),
    ("max = 40", "max = 40, pattern = \"云.*\"", "fields[0].hint", "is missing"),
    (
        "max = 40",
        "max = 40, hint = { zh = \"一\", en = \"one\" }",
        "fields[0].hint",
        "only for a text with a pattern",
    ),
    (
        "max = 40",
        "max = 40, pattern = \"a)|(b\", hint = { zh = \"一\", en = \"one\" }",
        "fields[0].pattern",
        "no regular expression",
    ),
    (
        "max = 40",
        "max = 40, pattern = \"(a{500}){500}\", hint = { zh = \"一\", en = \"one\" }",
        "fields[0].pattern",
        "no regular expression",
    ),
    (
        "max = 40",
        "max = 40, pattern = \"茶.*\", hint = { zh = \"一\", en = \"one\" }",
        "fields[0].example",
        "field.wrong_form",
    ),
    (
        "type = \"enumeration\", required = false, privacy = \"public\", example = \"a\", choices = [{ code = \"a\", zh = \"甲\", en = \"A\" }]",
        "type = \"number\", min = 10, max = 9.5, privacy = \"public\", example = \"9\"",
        "fields[2].min",
        "more than max",
    ),
    (
        "type = \"enumeration\", required = false, privacy = \"public\", example = \"a\", choices = [{ code = \"a\", zh = \"甲\", en = \"A\" }]",
        "type = \"number\", min = -1, privacy = \"public\", example = \"9\"",
        "fields[2].min",
        "zero or more",
    ),
    (
        "type = \"enumeration\", required = false, privacy = \"public\", example = \"a\", choices = [{ code = \"a\", zh = \"甲\", en = \"A\" }]",
        "type = \"number\", max = 8, privacy = \"public\", example = \"9\"",
        "fields[2].example",
        "field.above_greatest",
    ),
    ("privacy = \"personal\"", "privacy = \"secret\"", "fields[0].privacy", "must be public"),
    ("mask = \"name\", ", "", "fields[0].mask", "is missing"),
    ("mask = \"name\"", "mask = \"moustache\"", "fields[0].mask", "must be whole"),
    ("privacy = \"personal\"", "privacy = \"public\"", "fields[0].mask", "only for personal"),
    (
        "example = \"11990000MB0000001M\"",
        "example = \"11990000MB0000002M\"",
        "fields[1].example",
        "credit_code_check",
    ),
    ("example = \"2026-01-01\"", "example = \"2026-02-30\"", "fields[3].example", "not_a_date"),
    ("[{ code = \"a\", zh = \"甲\", en = \"A\" }]", "[]", "fields[2].choices", "is empty"),
    (
        "en = \"A\" }]",
        "en = \"A\" }, { code = \"a\", zh = \"乙\", en = \"B\" }]",
        "fields[2].choices",
        "twice",
    ),
    ("ink = \"#101010\"", "ink = \"#1010\"", "colours.ink", "must be a colour"),
    (
        "plain = { size = 12, colour = \"ink\" }",
        "plain = { size = 2, colour = \"ink\" }",
        "pages[0].items[2].size",
        "4 to 120",
    ),
    (
        "plain = { size = 12, colour",
        "plain = { size = 12, weight = 3, colour",
        "styles.plain.weight",
        "not known",
    ),
    (
        "plain = { size = 12, colour",
        "plain = { size = 12, min_size = 13, colour",
        "pages[0].items[2].min_size",
        "not more than size",
    ),
    ("\"A4 portrait\"", "\"A5\"", "pages[0].size", "A4 portrait"),
    ("frame = \"double\"", "frame = \"gilded\"", "pages[0].items[0].frame", "double or guilloche"),
    ("breadth = 2", "breadth = 96", "pages[0].items[0].breadth", "does not fit"),
    ("colour = \"#AA0000\"", "colour = \"crimson\"", "pages[0].items[0].colour", "neither in [colours]"),
    ("[20, 20, 170, 20]", "[20, 20, 191, 20]", "pages[0].items[1].at", "outside the page"),
    ("[20, 20, 170, 20]", "[20, 20, 170, 0]", "pages[0].items[1].at", "a width and a height"),
    ("[20, 20, 170, 20]", "[20, 20, 170]", "pages[0].items[1].at", "4 numbers"),
    (
        "[20, 20, 170, 20], style = \"plain\"",
        "[20, 20, 170, 20], style = \"fancy\"",
        "pages[0].items[1].style",
        "no [styles.fancy]",
    ),
    ("align = \"centre\"", "align = \"center\"", "pages[0].items[1].align", "left, centre"),
    ("label = \"测试证\"", "label = \"测试证\", value = \"{name}\"", "pages[0].items[1]", "exactly one of"),
    ("value = \"{name}\"", "value = \"{nome}\"", "pages[0].items[2].value", "no field \"nome\""),
    ("value = \"{name}\"", "value = \"{name\"", "pages[0].items[2].value", "without its }"),
    ("value = \"{name}\"", "value = \"name\"", "pages[0].items[2].value", "no value in braces"),
    ("{@number}", "{@nomber}", "pages[0].items[3].value", "not a built-in"),
    ("[20, 70, 190, 70]", "[20, 70, 190, 300]", "pages[0].items[4].line", "outside the page"),
    ("[20, 70, 190, 70]", "[20, 250, 190, 250]", "pages[0].items[4].line", "over the code"),
    ("  { seal = [150, 240] },", "", "pages", "a place for a seal"),
    (
        "  { seal = [150, 240] },",
        "  { seal = [150, 240] },\n  { seal = [150, 230] },",
        "pages",
        "exactly one seal, not 2",
    ),
    ("  { code = [20, 240, 25] },", "", "pages", "exactly one code, not 0"),
    (
        "  { code = [20, 240, 25] },",
        "  { code = [20, 240, 25] },\n { code = [60, 240, 25] },",
        "pages",
        "exactly one code, not 2",
    ),
    ("seal = [150, 240]", "seal = [190, 240]", "pages[0].items[5].seal", "outside the page"),
    ("seal = [150, 240]", "seal = [60, 240]", "pages[0].items[5].seal", "over the code"),
    ("[20, 240, 25]", "[20, 240, 10]", "pages[0].items[6].code", "at least 18"),
    ("[20, 60, 170, 8]", "[20, 245, 170, 8]", "pages[0].items[3].at", "over the code"),
    ("{@check_code} ", "", "pages", "{@check_code}"),
    (" {@identifier}", "", "pages", "{@identifier}"),
    ("version = 1", "version = 1\nstraddle = true", "straddle", "two or more pages"),
    ("version = 1", "version = 1\nstraddle = 1", "straddle", "true or false"),
];

/// Who seals the good kind together.
const SEALING: &str = r#"
[[sealing.stages]]
name = "first"
title = { zh = "一", en = "First" }
working_days = 5
remind = [1]
parties = [{ name = "county", title = { zh = "县", en = "County" }, level = "county", responsibility = "testing" }]
[[sealing.stages]]
name = "second"
title = { zh = "二", en = "Second" }
quorum = 1
parties = [{ name = "city", title = { zh = "市", en = "City" }, level = "city", responsibility = "planning" }]
"#;

#[test]
fn who_seals_together_has_a_place_each_and_the_issuer_is_among_them() {
    let two = "  { seal = [150, 240], party = \"county\" },\n  { seal = [150, 190], party = \"city\" },";
    let good = format!("{}{SEALING}", GOOD.replace("  { seal = [150, 240] },", two));
    let kind = read("test-license.toml", "test-license", &good).expect("a kind");
    let plan = kind.sealing.expect("a plan");
    assert_eq!((plan.stages[0].working_days, plan.stages[0].remind.as_slice()), (Some(5), &[1][..]));
    assert_eq!((plan.stages[1].quorum, plan.stages[0].quorum), (Quorum::AtLeast(1), Quorum::All));
    for (from, to, words) in [
        ("quorum = 1", "quorum = 2", "from 1 to the number of its parties"),
        ("name = \"second\"", "name = \"first\"", "used twice"),
        ("{ name = \"city\"", "{ name = \"town\"", "no place for the seal of town"),
        ("responsibility = \"testing\"", "responsibility = \"other\"", "the responsibility that issues"),
        ("level = \"city\"", "level = \"moon\"", "must be township"),
        ("remind = [1]", "remind = [5]", "reminders within them"),
        ("remind = [1]", "remind = [\"x\"]", "whole numbers"),
        ("working_days = 5", "working_days = 0", "whole number"),
        (SEALING, "", "places for several seals"),
    ] {
        assert_eq!(good.matches(from).count(), 1, "{from}");
        let faults = faults_of(&good.replace(from, to));
        assert!(faults.iter().any(|fault| fault.problem.contains(words)), "{to}: {faults:?}");
    }
}

#[test]
fn a_straddling_seal_needs_two_pages_with_free_edges() {
    let two = GOOD.replace("version = 1", "version = 1\nstraddle = true") + SECOND_PAGE;
    let kind = read("test-license.toml", "test-license", &two).expect("a good file");
    assert!(kind.face.straddle && kind.face.pages.len() == 2);
    assert!(!read("test-license.toml", "test-license", GOOD).expect("a good file").face.straddle);
    let edge = "lies under a slice of the straddling seal";
    for (from, to, path) in [
        ("code = [20, 240, 25]", "code = [180, 140, 25]", "pages[0].items[6].code"),
        ("seal = [150, 240]", "seal = [170, 140]", "pages[0].items[5].seal"),
    ] {
        assert_eq!(two.matches(from).count(), 1, "{from}");
        let faults = faults_of(&two.replace(from, to));
        assert!(faults.iter().any(|f| f.path == path && f.problem.contains(edge)), "{to}: {faults:#?}");
        // The twin without a straddling seal may have it there.
        let twin = two.replace(from, to).replace("straddle = true", "straddle = false");
        assert!(read("test-license.toml", "test-license", &twin).is_ok(), "{to}");
    }
}

/// A second page for the good file.
const SECOND_PAGE: &str = r#"
[[pages]]
size = "A4 portrait"
items = [
  { label = "附页", at = [20, 20, 170, 20], style = "plain" },
]
"#;

#[test]
fn several_seals_each_belong_to_a_party() {
    let with = |seals: &str| format!("{}{SEALING}", GOOD.replace("  { seal = [150, 240] },", seals));
    let two = "  { seal = [150, 240], party = \"county\" },\n  { seal = [150, 190], party = \"city\" },";
    let kind = read("test-license.toml", "test-license", &with(two)).expect("a kind");
    let places = kind.face.seal_places().expect("two places");
    let found = |party| SealPlace::among(&places, party).map(|place| place.y);
    assert_eq!((found(Some("county")), found(Some("city"))), (Some(240.0), Some(190.0)));
    assert_eq!((found(Some("province")), found(None)), (None, None));
    for (from, to, path, words) in [
        (", party = \"city\"", "", "pages", "say of each whose it is"),
        ("\"city\"", "\"county\"", "pages", "one seal of the party county"),
        ("\"city\"", "\"City\"", "pages[0].items[6].party", "lower-case"),
        ("\"city\"", "7", "pages[0].items[6].party", "a text"),
        ("190", "196", "pages[0].items[5].seal", "over another"),
    ] {
        assert_eq!(two.matches(from).count(), 1, "{from}");
        let faults = faults_of(&with(&two.replace(from, to)));
        assert!(faults.iter().any(|f| f.path == path && f.problem.contains(words)), "{to}: {faults:?}");
    }
    let many: Vec<String> =
        (0..17).map(|n| format!("  {{ seal = [150, 240], party = \"p{n}\" }},")).collect();
    let faults = faults_of(&with(&many.join("\n")));
    assert!(faults.iter().any(|fault| fault.problem.contains("at most 16")), "{faults:?}");
    let one = read("test-license.toml", "test-license", GOOD).expect("a kind");
    let places = one.face.seal_places().expect("a place");
    assert!(SealPlace::among(&places, None).is_some() && SealPlace::among(&places, Some("city")).is_none());
}

#[test]
fn each_broken_twin_is_reported_where_it_is_broken() {
    for (from, to, path, words) in TWINS {
        assert_eq!(GOOD.matches(from).count(), 1, "{from} must stand once in the good file");
        let broken = read("test-license.toml", "test-license", &GOOD.replace(from, to));
        let faults = broken.map_or_else(|error| error.faults, |_| Vec::new());
        assert!(
            faults
                .iter()
                .any(|f| f.file == "test-license.toml" && f.path == *path && f.problem.contains(words)),
            "{from} -> {to}: {faults:#?}"
        );
    }
}

#[test]
fn all_faults_of_a_file_come_at_once() {
    let text = GOOD.replace("max = 40, ", "").replace("{nome}", "").replace("\"A4 portrait\"", "\"A5\"");
    let text = text.replace("seal = [150, 240]", "seal = [190, 240]");
    let paths: Vec<String> = faults_of(&text).into_iter().map(|fault| fault.path).collect();
    assert!(paths.len() >= 3, "{paths:?}");
    for path in ["fields[0].max", "pages[0].size", "pages[0].items[5].seal"] {
        assert!(paths.iter().any(|p| p == path), "{path} in {paths:?}");
    }
}

#[test]
fn what_is_no_toml_says_so() {
    let faults = faults_of("name = ");
    assert!(faults[0].problem.starts_with("not TOML"), "{faults:?}");
}

#[test]
fn a_directory_adds_kinds_and_takes_the_place_of_embedded_ones() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("test-license.toml"), GOOD).expect("written");
    let embedded =
        EMBEDDED.get_file("business-license.toml").and_then(|f| f.contents_utf8()).expect("embedded");
    fs::write(directory.path().join("business-license.toml"), embedded.replace("version = 2", "version = 7"))
        .expect("written");
    fs::write(directory.path().join("README.md"), "not a kind").expect("written");
    let kinds = load(Some(directory.path())).expect("good files");
    assert_eq!(kinds.iter().count(), 8);
    assert_eq!(kinds.get("business-license").map(|kind| kind.version), Some(7));
}

#[test]
fn a_directory_with_faults_is_refused_with_all_of_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let put = |name: &str, text: &str| fs::write(directory.path().join(name), text).expect("written");
    put("test-license.toml", &GOOD.replace("version = 1", ""));
    put("twin.toml", &GOOD.replace("\"test-license\"", "\"twin\"").replace("R009", "R001"));
    put("large.toml", &"#".repeat(usize::try_from(MOST_BYTES).expect("small") + 1));
    let error = load(Some(directory.path())).expect_err("faults").to_string();
    for words in [
        "test-license.toml: version: is missing",
        "twin.toml: type_code: the type code is also",
        "large.toml: is larger",
    ] {
        assert!(error.contains(words), "{words} in {error}");
    }
    let error = load(Some(&directory.path().join("none"))).expect_err("no directory").to_string();
    assert!(error.contains("cannot be read"), "{error}");
}
