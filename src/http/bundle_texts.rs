//! The words for what is found in a code or a list, each with what to do where there is something: what verifiers without a
//! network say.

use crate::app::offline::BundleText;
use crate::domain::license::kind::Bilingual;
use crate::texts::catalogue;

/// All of them.
pub fn all() -> Vec<BundleText> {
    let words = catalogue();
    let both =
        |code: &str| words.templates(code).map(|(zh, en)| Bilingual { zh: zh.to_owned(), en: en.to_owned() });
    let codes = words.codes().filter(|code| code.starts_with("offline.") || code.starts_with("status_list."));
    let texts = codes.filter_map(|code| {
        let act = code.strip_prefix("offline.").and_then(|code| both(&format!("offline_act.{code}")));
        Some(BundleText { code: code.to_owned(), says: both(code)?, act })
    });
    texts.collect()
}
