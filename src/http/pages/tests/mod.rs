//! Every page rendered from sample data in both languages, and what must hold for each.

mod businesses;
mod documents;
mod envelopes;
mod grants;
mod samples;
mod tags;
mod trust_list;
mod wallet;
mod webhooks;

use crate::texts::{Language, catalogue};
use std::collections::BTreeSet;
use tags::{Tag, attribute, tags};

fn all(check: impl Fn(&str, &str, &[Tag])) {
    for language in Language::ALL {
        for (name, html) in samples::pages(language) {
            let name = format!("{name} ({})", language.name());
            check(&name, &html, &tags(&html));
        }
    }
}

/// Outside `<template>`, whose content is not in the page until a script puts it there.
fn live(tags: &[Tag]) -> Vec<&Tag> {
    let mut inside = false;
    tags.iter()
        .filter(|tag| {
            if tag.name == "template" {
                inside = true;
            } else if tag.name == "/template" {
                inside = false;
            }
            !inside
        })
        .collect()
}

#[test]
fn every_page_has_its_language_one_heading_and_a_title() {
    all(|name, html, tags| {
        let lang = tags.iter().find(|tag| tag.name == "html").and_then(|tag| attribute(tag, "lang"));
        let expected = if name.ends_with("(zh)") { "zh-CN" } else { "en" };
        assert_eq!(lang, Some(expected), "{name}");
        let headings = live(tags).iter().filter(|tag| tag.name == "h1").count();
        assert_eq!(headings, 1, "{name}: headings");
        assert!(!html.contains("<title> ·"), "{name}: no title");
        assert_eq!(tags.iter().filter(|tag| tag.name == "main").count(), 1, "{name}: main");
    });
}

#[test]
fn every_control_has_a_label_and_every_reference_leads_somewhere() {
    all(|name, _, tags| {
        let tags = live(tags);
        let ids: Vec<&str> = tags.iter().filter_map(|tag| attribute(tag, "id")).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id stands twice: {ids:?}");
        let labelled: BTreeSet<&str> =
            tags.iter().filter(|tag| tag.name == "label").filter_map(|tag| attribute(tag, "for")).collect();
        for tag in &tags {
            let hidden = attribute(tag, "type") == Some("hidden");
            if matches!(tag.name.as_str(), "input" | "select" | "textarea") && !hidden {
                let id = attribute(tag, "id").unwrap_or_default();
                assert!(labelled.contains(id), "{name}: no label for {tag:?}");
            }
            for reference in ["aria-describedby", "aria-labelledby"] {
                for id in attribute(tag, reference).unwrap_or_default().split_whitespace() {
                    assert!(unique.contains(id), "{name}: {reference} names {id}, which is not there");
                }
            }
            if tag.name == "img" {
                assert!(attribute(tag, "alt").is_some(), "{name}: picture without alternative text");
            }
            if let Some(target) = attribute(tag, "href").and_then(|href| href.strip_prefix('#')) {
                assert!(unique.contains(target), "{name}: link to #{target}, which is not there");
            }
        }
        for label in labelled {
            assert!(unique.contains(label), "{name}: a label for {label}, which is not there");
        }
    });
}

#[test]
fn nothing_on_a_page_needs_more_than_the_policy_allows() {
    all(|name, html, tags| {
        for tag in tags {
            assert!(attribute(tag, "style").is_none(), "{name}: style in {tag:?}");
            let handler = tag.attributes.iter().any(|(attribute, _)| attribute.starts_with("on"));
            assert!(!handler, "{name}: script in {tag:?}");
            for reference in ["src", "href", "action"] {
                let value = attribute(tag, reference).unwrap_or_default();
                assert!(!value.contains("//"), "{name}: leads away: {tag:?}");
            }
            if tag.name == "script" {
                assert!(attribute(tag, "src").is_some(), "{name}: inline script");
            }
        }
        assert!(!html.contains("<style"), "{name}: inline style sheet");
    });
}

#[test]
fn no_text_is_missing_and_no_value_is_left_out() {
    let known = |text: &str| catalogue().has(text);
    for file in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/pages")).expect("readable").flatten()
    {
        if file.path().extension().is_some_and(|suffix| suffix == "html") {
            let text = std::fs::read_to_string(file.path()).expect("a template is UTF-8");
            for part in text.split("c.t(\"").skip(1).chain(text.split("c.f(\"").skip(1)) {
                let code = part.split('"').next().unwrap_or_default();
                assert!(known(code), "{:?} says {code}, which has no text", file.file_name());
            }
        }
    }
    all(|name, html, _| {
        let text = tags::text(html);
        for word in text.split(|c: char| c.is_whitespace() || "“”（），。：".contains(c)) {
            let dotted = word.split('.').count() == 2 && word.split('.').all(|part| !part.is_empty());
            let plain = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.');
            assert!(!(dotted && plain), "{name}: {word} is a code, not a text");
        }
        assert!(!text.contains("{}"), "{name}: an empty placeholder");
    });
}

#[test]
fn hostile_values_are_only_ever_text() {
    for (name, html) in samples::hostile() {
        assert!(!html.contains("<img src=x"), "{name}");
        assert!(html.contains("&#60;img src=x"), "{name}: the value is not shown at all");
    }
}
