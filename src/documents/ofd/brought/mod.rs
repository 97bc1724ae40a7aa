//! Sealing an OFD file that somebody brought. Of what is there every part stays as it is, but for the list of signatures
//! and, where the file has none yet, the entry part, which must name it.
//!
//! Refused: what is odd in a way that lets two readers see two documents, what a seal locks or a list of all parts closes
//! (`OFDEntries.xml`, GM/T 0099-2020), and what does not permit signatures.

mod search;

use super::examine::package::{Package as Read, resolve};
use super::examine::structure::{ENTRY, ENTRY_LIST, follow};
use super::examine::xml::{area, child, child_text, children, parse};
use super::package::{Package, Packing};
use super::seal::description::{Listed, number};
use super::seal::{CannotSeal, OfdPage, SealableOfd, Stamped, straddling};
use crate::documents::brought::{NotSealable, Spot};
use crate::domain::report::facts::NotExaminable;
use roxmltree::{Document, Node};

/// Largest file that is opened.
const MAX_BYTES: usize = super::examine::MAX_BYTES;
/// Most pages.
const MAX_PAGES: usize = 2_000;
/// Most signatures.
const MAX_SIGNATURES: usize = 64;

/// An OFD file that somebody brought, ready to be sealed.
pub struct BroughtOfd {
    ofd: SealableOfd,
    read: Read,
    /// Content of each page, beneath it that of its templates.
    contents: Vec<Vec<String>>,
}

impl BroughtOfd {
    /// Opens a file to be sealed.
    ///
    /// # Errors
    /// If it cannot be.
    pub fn open(bytes: Vec<u8>) -> Result<Self, NotSealable> {
        if bytes.len() > MAX_BYTES {
            return Err(NotExaminable::TooLarge { limit: MAX_BYTES }.into());
        }
        let read = Read::open(&bytes)?;
        let structure = follow(&read)?;
        // A signed list of all parts: nothing can be added.
        if read.part(ENTRY_LIST).is_some() {
            return Err(NotSealable::Locked);
        }
        if let Some(oddity) = read.oddities.iter().chain(&structure.oddities).next() {
            return Err(NotSealable::not_updatable(format!("{oddity:?}")));
        }
        let entry = xml(&read, ENTRY)?;
        let body = child(entry.root_element(), "DocBody").ok_or_else(|| odd(ENTRY))?;
        let root = child_text(body, "DocRoot").and_then(|place| resolve(ENTRY, place));
        let root = root.ok_or_else(|| odd(ENTRY))?;
        let folder = root.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
        let (pages, contents) = pages(&read, &root)?;
        let package = Package::open(bytes).map_err(|why| NotSealable::not_updatable(why.to_string()))?;
        let mut ofd = SealableOfd::brought(package, pages);
        match &structure.signatures {
            Some(list) => {
                signatures(&read, list, &mut ofd)?;
                ofd.list.clone_from(list);
            }
            None => {
                ofd.list = format!("{folder}/Signs/Signatures.xml").trim_start_matches('/').to_owned();
                let named = with_list(&read, body, &ofd.list)?;
                let mut package = ofd.package.extend(&[ENTRY]);
                package.add(ENTRY, &named, Packing::Fast);
                ofd.package = package.finish();
            }
        }
        let signs = ofd.list.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
        ofd.signs = if signs.is_empty() { "Signs".to_owned() } else { signs };
        Ok(Self { ofd, read, contents })
    }

    /// Width and height of each page in millimetres.
    pub fn pages(&self) -> impl ExactSizeIterator<Item = (f32, f32)> {
        self.ofd.pages().iter().map(|page| (page.width, page.height))
    }

    /// A seal's picture of this size with its middle on this spot.
    ///
    /// # Errors
    /// If the page is not there, or the picture would reach over its edge.
    pub fn stamp(&self, spot: Spot, (width, height): (f32, f32)) -> Result<Stamped, NotSealable> {
        let pages = self.ofd.pages();
        let no_such_page = NotSealable::NoSuchPage { pages: pages.len() };
        let page = pages.get(spot.page).ok_or(no_such_page)?;
        let (left, top) = spot.corner((width, height), (page.width, page.height))?;
        Ok(Stamped { page: spot.page, left, top, width, height, shown: None })
    }

    /// Slices of a picture of this size astride the edges of all pages.
    ///
    /// # Errors
    /// If there is one page only.
    pub fn slices(&self, size: (f32, f32)) -> Result<Vec<Stamped>, NotSealable> {
        let slices = straddling(self.ofd.pages(), size, (0, 1));
        if slices.is_empty() { Err(NotSealable::OnePage) } else { Ok(slices) }
    }

    /// The package, for [`super::seal::begin`].
    pub fn into_sealable(self) -> SealableOfd {
        self.ofd
    }
}

/// The pages in order with their sizes, and the parts that show them.
fn pages(read: &Read, root: &str) -> Result<(Vec<OfdPage>, Vec<Vec<String>>), NotSealable> {
    let document = xml(read, root)?;
    let document = document.root_element();
    let common = child(document, "CommonData").ok_or_else(|| odd(root))?;
    let permits = child(document, "Permissions").and_then(|permissions| child_text(permissions, "Signature"));
    if permits == Some("false") {
        return Err(NotSealable::Locked);
    }
    let size_of = |holder: Node<'_, '_>, name| {
        let [_, _, width, height] = area(child_text(child(holder, name)?, "PhysicalBox")?)?;
        Some((width as f32, height as f32))
    };
    let usual = size_of(common, "PageArea");
    let template = |id: &str| {
        let found = children(common, "TemplatePage").find(|template| template.attribute("ID") == Some(id));
        found?.attribute("BaseLoc").and_then(|place| resolve(root, place))
    };
    let listed = child(document, "Pages").ok_or_else(|| odd(root))?;
    let (mut pages, mut contents) = (Vec::new(), Vec::new());
    for page in children(listed, "Page") {
        let id = page.attribute("ID").and_then(|id| id.parse().ok()).ok_or_else(|| odd(root))?;
        let path =
            page.attribute("BaseLoc").and_then(|place| resolve(root, place)).ok_or_else(|| odd(root))?;
        // Pages that share their content would be read as often as they are listed.
        if contents.iter().any(|shown: &Vec<String>| shown.last() == Some(&path)) {
            return Err(odd(root));
        }
        let content = xml(read, &path)?;
        let content = content.root_element();
        let (width, height) = size_of(content, "Area").or(usual).ok_or_else(|| odd(&path))?;
        let templates = children(content, "Template").take(8);
        let templates = templates.filter_map(|used| template(used.attribute("TemplateID")?));
        let shown: Vec<String> = templates.chain([path.clone()]).collect();
        pages.push(OfdPage { id, width, height });
        contents.push(shown);
        if pages.len() > MAX_PAGES {
            break;
        }
    }
    if pages.is_empty() || pages.len() > MAX_PAGES {
        return Err(NotSealable::not_updatable(format!("it does not have 1 to {MAX_PAGES} pages")));
    }
    Ok((pages, contents))
}

/// The signatures that are there.
fn signatures(read: &Read, list: &str, ofd: &mut SealableOfd) -> Result<(), NotSealable> {
    let Some(bytes) = read.part(list) else { return Ok(()) };
    let document = parse(bytes).map_err(|why| NotSealable::not_updatable(format!("{list}: {why}")))?;
    for node in children(document.root_element(), "Signature").take(MAX_SIGNATURES + 1) {
        let place = node.attribute("BaseLoc").ok_or_else(|| odd(list))?;
        let path = resolve(list, place).ok_or_else(|| odd(list))?;
        let id = node.attribute("ID").ok_or_else(|| odd(list))?;
        let description = xml(read, &path)?;
        let references = description.descendants().filter(|node| node.tag_name().name() == "Reference");
        let named = references.filter_map(|node| resolve(&path, node.attribute("FileRef")?));
        if named.into_iter().any(|named| named == list) {
            return Err(NotSealable::Locked);
        }
        let stamps = description.descendants().filter(|node| node.tag_name().name() == "StampAnnot");
        let numbers = stamps.filter_map(|node| node.attribute("ID").and_then(number));
        ofd.last_number = numbers.chain(number(id)).chain([ofd.last_number]).max().unwrap_or_default();
        let kind = node.attribute("Type").unwrap_or("Seal").to_owned();
        ofd.signatures.push(Listed { id: id.to_owned(), kind, path: place.to_owned() });
    }
    if ofd.signatures.len() > MAX_SIGNATURES || ofd.last_number > 1_000_000 {
        return Err(NotSealable::not_updatable("it bears too many signatures"));
    }
    Ok(())
}

/// The entry part with the place of the list of signatures, which stands behind `DocRoot` and `Versions`.
fn with_list(read: &Read, body: Node<'_, '_>, list: &str) -> Result<Vec<u8>, NotSealable> {
    let bytes = read.part(ENTRY).ok_or_else(|| odd(ENTRY))?;
    let entry = std::str::from_utf8(bytes).map_err(|_| odd(ENTRY))?;
    // The reader does not count the mark of the encoding.
    let mark = entry.len() - entry.trim_start_matches('\u{feff}').len();
    let before = ["DocRoot", "Versions"].into_iter().filter_map(|name| child(body, name));
    let last = before.max_by_key(|node| node.range().end).ok_or_else(|| odd(ENTRY))?;
    let tag = &entry[mark + last.range().start + 1..mark + last.range().end];
    let name = tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default();
    let prefix = name.rsplit_once(':').map(|(prefix, _)| format!("{prefix}:")).unwrap_or_default();
    let place = mark + last.range().end;
    let element = format!("<{prefix}Signatures>/{list}</{prefix}Signatures>");
    Ok([&entry[..place], &element, &entry[place..]].concat().into_bytes())
}

fn xml<'a>(read: &'a Read, path: &str) -> Result<Document<'a>, NotSealable> {
    let bytes = read.part(path).ok_or_else(|| odd(path))?;
    parse(bytes).map_err(|why| NotSealable::not_updatable(format!("{path}: {why}")))
}

fn odd(path: &str) -> NotSealable {
    NotSealable::not_updatable(format!("{path} is not what it should be"))
}

impl From<CannotSeal> for NotSealable {
    fn from(why: CannotSeal) -> Self {
        match why {
            CannotSeal::Locked => Self::Locked,
            other => Self::not_updatable(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
