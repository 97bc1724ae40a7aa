//! Opening a file that carries seals, to put the next one on it. Only files of our own making come here, each checked
//! as a stranger would check it before; what is read is what the next seal needs.

use super::description::{Listed, number};
use super::{CannotSeal, OfdPage, SealableOfd};
use crate::documents::ofd::package::Package;
use crate::documents::ofd::{DOCUMENT, SIGNATURES};
use crate::formats::Unreadable;
use roxmltree::{Document, Node, ParsingOptions};

const WHAT: &str = "OFD package";

impl SealableOfd {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read, or its last seal is on it already.
    pub fn open(bytes: Vec<u8>) -> Result<Self, CannotSeal> {
        let package = Package::open(bytes)?;
        let pages = pages(&package)?;
        let mut ofd = Self::brought(package, pages);
        if ofd.package.parts.iter().any(|part| part.path == SIGNATURES) {
            ofd.read_signatures()?;
        }
        Ok(ofd)
    }

    fn read_signatures(&mut self) -> Result<(), CannotSeal> {
        let list = text(&self.package, SIGNATURES)?;
        for node in elements(&parse(&list)?, "Signature") {
            let path = node.attribute("BaseLoc").ok_or_else(fault)?;
            let id = node.attribute("ID").ok_or_else(fault)?;
            let number = number(id).ok_or_else(fault)?;
            let kind = node.attribute("Type").unwrap_or("Seal");
            let description = text(&self.package, path.trim_start_matches('/'))?;
            let description = parse(&description)?;
            let locks = |node: &Node<'_, '_>| {
                node.attribute("FileRef").is_some_and(|path| path.trim_start_matches('/') == SIGNATURES)
            };
            if elements(&description, "Reference").any(|node| locks(&node)) {
                return Err(CannotSeal::Locked);
            }
            let stamps = elements(&description, "StampAnnot");
            let numbers = stamps.filter_map(|node| node.attribute("ID").and_then(super::description::number));
            self.last_number = numbers.chain([number, self.last_number]).max().unwrap_or_default();
            self.signatures.push(Listed { id: id.to_owned(), kind: kind.to_owned(), path: path.to_owned() });
        }
        Ok(())
    }
}

/// The pages in order, each with its size.
fn pages(package: &Package) -> Result<Vec<OfdPage>, Unreadable> {
    let document = text(package, DOCUMENT)?;
    let mut pages = Vec::new();
    for node in elements(&parse(&document)?, "Page") {
        let id = node.attribute("ID").and_then(|id| id.parse().ok()).ok_or_else(fault)?;
        let path = node.attribute("BaseLoc").ok_or_else(fault)?;
        let page = text(package, &format!("Doc_0/{path}"))?;
        let page = parse(&page)?;
        let size = elements(&page, "PhysicalBox").next().and_then(|node| node.text()).unwrap_or_default();
        let numbers: Vec<f32> = size.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [_, _, width, height] = numbers[..] else { return Err(fault()) };
        pages.push(OfdPage { id, width, height });
    }
    Ok(pages)
}

fn fault() -> Unreadable {
    Unreadable::new(WHAT, "a part is not as this program writes it")
}

fn text(package: &Package, path: &str) -> Result<String, Unreadable> {
    String::from_utf8(package.part(path)?).map_err(|_| fault())
}

fn parse(text: &str) -> Result<Document<'_>, Unreadable> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 1 << 20, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|_| fault())
}

fn elements<'a, 'input>(
    document: &'a Document<'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    document.descendants().filter(move |node| node.is_element() && node.tag_name().name() == name)
}
