//! Cookies: reading one, writing one.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use std::time::Duration;

/// The first cookie of this name.
pub fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
}

/// A `Set-Cookie` value out of reach of scripts, sent by this site's own pages only. `secure` unless the service is
/// reached by plain HTTP on loopback. A zero `age` removes the cookie. `None` if name or value cannot stand in a cookie.
pub fn set(name: &str, value: &str, age: Duration, secure: bool) -> Option<HeaderValue> {
    let token = |text: &str| {
        text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
    };
    if name.is_empty() || !token(name) || !token(value) {
        return None;
    }
    let secure = if secure { "; Secure" } else { "" };
    let seconds = age.as_secs();
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "a=1; session=xyz".parse().expect("a header"));
        headers.append(COOKIE, "c=3".parse().expect("a header"));
        assert_eq!(get(&headers, "session").as_deref(), Some("xyz"));
        assert_eq!(get(&headers, "c").as_deref(), Some("3"));
        assert_eq!(get(&headers, "ses"), None);
    }

    #[test]
    fn nothing_can_be_smuggled_into_a_cookie() {
        let hour = Duration::from_secs(3600);
        let good = set("a", "b", hour, true).expect("plain");
        assert_eq!(good, "a=b; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(set("a", "b; Domain=evil", hour, true), None);
        assert_eq!(set("a\r\n", "b", hour, true), None);
    }
}
