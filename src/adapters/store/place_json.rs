//! How the place of a seal on a file that was brought is kept as JSON text.

use super::json::{self, BadJson};
use crate::domain::seal_job::{Place, Point, Which};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum PlaceText {
    Words { words: String, which: WhichText },
    At { page: u32, x: u32, y: u32 },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhichText {
    Only,
    Nth(u32),
    Last,
    All,
}

pub(super) fn write(place: &Place) -> String {
    json::write(&match place {
        Place::Words { words, which } => {
            let which = match which {
                Which::Only => WhichText::Only,
                Which::Nth(nth) => WhichText::Nth(*nth),
                Which::Last => WhichText::Last,
                Which::All => WhichText::All,
            };
            PlaceText::Words { words: words.clone(), which }
        }
        Place::At(Point { page, x, y }) => PlaceText::At { page: *page, x: *x, y: *y },
    })
}

pub(super) fn read(text: &str) -> Result<Place, BadJson> {
    Ok(match json::read(text)? {
        PlaceText::Words { words, which } => {
            let which = match which {
                WhichText::Only => Which::Only,
                WhichText::Nth(nth) => Which::Nth(nth),
                WhichText::Last => Which::Last,
                WhichText::All => Which::All,
            };
            Place::Words { words, which }
        }
        PlaceText::At { page, x, y } => Place::At(Point { page, x, y }),
    })
}
