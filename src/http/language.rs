//! Which language a request wants: the `lang` cookie (the switch on the pages), else `Accept-Language`, else Chinese.

use crate::texts::Language;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// The cookie that remembers the switch on the pages.
pub const COOKIE: &str = "lang";

/// The language of the request with these headers.
pub fn of(headers: &HeaderMap) -> Language {
    super::cookies::get(headers, COOKIE)
        .and_then(|value| Language::of_tag(&value))
        .or_else(|| headers.get(ACCEPT_LANGUAGE)?.to_str().ok().and_then(preferred))
        .unwrap_or(Language::Chinese)
}

/// The language with the greatest weight (RFC 9110 §12.5.4); the first of equals.
fn preferred(header: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for range in header.split(',').take(20) {
        let mut parts = range.split(';');
        let language = parts.next().map(str::trim).and_then(Language::of_tag);
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        if let Some(language) = language
            && weight > best.map_or(0, |(weight, _)| weight)
        {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A weight `0.7` as 700.
fn thousandths(text: &str) -> u16 {
    match text.parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0) as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_weight_wins() {
        assert_eq!(preferred("fr, en;q=0.8, zh-CN;q=0.9"), Some(Language::Chinese));
        assert_eq!(preferred("fr, en;q=0.8, zh-CN;q=0.7"), Some(Language::English));
        assert_eq!(preferred("en, zh"), Some(Language::English));
        assert_eq!(preferred("fr"), None);
        assert_eq!(preferred("en;q=0, fr"), None);
    }

    #[test]
    fn the_cookie_outweighs_the_header() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, "zh".parse().expect("a header"));
        assert_eq!(of(&headers), Language::Chinese);
        headers.insert("cookie", "a=b; lang=en".parse().expect("a header"));
        assert_eq!(of(&headers), Language::English);
    }
}
