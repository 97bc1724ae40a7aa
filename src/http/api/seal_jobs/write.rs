//! `POST /v1/seal-jobs`

use super::view::SealJobView;
use crate::app::seal_document::{self, MAX_FILE, Request};
use crate::domain::refusal::Fault;
use crate::domain::seal::SealCode;
use crate::domain::seal_job::{Place, Point, Which};
use crate::domain::suite::Suite;
use crate::http::api::common::IdempotencyKey;
use crate::http::api::grants::grant_id;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place as Part, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;

/// Greatest body: the greatest file in Base64, and what stands around it.
const MAX_BODY: usize = MAX_FILE / 3 * 4 + 64 * 1024;

/// A document to be sealed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealJobRequest {
    /// Code of the seal.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// The grant under which a seal of another's is used (用印授权).
    #[schema(pattern = "^[0-9a-f]{32}$")]
    grant: Option<String>,
    /// The suite to seal with: `p256` or `sm2`. Unless told, SM2 for OFD, and for PDF the first of these that the seal has.
    #[schema(pattern = "^(p256|sm2)$")]
    suite: Option<String>,
    /// Where the seal is to stand.
    place: SealPlaceRequest,
    /// Whether it also stands astride the edges of all pages (骑缝); not unless told.
    #[serde(default)]
    straddling: bool,
    /// What the file is called.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Why, for the record of the seal's use.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    /// The file, PDF or OFD, in Base64 (RFC 4648): at most 20 MB before encoding.
    #[schema(min_length = 1, max_length = 27962028)]
    file: String,
}

/// A place: either `words`, or `page`, `x` and `y`. The middle of the seal's picture stands there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealPlaceRequest {
    /// Words of the file: space between characters and the form of characters do not count. Scanned pages have none.
    #[schema(min_length = 1, max_length = 100)]
    words: Option<String>,
    /// Which of the places where the words stand: `only` (unless told), `last`, or `all` of at most 10.
    #[schema(pattern = "^(only|last|all)$")]
    which: Option<String>,
    /// Instead of `which`: this one, from 1.
    #[schema(minimum = 1, maximum = 49)]
    nth: Option<u32>,
    /// The page, from 1.
    #[schema(minimum = 1, maximum = 2000)]
    page: Option<u32>,
    /// Millimetres from its left edge as it is displayed.
    #[schema(minimum = 0, maximum = 5080)]
    x: Option<f64>,
    /// Millimetres from its top edge.
    #[schema(minimum = 0, maximum = 5080)]
    y: Option<f64>,
}

impl SealPlaceRequest {
    fn place(self) -> Option<Place> {
        match self {
            Self { words: Some(words), which, nth, page: None, x: None, y: None } => {
                let which = match (which.as_deref(), nth) {
                    (None, Some(nth)) => Which::Nth(nth),
                    (None | Some("only"), None) => Which::Only,
                    (Some("last"), None) => Which::Last,
                    (Some("all"), None) => Which::All,
                    _ => return None,
                };
                Some(Place::Words { words, which })
            }
            Self { words: None, which: None, nth: None, page: Some(page), x: Some(x), y: Some(y) } => {
                Some(Place::At(Point { page, x: hundredths(x), y: hundredths(y) }))
            }
            _ => None,
        }
    }
}

/// Millimetres in hundredths; the schema keeps them in bounds.
pub fn hundredths(millimetres: f64) -> u32 {
    (millimetres * 100.0).round() as u32
}

impl SealJobRequest {
    fn request(self) -> Result<Request, Problem> {
        let grant = self.grant.as_deref().map(grant_id).transpose()?;
        let mut faults = Vec::new();
        let seal = SealCode::parse(&self.seal);
        if seal.is_none() {
            faults.push(Fault::at("/seal", "seal.not_a_code"));
        }
        let place = self.place.place();
        if place.is_none() {
            faults.push(Fault::at("/place", "seal_job.one_place"));
        }
        let file = STANDARD.decode(self.file).ok();
        if file.is_none() {
            faults.push(Fault::at("/file", "seal_job.not_base64"));
        }
        let (Some(seal), Some(place), Some(file)) = (seal, place, file) else {
            return Err(Problem::faults(Kind::Invalid, Part::Body, faults));
        };
        Ok(Request {
            seal,
            grant,
            suite: self.suite.as_deref().and_then(Suite::parse),
            place,
            straddling: self.straddling,
            name: self.name,
            reason: self.reason,
            file,
        })
    }
}

/// Seals. The same status for the first time and for a repetition: the answer must not depend on a lost one.
pub async fn seal(
    State(state): State<http::State>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<SealJobRequest, MAX_BODY>,
) -> Result<(StatusCode, Json<SealJobView>), Problem> {
    let request = body.request()?;
    let work = async move { seal_document::run(&state, &caller.credential, &key, request).await };
    Ok((StatusCode::CREATED, Json(SealJobView::from(detach(work).await?.job))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Option<Place> {
        serde_json::from_str::<SealPlaceRequest>(text).expect("well-formed").place()
    }

    #[test]
    fn a_place_is_words_or_a_point() {
        let words = |which| Some(Place::Words { words: "甲方".into(), which });
        assert_eq!(place(r#"{"words":"甲方"}"#), words(Which::Only));
        assert_eq!(place(r#"{"words":"甲方","which":"last"}"#), words(Which::Last));
        assert_eq!(place(r#"{"words":"甲方","which":"all"}"#), words(Which::All));
        assert_eq!(place(r#"{"words":"甲方","nth":2}"#), words(Which::Nth(2)));
        let point = Point { page: 1, x: 6_001, y: 8_050 };
        assert_eq!(place(r#"{"page":1,"x":60.006,"y":80.5}"#), Some(Place::At(point)));
        for wrong in [
            "{}",
            r#"{"words":"甲方","page":1,"x":1,"y":1}"#,
            r#"{"words":"甲方","which":"last","nth":2}"#,
            r#"{"page":1,"x":1}"#,
            r#"{"page":1,"x":1,"y":1,"nth":1}"#,
        ] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
