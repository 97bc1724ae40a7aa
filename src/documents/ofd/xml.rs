//! Writing the XML of a package. Elements are prefixed, attributes are not (the schemas' qualified and unqualified
//! forms); nothing is indented, since white space would be part of what is signed and, in places, of the text.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;

/// The namespace of every part.
pub(super) const NAMESPACE: &str = "http://www.ofdspec.org/2016";

/// Attributes in the order in which they are written.
pub(super) type Attributes<'a> = [(&'a str, &'a str)];

/// One XML file.
pub(super) struct Xml {
    writer: Writer<Vec<u8>>,
    root: &'static str,
}

impl Xml {
    /// Begins a file with its root element.
    pub fn begin(root: &'static str, attributes: &Attributes<'_>) -> Self {
        let mut xml = Self { writer: Writer::new(Vec::with_capacity(4 << 10)), root };
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        let namespace = std::iter::once(&("xmlns:ofd", NAMESPACE));
        xml.event(Event::Start(element(root, namespace.chain(attributes))));
        xml
    }

    /// Opens an element.
    pub fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        self.event(Event::Start(element(name, attributes)));
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &Attributes<'_>) {
        self.event(Event::Empty(element(name, attributes)));
    }

    /// An element that holds text. Characters that XML cannot hold are left out.
    pub fn text(&mut self, name: &str, attributes: &Attributes<'_>, text: &str) {
        self.open(name, attributes);
        self.event(Event::Text(BytesText::new(&possible(text))));
        self.close(name);
    }

    /// Closes the root and gives the file.
    pub fn finish(mut self) -> Vec<u8> {
        self.close(self.root);
        self.writer.into_inner()
    }

    fn event(&mut self, event: Event<'_>) {
        self.writer.write_event(event).expect("writing to memory does not fail");
    }
}

fn element<'a>(
    name: &'a str,
    attributes: impl IntoIterator<Item = &'a (&'a str, &'a str)>,
) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for (key, value) in attributes {
        element.push_attribute((*key, &*possible(value)));
    }
    element
}

/// Without the characters that XML 1.0 has no way to write.
fn possible(text: &str) -> Cow<'_, str> {
    let fits = |c: char| !(c < ' ' && !matches!(c, '\t' | '\n') || matches!(c, '\u{FFFE}' | '\u{FFFF}'));
    if text.chars().all(fits) { text.into() } else { text.chars().filter(|c| fits(*c)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let hostile = "a<b>&\"c'\u{1}\u{FFFE}\n]]> 䶮𠮷";
        let mut xml = Xml::begin("ofd:Page", &[("Name", hostile)]);
        xml.text("ofd:Title", &[], hostile);
        xml.empty("ofd:Area", &[("A", "1"), ("B", "2")]);
        let bytes = xml.finish();
        let text = std::str::from_utf8(&bytes).expect("UTF-8");
        let document = roxmltree::Document::parse(text).expect("well-formed");
        let root = document.root_element();
        assert_eq!(root.tag_name().namespace(), Some(NAMESPACE));
        assert!(root.attribute("Name").expect("there").starts_with("a<b>&\"c'"));
        let title = root.first_element_child().expect("there");
        assert_eq!(title.text(), Some("a<b>&\"c'\n]]> 䶮𠮷"));
    }
}
