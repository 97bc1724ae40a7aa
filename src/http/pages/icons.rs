//! Icons and the shapes of verdicts, drawn inline: no request, no font, colour from the text around them.

/// The marks that a verdict or tag can carry. Each has its own outline, so none depends on colour.
pub fn marks(name: &str) -> &'static str {
    match name {
        "tick" => r#"<circle cx="12" cy="12" r="10"/><path d="m7 12.5 3.5 3.5L17 9"/>"#,
        "octagon" => r#"<path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z"/><path d="m8.7 8.7 6.6 6.6m0-6.6-6.6 6.6"/>"#,
        "stop" => r#"<path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z"/><path d="M7 12h10"/>"#,
        "triangle" => r#"<path d="M12 2.5 22.5 21h-21z"/><path d="M12 9v5.5m0 3v.01"/>"#,
        "clock" => r#"<circle cx="12" cy="12" r="10"/><path d="M12 6v6l4 2.5"/>"#,
        "again" => {
            r#"<path d="M20 11a8 8 0 0 0-14.6-3.5L3 10"/><path d="M3 4v6h6"/><path d="M4 13a8 8 0 0 0 14.6 3.5L21 14"/><path d="M21 20v-6h-6"/>"#
        }
        "square" => {
            r#"<rect x="2.5" y="2.5" width="19" height="19" rx="2"/><path d="M9.3 9.2a2.8 2.8 0 1 1 3.9 2.6c-.8.4-1.2 1-1.2 2m0 3.2v.01"/>"#
        }
        "cross" => r#"<path d="m3.5 3.5 17 17m0-17-17 17"/>"#,
        "question" => {
            r#"<path d="M12 2 22 12 12 22 2 12z"/><path d="M9.8 9.6a2.3 2.3 0 1 1 3.2 2.2c-.7.3-1 .8-1 1.5m0 2.7v.01"/>"#
        }
        "note" => r#"<circle cx="12" cy="12" r="10"/><path d="M12 11v6m0-10v.01"/>"#,
        "pause" => r#"<rect x="2.5" y="2.5" width="19" height="19" rx="2"/><path d="M9 8v8m6-8v8"/>"#,
        "plus" => r#"<path d="M12 5v14M5 12h14"/>"#,
        "seal" => {
            r#"<circle cx="12" cy="12" r="9.5"/><path d="m12 6.5 1.5 3.6 3.9.3-3 2.5 1 3.8-3.4-2.1-3.4 2.1 1-3.8-3-2.5 3.9-.3z"/>"#
        }
        "license" => {
            r#"<rect x="2.5" y="4" width="19" height="16" rx="1.5"/><path d="M6 8.5h7M6 12h5"/><circle cx="16.5" cy="14" r="2.5"/>"#
        }
        "phone" => {
            r#"<rect x="6" y="2" width="12" height="20" rx="2.5"/><path d="M9.5 7h2v2h-2zm4 0h1m-1 2.5h1M9.5 12h2m2 0h1v2M9.5 14.5h1M11 19h2"/>"#
        }
        "desk" => {
            r#"<path d="M3 8V4.5A1.5 1.5 0 0 1 4.5 3H8m8 0h3.5A1.5 1.5 0 0 1 21 4.5V8m0 8v3.5a1.5 1.5 0 0 1-1.5 1.5H16m-8 0H4.5A1.5 1.5 0 0 1 3 19.5V16M3 12h18"/>"#
        }
        "qr" => {
            r#"<rect x="3" y="3" width="7" height="7"/><rect x="14" y="3" width="7" height="7"/><rect x="3" y="14" width="7" height="7"/><path d="M14 14h3v3h-3zm7 0v3m-4 4h4m-7 0v.01"/>"#
        }
        "check" => {
            r#"<path d="M14 2H6.5A1.5 1.5 0 0 0 5 3.5V20.5A1.5 1.5 0 0 0 6.5 22h11a1.5 1.5 0 0 0 1.5-1.5V7z"/><path d="M14 2v5h5M9 14.5l2.2 2.2L15.5 12"/>"#
        }
        "upload" => {
            r#"<path d="M14 2H6.5A1.5 1.5 0 0 0 5 3.5V20.5A1.5 1.5 0 0 0 6.5 22h11a1.5 1.5 0 0 0 1.5-1.5V7z"/><path d="M14 2v5h5M12 18v-7m-3 3 3-3 3 3"/>"#
        }
        "download" => r#"<path d="M12 3v12m-5-5 5 5 5-5M4 20h16"/>"#,
        "eye" => {
            r#"<path d="M1.5 12S5.5 5 12 5s10.5 7 10.5 7-4 7-10.5 7S1.5 12 1.5 12z"/><circle cx="12" cy="12" r="3.2"/>"#
        }
        "sound" => {
            r#"<path d="M4 9.5v5h3.5L13 19V5L7.5 9.5z"/><path d="M16.5 9a4 4 0 0 1 0 6m2.5-8.5a7.5 7.5 0 0 1 0 11"/>"#
        }
        "big" => r#"<path d="M3 19 8.5 5 14 19M5 14.5h7M15 19l3-8 3 8m-5-2.700h4"/>"#,
        "family" => {
            r#"<circle cx="8.5" cy="7.5" r="3.5"/><path d="M2 20c0-4 2.9-6.5 6.5-6.5S15 16 15 20"/><circle cx="17.5" cy="10" r="2.5"/><path d="M16.5 14.6c3-.5 5.500 1.600 5.500 5.400"/>"#
        }
        "camera" => {
            r#"<path d="M3 7.5h4L8.5 5h7L17 7.5h4a.5.5 0 0 1 .5.5v11a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5V8a.5.5 0 0 1 .5-.5z"/><circle cx="12" cy="13" r="3.8"/>"#
        }
        _ => "",
    }
}

/// An icon beside text.
pub fn icon(name: &str) -> String {
    draw(name, "icon")
}

/// The large shape of a verdict.
pub fn shape(name: &str) -> String {
    draw(name, "icon shape")
}

fn draw(name: &str, class: &str) -> String {
    let marks = marks(name);
    format!(r#"<svg class="{class}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{marks}</svg>"#)
}
