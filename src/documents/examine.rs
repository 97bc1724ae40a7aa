//! Examining a file of any format that the service knows, told by its content.

use super::{Known, eseal, ofd, pdf, statement};
use crate::domain::report::facts::{Examined, NotExaminable};
use crate::formats::eseal::{Shape, shape};
use crate::formats::statement::looks_like_one;

/// Reads everything there is to know about a file and its seals: PDF, OFD, a seal (`.esl`), a seal signature
/// (`SignedValue.dat`), or a paper's content as a JSON Web Signature. Names and media types are not asked: whoever brings a file chooses them. Pure; knows no time.
///
/// # Errors
/// If it is none of these, too large, encrypted, or so broken or complex that nothing can be read.
pub fn examine(bytes: &[u8], known: Known<'_>) -> Result<Examined, NotExaminable> {
    // Every ZIP archive of a document begins with its first entry; one that begins with other bytes is no OFD.
    if bytes.starts_with(b"PK\x03\x04") {
        return ofd::examine(bytes, known).map(Box::new).map(Examined::Ofd);
    }
    if looks_like_one(bytes) {
        return Ok(Examined::Statement(Box::new(statement::examine(bytes, known))));
    }
    match shape(bytes) {
        Some(Shape::Seal) => Ok(Examined::Seal(Box::new(eseal::examine_seal(bytes, known)))),
        Some(Shape::Signature) => {
            Ok(Examined::SealSignature(Box::new(eseal::examine_signature(bytes, known))))
        }
        None | Some(Shape::PlainSignature) => match pdf::examine(bytes, known) {
            Ok(facts) => Ok(Examined::Pdf(Box::new(facts))),
            Err(NotExaminable::NotPdf) => Err(NotExaminable::NotKnown),
            Err(why) => Err(why),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::eseal::testing::SmPki;

    #[test]
    fn a_file_is_what_its_content_says() {
        let pki = SmPki::new();
        let trust = pki.trust();
        let examined = |bytes: &[u8]| examine(bytes, Known::of(&trust));
        let sample = |name: &str| {
            let place = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ofd/");
            std::fs::read(format!("{place}{name}")).expect("a sample")
        };
        assert!(matches!(examined(&sample("UserV4.esl")), Ok(Examined::Seal(_))));
        assert!(matches!(examined(&sample("SignedValueV4.dat")), Ok(Examined::SealSignature(_))));
        assert!(matches!(examined(&sample("h.ofd")), Ok(Examined::Ofd(_))));
        let file = sample("h.ofd");
        assert_eq!(examined(&file).map(|e| e.file()), Ok(crate::crypto::sha256(&file)));
        assert_eq!(examined(b"GIF89a"), Err(NotExaminable::NotKnown));
        assert!(matches!(examined(b"eyJhbGciOiJFUzI1NiJ9.e30.AA"), Ok(Examined::Statement(_))));
        assert_eq!(examined(b""), Err(NotExaminable::NotKnown));
        assert!(matches!(examined(b"PK\x03\x04"), Err(NotExaminable::Broken { .. })));
        assert!(matches!(examined(b"%PDF-1.7\n"), Err(NotExaminable::Broken { .. })));
    }
}
