//! Style sheets, scripts and pictures of the pages: embedded, addressed by what they contain, kept by browsers for good.

use super::problem::{Kind, Problem};
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/http/pages/assets");

struct Asset {
    address: String,
    media_type: &'static str,
    bytes: &'static [u8],
}

fn assets() -> &'static BTreeMap<String, Asset> {
    static ASSETS: OnceLock<BTreeMap<String, Asset>> = OnceLock::new();
    ASSETS.get_or_init(|| {
        let files = FILES.files().filter_map(|file| {
            let name = file.path().file_name()?.to_str()?.to_owned();
            let (stem, suffix) = name.rsplit_once('.')?;
            let mark = mark(file.contents());
            let address = format!("/assets/{stem}.{mark}.{suffix}");
            let media_type = media_type(suffix)?;
            Some((name.clone(), Asset { address, media_type, bytes: file.contents() }))
        });
        files.collect()
    })
}

/// Changes when the content does; nothing more is asked of it.
fn mark(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn media_type(suffix: &str) -> Option<&'static str> {
    Some(match suffix {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

/// The address of the asset `name` (`style.css`), for templates; the plain name where there is none.
pub fn address(name: &str) -> &str {
    assets().get(name).map_or(name, |asset| &asset.address)
}

/// The content of the asset `name`, for what needs an address that does not change; nothing where there is none.
pub fn bytes(name: &str) -> &'static [u8] {
    assets().get(name).map_or(&[], |asset| asset.bytes)
}

/// `GET /assets/{file}`
pub async fn get(Path(file): Path<String>) -> Result<Response, Problem> {
    let address = format!("/assets/{file}");
    let asset = assets()
        .values()
        .find(|asset| asset.address == address)
        .ok_or_else(|| Problem::new(Kind::NotFound, "request.no_such_address"))?;
    let headers = [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.bytes).into_response())
}
