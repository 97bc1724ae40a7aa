//! One license kind, prepared.

use super::OfdContent;
use super::fonts::{FontCuts, FontEntry};
use super::paint::{Ids, Painter, Units};
use super::parts::{self, PageEntry};
use super::tags::Tags;
use crate::documents::attachment::{self, DataFile};
use crate::documents::face::{self, FaceFault, Mark};
use crate::documents::fonts::Fonts;
use crate::documents::ofd::DOCUMENT;
use crate::documents::ofd::package::{PackageWriter, Packing, Prepared};
use crate::documents::ofd::seal::{OfdPage, SealableOfd};
use crate::documents::ofd::xml::Xml;
use crate::documents::pdf::compose::UnusableKind;
use crate::domain::license::LicenseKind;
use crate::domain::license::face::SealPlace;
use std::sync::Arc;

/// Folder of fonts.
const RESOURCES: &str = "Doc_0/Res";

/// One license kind, prepared: everything its files have in common.
pub struct OfdTemplate {
    kind: LicenseKind,
    fonts: Arc<Fonts>,
    /// Template pages, the labels' fonts, the units of ornaments, the list of tags.
    fixed: Prepared,
    pages: Vec<PageEntry>,
    colour_space: u32,
    label_fonts: Vec<FontEntry>,
    /// Identifiers given out so far.
    ids: Ids,
    places: Arc<[SealPlace]>,
    data: DataFile,
}

impl OfdTemplate {
    /// Prepares a kind.
    pub fn prepare(kind: &LicenseKind, fonts: &Arc<Fonts>) -> Result<Self, UnusableKind> {
        Self::prepare_with(kind, fonts, attachment::LICENSE)
    }

    /// Prepares what looks like a kind and holds other data.
    pub fn prepare_with(
        kind: &LicenseKind,
        fonts: &Arc<Fonts>,
        data: DataFile,
    ) -> Result<Self, UnusableKind> {
        let places = kind.face.seal_places()?.into();
        let (fixed_marks, faults) = face::compose_fixed(&kind.face, fonts);
        if !faults.is_empty() {
            return Err(UnusableKind::Face(faults));
        }
        let mut ids = Ids(0);
        let colour_space = ids.next();
        let pages: Vec<PageEntry> = kind
            .face
            .pages
            .iter()
            .map(|page| PageEntry {
                id: ids.next(),
                template: ids.next(),
                width: page.width,
                height: page.height,
            })
            .collect();
        let mut package = PackageWriter::new();
        let mut cuts = FontCuts::default();
        let mut units = Units::new();
        for (n, (page, marks)) in pages.iter().zip(&fixed_marks).enumerate() {
            let content = template_page(page, marks, &mut ids, &mut cuts, fonts, &mut units);
            package.add(&format!("Doc_0/Tpls/Tpl_{n}/Content.xml"), &content, Packing::Small);
        }
        package.add("Doc_0/DocumentRes.xml", &units.finish(), Packing::Small);
        package.add("Doc_0/Tags/CustomTags.xml", &parts::custom_tags(kind), Packing::Small);
        let label_fonts = cuts
            .write(&mut package, RESOURCES, 'L', Packing::Small, fonts)
            .map_err(|fault| UnusableKind::Face(vec![fault]))?;
        Ok(Self {
            kind: kind.clone(),
            fonts: Arc::clone(fonts),
            fixed: package.prepare(),
            pages,
            colour_space,
            label_fonts,
            ids,
            places,
            data,
        })
    }

    /// The kind.
    pub fn kind(&self) -> &LicenseKind {
        &self.kind
    }

    /// Composes one file.
    ///
    /// # Errors
    /// What is wrong with the face.
    pub fn compose(&self, content: &OfdContent<'_>) -> Result<SealableOfd, Vec<FaceFault>> {
        let (own, faults) = face::compose_own(&self.kind, &content.face, &self.fonts);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut package = PackageWriter::new();
        package.add("OFD.xml", &parts::root(content), Packing::Fast);
        package.add_prepared(&self.fixed);

        let (mut ids, mut cuts, mut tags) = (self.ids.clone(), FontCuts::default(), Tags::default());
        for (n, (page, own)) in self.pages.iter().zip(&own).enumerate() {
            let mut xml = Xml::begin("ofd:Page", &[]);
            let template = page.template.to_string();
            xml.empty("ofd:Template", &[("TemplateID", &template), ("ZOrder", "Background")]);
            page.write_area(&mut xml, "ofd:Area");
            xml.open("ofd:Content", &[]);
            xml.open("ofd:Layer", &[("ID", &ids.next().to_string()), ("Type", "Body")]);
            let mut painter = Painter { xml, ids: &mut ids, cuts: &mut cuts, fonts: &self.fonts };
            for run in &own.values {
                let shown = painter.text(run);
                tags.add(&self.kind, page.id, &shown);
            }
            if let Some(placed) = &own.code {
                painter.code(placed);
            }
            let bytes = close_page(painter.xml);
            package.add(&format!("Doc_0/Pages/Page_{n}/Content.xml"), &bytes, Packing::Fast);
        }
        let fonts = cuts
            .write(&mut package, RESOURCES, 'V', Packing::Fast, &self.fonts)
            .map_err(|fault| vec![fault])?;
        let resources = parts::public_resources(self.colour_space, self.label_fonts.iter().chain(&fonts));
        package.add("Doc_0/PublicRes.xml", &resources, Packing::Fast);
        package.add("Doc_0/Tags/CustomTag.xml", &tags.write(&self.kind), Packing::Fast);
        let attached = parts::attached(content, self.data);
        let list = parts::attachments(&attached, content.created);
        package.add("Doc_0/Attachs/Attachments.xml", &list, Packing::Fast);
        for file in &attached {
            package.add(&format!("Doc_0/Attachs/{}", file.name), file.content, Packing::Fast);
        }
        package.add(DOCUMENT, &parts::document(&self.pages, self.colour_space, ids.0), Packing::Fast);

        let pages = self.pages.iter();
        let pages = pages.map(|page| OfdPage { id: page.id, width: page.width, height: page.height });
        let straddles = self.kind.face.straddle;
        Ok(SealableOfd::unsealed(package.finish(), pages.collect(), Arc::clone(&self.places), straddles))
    }
}

fn template_page(
    page: &PageEntry,
    marks: &[Mark],
    ids: &mut Ids,
    cuts: &mut FontCuts,
    fonts: &Fonts,
    units: &mut Units,
) -> Vec<u8> {
    let mut xml = Xml::begin("ofd:Page", &[]);
    page.write_area(&mut xml, "ofd:Area");
    xml.open("ofd:Content", &[]);
    xml.open("ofd:Layer", &[("ID", &ids.next().to_string()), ("Type", "Background")]);
    let mut painter = Painter { xml, ids, cuts, fonts };
    painter.marks(marks, units);
    close_page(painter.xml)
}

fn close_page(mut xml: Xml) -> Vec<u8> {
    xml.close("ofd:Layer");
    xml.close("ofd:Content");
    xml.finish()
}
