//! What the document in a package is made of: the parts it leads to, by what they are to a reader.

use super::package::{Package, resolve};
use super::xml::{area, child, child_text, children, parse, text};
use crate::domain::report::facts::{NotExaminable, PackageOddity};
use roxmltree::Node;
use std::collections::{BTreeMap, BTreeSet};

/// Path of the entry part.
pub(in crate::documents::ofd) const ENTRY: &str = "OFD.xml";
/// The list of all entries of a package that GM/T 0099-2020 adds, and what it lists: signed and encrypted parts.
pub(in crate::documents::ofd) const ENTRY_LIST: &str = "OFDEntries.xml";
/// Most pages looked at.
const MAX_PAGES: usize = 2_000;
/// Most CustomData kept.
const MAX_DATA: usize = 256;
/// Most locations that lead nowhere, and most parts that cannot be read, that are kept: one is enough to say no.
const MAX_ODDITIES: usize = 32;

/// An attachment.
#[derive(Debug)]
pub(in crate::documents::ofd) struct Attachment {
    /// Its name as shown.
    pub name: String,
    /// Path of its file.
    pub path: String,
}

/// What the document is made of.
#[derive(Debug, Default)]
pub(in crate::documents::ofd) struct Structure {
    /// Parts that show the document: the entry, the document, pages, templates, resources and their files.
    pub shown: BTreeSet<String>,
    /// Parts that add to it: annotations, attachments, tags and the like.
    pub offered: BTreeSet<String>,
    /// Pages by their identifiers, with width and height in millimetres; of a page that is not there, none.
    pub pages: BTreeMap<String, Option<(f64, f64)>>,
    /// Path of the list of signatures.
    pub signatures: Option<String>,
    /// CustomData of the entry.
    pub data: Vec<(String, String)>,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// What is odd.
    pub oddities: Vec<PackageOddity>,
}

/// Follows the document from the entry part.
///
/// # Errors
/// If the entry part or the document's root is not there or cannot be read.
pub(in crate::documents::ofd) fn follow(package: &Package) -> Result<Structure, NotExaminable> {
    let broken = |path: &str, why: String| NotExaminable::Broken { why: format!("{path}: {why}") };
    let mut walk =
        Walk { package, found: Structure::default(), resources: BTreeSet::new(), sizes: BTreeMap::new() };
    let entry = package.part(ENTRY).ok_or_else(|| broken(ENTRY, "not there".to_owned()))?;
    let entry = parse(entry).map_err(|why| broken(ENTRY, why))?;
    let entry = entry.root_element();
    let bodies: Vec<_> = children(entry, "DocBody").collect();
    let body = *bodies.first().ok_or_else(|| broken(ENTRY, "no document".to_owned()))?;
    let versions = child(body, "Versions").map_or(0, |versions| children(versions, "Version").count());
    if bodies.len() + versions > 1 {
        walk.found.oddities.push(PackageOddity::SeveralDocuments { count: bodies.len() + versions });
    }
    if package.part(ENTRY_LIST).is_some() {
        walk.found.oddities.push(PackageOddity::EntryList { path: ENTRY_LIST.to_owned() });
    }
    walk.found.shown.insert(ENTRY.to_owned());
    if let Some(data) = child(body, "DocInfo").and_then(|info| child(info, "CustomDatas")) {
        let pair = |data: Node<'_, '_>| Some((data.attribute("Name")?.to_owned(), text(data).to_owned()));
        walk.found.data = children(data, "CustomData").take(MAX_DATA).filter_map(pair).collect();
    }
    walk.found.signatures = child_text(body, "Signatures").and_then(|place| resolve(ENTRY, place));
    let root = child_text(body, "DocRoot").and_then(|place| resolve(ENTRY, place));
    let root = root.ok_or_else(|| broken(ENTRY, "names no document".to_owned()))?;
    let document = package.part(&root).ok_or_else(|| broken(&root, "not there".to_owned()))?;
    let document = parse(document).map_err(|why| broken(&root, why))?;
    walk.found.shown.insert(root.clone());
    walk.document(&root, document.root_element());
    Ok(walk.found)
}

struct Walk<'a> {
    package: &'a Package,
    found: Structure,
    /// Lists of resources that were read, and pages with their own sizes: each is read once, however often it is named.
    resources: BTreeSet<String>,
    sizes: BTreeMap<String, Option<(f64, f64)>>,
}

impl<'a> Walk<'a> {
    /// Takes note of a part that a location names, and gives its path if it is there.
    fn take(&mut self, from: &str, location: &str, is_shown: bool) -> Option<String> {
        let Some(path) = resolve(from, location) else {
            self.missing(location);
            return None;
        };
        if self.package.part(&path).is_none() {
            self.missing(&path);
            return None;
        }
        let set = if is_shown { &mut self.found.shown } else { &mut self.found.offered };
        set.insert(path.clone());
        Some(path)
    }

    fn missing(&mut self, path: &str) {
        self.note(PackageOddity::MissingPart { path: path.chars().take(200).collect() });
    }

    fn note(&mut self, oddity: PackageOddity) {
        if self.found.oddities.len() < MAX_ODDITIES && !self.found.oddities.contains(&oddity) {
            self.found.oddities.push(oddity);
        }
    }

    /// Reads a part that is XML and does something with its root. Returns nothing if it is not read.
    fn read<T>(&mut self, path: &str, work: impl FnOnce(&mut Self, Node<'_, '_>) -> T) -> Option<T> {
        let package: &'a Package = self.package;
        match parse(package.part(path)?) {
            Ok(document) => Some(work(self, document.root_element())),
            Err(why) => {
                self.note(PackageOddity::UnreadablePart { path: path.to_owned(), why });
                None
            }
        }
    }

    fn document(&mut self, path: &str, document: Node<'_, '_>) {
        let common = child(document, "CommonData");
        let page_area = common.and_then(|common| child(common, "PageArea"));
        let size = page_area.and_then(box_of);
        if let Some(common) = common {
            for resources in ["PublicRes", "DocumentRes"] {
                for place in children(common, resources) {
                    self.resources(path, text(place));
                }
            }
            for template in children(common, "TemplatePage") {
                self.page(path, template, size);
            }
        }
        for page in
            child(document, "Pages").into_iter().flat_map(|pages| children(pages, "Page")).take(MAX_PAGES)
        {
            let id = page.attribute("ID").unwrap_or_default().to_owned();
            let own = self.page(path, page, size);
            self.found.pages.insert(id, own);
        }
        if let Some(list) =
            child_text(document, "Annotations").and_then(|place| self.take(path, place, false))
        {
            self.annotations(&list);
        }
        if let Some(list) =
            child_text(document, "Attachments").and_then(|place| self.take(path, place, false))
        {
            self.attachments(&list);
        }
        for (name, element) in [("CustomTags", "CustomTag"), ("Extensions", "Extension")] {
            if let Some(list) = child_text(document, name).and_then(|place| self.take(path, place, false)) {
                self.listed(&list, element);
            }
        }
    }

    /// A page or a template: its content, the resources it brings, its size.
    fn page(&mut self, from: &str, page: Node<'_, '_>, size: Option<(f64, f64)>) -> Option<(f64, f64)> {
        let path = self.take(from, page.attribute("BaseLoc")?, true)?;
        if let Some(own) = self.sizes.get(&path) {
            return own.or(size);
        }
        let own = self.read(&path, |walk, content| {
            for place in children(content, "PageRes") {
                walk.resources(&path, text(place));
            }
            child(content, "Area").and_then(box_of)
        });
        let own = own.flatten();
        self.sizes.insert(path, own);
        own.or(size)
    }

    /// A list of resources, and the files it names.
    fn resources(&mut self, from: &str, location: &str) {
        let Some(path) = self.take(from, location, true) else { return };
        if !self.resources.insert(path.clone()) {
            return;
        }
        self.read(&path, |walk, list| {
            // Files lie below the list's own base.
            let base = list.attribute("BaseLoc").and_then(|base| resolve(&path, base));
            let base = base.map_or_else(|| path.clone(), |base| format!("{base}/"));
            let files = list.descendants().filter(|node| node.is_element());
            for node in files {
                match node.tag_name().name() {
                    "FontFile" | "MediaFile" => {
                        walk.take(&base, text(node), true);
                    }
                    "ColorSpace" => {
                        if let Some(profile) = node.attribute("Profile") {
                            walk.take(&base, profile, true);
                        }
                    }
                    // Composite graphic units and video previews may lie in files of their own.
                    _ => {
                        if let Some(place) = node.attribute("BaseLoc").filter(|_| node != list) {
                            walk.take(&base, place, true);
                        }
                    }
                }
            }
        });
    }

    fn annotations(&mut self, list: &str) {
        self.read(list, |walk, annotations| {
            for page in children(annotations, "Page") {
                if let Some(place) = child_text(page, "FileLoc") {
                    walk.take(list, place, false);
                }
            }
        });
    }

    fn attachments(&mut self, list: &str) {
        self.read(list, |walk, attachments| {
            for attachment in children(attachments, "Attachment") {
                let place = child_text(attachment, "FileLoc");
                if let Some(path) = place.and_then(|place| walk.take(list, place, false)) {
                    let name = attachment.attribute("Name").unwrap_or_default().to_owned();
                    walk.found.attachments.push(Attachment { name, path });
                }
            }
        });
    }

    /// A list of tags or extensions, and the files it names.
    fn listed(&mut self, list: &str, element: &str) {
        self.read(list, |walk, root| {
            for listed in children(root, element) {
                for name in ["FileLoc", "SchemaLoc", "ExtendData"] {
                    if let Some(place) = child_text(listed, name) {
                        walk.take(list, place, false);
                    }
                }
            }
        });
    }
}

/// Width and height of the physical box of an area.
fn box_of(page_area: Node<'_, '_>) -> Option<(f64, f64)> {
    let [_, _, width, height] = area(child_text(page_area, "PhysicalBox")?)?;
    Some((width, height))
}
