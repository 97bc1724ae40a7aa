//! XML as a stranger wrote it: no document type, no entities of its own, bounded in size, number and depth. Names are
//! compared without their namespace, which real files write with and without the year, and elements are taken in any
//! order.

use roxmltree::{Document, Node, ParsingOptions};

/// Largest part that is read as XML.
const MAX_BYTES: usize = 16 << 20;
/// Most nodes.
const MAX_NODES: u32 = 500_000;
/// Deepest nesting.
const MAX_DEPTH: usize = 128;
/// Most attributes of an element: the reader compares each with all before it.
const MAX_ATTRIBUTES: usize = 64;
/// Most namespaces that an element declares, and most declarations of a part: the reader keeps a list of those in scope
/// for each element that declares one.
const MAX_DECLARED: usize = 4;
const MAX_DECLARATIONS: usize = 16_384;
/// Most steps of looking up names in those lists.
const MAX_LOOKUPS: usize = 1 << 27;

/// Reads a part.
///
/// # Errors
/// Why it is not read.
pub(in crate::documents::ofd) fn parse(bytes: &[u8]) -> Result<Document<'_>, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("larger than {MAX_BYTES} bytes"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if nests_deeper_than(text, MAX_DEPTH) {
        return Err(format!("nested deeper than {MAX_DEPTH}"));
    }
    check_work(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|why| why.to_string())
}

/// Whether elements could nest deeper than `most`. Counts marks only, so it never finds less than there is: what looks
/// like an element in a comment or a text in CDATA counts too. The reader itself recurses, and its stack is not ours.
fn nests_deeper_than(text: &str, most: usize) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for at in memchr::memchr2_iter(b'<', b'>', bytes) {
        match (bytes[at], bytes.get(at + 1)) {
            (b'<', Some(b'/')) => depth = depth.saturating_sub(1),
            (b'<', Some(b'!' | b'?')) => {}
            (b'<', _) => depth += 1,
            _ if at > 0 && bytes[at - 1] == b'/' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > most
}

/// Refuses what would cost the reader far more than its length. Counts marks only, as above, so it never finds less than
/// there is: an attribute has a quotation mark behind its sign of equality, and no `<` stands in an element's own text.
fn check_work(text: &str) -> Result<(), String> {
    let declaration = memchr::memmem::Finder::new(b"xmlns");
    let (mut names, mut declarations) = (0_usize, 0_usize);
    for element in text.as_bytes().split(|byte| *byte == b'<').skip(1) {
        let attributes = memchr::memchr2_iter(b'"', b'\'', element)
            .filter(|quote| element[..*quote].trim_ascii_end().ends_with(b"="))
            .count();
        let declared = declaration.find_iter(element).count();
        if attributes > MAX_ATTRIBUTES || declared > MAX_DECLARED {
            return Err(format!(
                "an element of more than {MAX_ATTRIBUTES} attributes or {MAX_DECLARED} namespaces"
            ));
        }
        names += 1 + attributes;
        declarations += declared;
    }
    let in_scope = declarations.min(MAX_DECLARED * MAX_DEPTH);
    if declarations > MAX_DECLARATIONS || names.saturating_mul(in_scope) > MAX_LOOKUPS {
        return Err("too many namespaces".to_owned());
    }
    Ok(())
}

/// Elements of this name right below.
pub(in crate::documents::ofd) fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The first element of this name right below.
pub(in crate::documents::ofd) fn child<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'a str,
) -> Option<Node<'a, 'input>> {
    children(node, name).next()
}

/// The text of an element, without the space around it.
pub(in crate::documents::ofd) fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

/// The text of the first element of this name right below; none if it is empty.
pub(in crate::documents::ofd) fn child_text<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'a str,
) -> Option<&'a str> {
    child(node, name).map(text).filter(|text| !text.is_empty())
}

/// Four numbers `x y width height` in millimetres.
pub(in crate::documents::ofd) fn area(text: &str) -> Option<[f64; 4]> {
    let mut numbers = text.split_ascii_whitespace().map(|n| n.parse::<f64>().ok().filter(|n| n.is_finite()));
    let four = [numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(four)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks_are_not_read() {
        let why = |text: &str| parse(text.as_bytes()).expect_err("refused");
        assert!(parse("\u{feff}<?xml version=\"1.0\"?><a><!-- <b> --><c/></a>".as_bytes()).is_ok());
        assert!(why("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").contains("DTD"));
        assert!(!why("<a>&b;</a>").is_empty());
        let deep = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(parse(deep(MAX_DEPTH).as_bytes()).is_ok());
        assert!(why(&deep(MAX_DEPTH + 1)).contains("nested"));
        assert!(why(&deep(1_000_000)).contains("nested"));
        assert!(why(&format!("<a>{}</a>", "<b/>".repeat(MAX_NODES as usize))).contains("nodes"));
        assert_eq!(parse(b"<a>\xff</a>").err().as_deref(), Some("not UTF-8"));
        assert!(why(&" ".repeat(MAX_BYTES + 1)).contains("larger"));
    }

    #[test]
    fn what_costs_more_than_its_length_is_not_read() {
        let element = |count: usize| {
            let attributes: String = (0..count).map(|n| format!(" a{n} =\t'>'")).collect();
            format!("<a{attributes}/>")
        };
        assert!(parse(element(MAX_ATTRIBUTES).as_bytes()).is_ok());
        for count in [MAX_ATTRIBUTES + 1, 100_000] {
            assert!(parse(element(count).as_bytes()).is_err_and(|why| why.contains("attributes")), "{count}");
        }
        // Each level brings namespaces of its own, and all of them are in scope at the bottom.
        let levels = |declared: usize| -> String {
            let open = (0..100).map(|level| {
                let names: String = (0..declared).map(|n| format!(" xmlns:n{level}_{n}=\"u\"")).collect();
                format!("<a{names}>")
            });
            open.collect()
        };
        let close = "</a>".repeat(100);
        assert!(parse(format!("{}{close}", levels(MAX_DECLARED)).as_bytes()).is_ok());
        let why = |text: String| parse(text.as_bytes()).err().unwrap_or_default();
        assert!(why(format!("{}{close}", levels(MAX_DECLARED + 1))).contains("namespaces"));
        let wide = |inside: String| why(format!("{}{inside}{close}", levels(MAX_DECLARED)));
        assert!(wide("<b/>".repeat(400_000)).contains("too many namespaces"));
        assert!(wide("<b xmlns='u'/>".repeat(MAX_DECLARATIONS)).contains("too many namespaces"));
        // What some writers do: the same declaration on every element.
        let same = format!("<a>{}</a>", "<o:b xmlns:o='u'/>".repeat(10_000));
        assert!(parse(same.as_bytes()).is_ok());
    }

    #[test]
    fn areas_are_four_numbers() {
        assert_eq!(area("0 0 210 297"), Some([0.0, 0.0, 210.0, 297.0]));
        for wrong in ["0 0 210", "0 0 210 297 1", "0 0 NaN 297", "a b c d", ""] {
            assert_eq!(area(wrong), None, "{wrong}");
        }
    }
}
