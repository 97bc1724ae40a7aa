//! Says what the ofdrw crate makes of an OFD file: `ofd-checker FILE.ofd [PICTURES [DPI]]`.
//!
//! Prints the text of each page, then each signature with what was checked; with `PICTURES` the pages are drawn
//! as `PICTURES-1.png`, …. Ends with 1 if a signature does not hold, 2 if the file cannot be read.
//! `ofdrw` knows the digest only as `SM3`, which it writes itself, and not by the object identifier that everybody else
//! writes; there the references it lists are checked here, against the parts as it unpacks them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ofdrw::{OfdDocument, OfdError};
use sm3::{Digest as _, Sm3};
use std::process::ExitCode;

const DPI: f64 = 150.0;
const SM3_OID: &str = "1.2.156.10197.1.401";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(file) = arguments.next() else {
        eprintln!("ofd-checker FILE.ofd [PICTURES [DPI]]");
        return ExitCode::from(2);
    };
    let pictures = arguments.next();
    let dpi = arguments.next().and_then(|dpi| dpi.parse().ok()).unwrap_or(DPI);
    match check(&file, pictures.as_deref(), dpi) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{file}: {why}");
            ExitCode::from(2)
        }
    }
}

fn check(file: &str, pictures: Option<&str>, dpi: f64) -> Result<bool, OfdError> {
    let document = OfdDocument::open(file)?;
    let pages = document.pages()?;
    for (n, page) in pages.iter().enumerate() {
        println!("page {} (id {})", n + 1, page.id);
        for text in document.page_text_with_templates(n)? {
            println!("  {text}");
        }
        if let Some(pictures) = pictures {
            let name = format!("{pictures}-{}.png", n + 1);
            std::fs::write(&name, document.page_png(n, dpi)?)
                .map_err(|why| OfdError::Invalid(why.to_string()))?;
            println!("  drawn as {name}");
        }
    }
    let mut sound = true;
    for (n, signature) in document.signatures()?.iter().enumerate() {
        println!("signature {} in {}: {} files", signature.id, signature.path, signature.references.len());
        let say = |what: &str, result: Result<bool, OfdError>| {
            let (good, word) = match result {
                Ok(true) => (true, "good".to_owned()),
                Ok(false) => (false, "BAD".to_owned()),
                Err(why) => (false, format!("NOT CHECKED: {why}")),
            };
            println!("  {what}: {word}");
            good
        };
        let references = if signature.check_method.as_deref() == Some(SM3_OID) {
            let mut good = !signature.references.is_empty();
            for reference in &signature.references {
                let part = document.entry(&reference.path)?;
                good &=
                    part.is_some_and(|bytes| STANDARD.encode(Sm3::digest(bytes)) == reference.check_value);
            }
            Ok(good)
        } else {
            let all = document.check_signature_references(n);
            all.map(|all| !all.is_empty() && all.iter().all(|one| one.valid))
        };
        sound &= say("references", references);
        sound &= say(
            "digest of the description",
            document.check_signature_description_hash(n).map(|one| one.valid),
        );
        sound &= say(
            "seal beside = seal inside",
            document.check_signature_seal_match(n).map(|one| one != Some(false)),
        );
        sound &= say("seal maker's signature", document.check_ses_seal_signature(n));
        sound &= say("signer stands in the seal", document.check_ses_seal_signer_authorization(n));
        sound &= say("signature value", document.check_ses_signature_value(n));
    }
    Ok(sound)
}
