//! Seals and seal signatures of GB/T 38540.

use super::bench::ESEAL;
use std::sync::LazyLock;
use yinzheng::formats::eseal::{
    SealFacts, SignatureFacts, Version, assemble_seal, assemble_signature, read_seal, read_signature, shape,
};

/// Seals that somebody made: the seeds, and the samples of another implementation.
static MADE: LazyLock<Vec<SealFacts>> = LazyLock::new(|| {
    let seals: [&[u8]; 6] = [
        include_bytes!("../corpus/esl/v1.esl"),
        include_bytes!("../corpus/esl/v4.esl"),
        include_bytes!("../corpus/esl/v5.esl"),
        include_bytes!("../../tests/data/ofd/UserV1.esl"),
        include_bytes!("../../tests/data/ofd/UserV4.esl"),
        include_bytes!("../../tests/data/ofd/UserV5.esl"),
    ];
    let signed = SIGNED.iter().map(|signature| signature.seal.clone());
    seals.iter().map(|seal| read_seal(seal).expect("a seed")).chain(signed).collect()
});

/// Seal signatures that somebody made.
static SIGNED: LazyLock<Vec<SignatureFacts>> = LazyLock::new(|| {
    let signatures: [&[u8]; 4] = [
        include_bytes!("../corpus/ses_signature/v1.dat"),
        include_bytes!("../corpus/ses_signature/v4.dat"),
        include_bytes!("../corpus/ses_signature/v5.dat"),
        include_bytes!("../../tests/data/ofd/SignedValueV4.dat"),
    ];
    signatures.iter().map(|signature| read_signature(signature).expect("a seed")).collect()
});

/// A seal, as in an `.esl` file.
pub fn esl(bytes: &[u8]) {
    let passes = ESEAL.passes(bytes);
    let read = read_seal(bytes);
    if let Ok(seal) = &read {
        assert_eq!(seal.raw, bytes);
        assert!(shape(bytes).is_some());
        check_seal(seal);
    }
    let is_made = |seal: &SealFacts| MADE.iter().any(|made| made.signed == seal.signed);
    assert!(!passes || read.is_ok_and(|seal| is_made(&seal)), "a forged seal passes");
}

/// A seal signature, as in a `SignedValue.dat` file.
pub fn ses_signature(bytes: &[u8]) {
    let passes = ESEAL.passes(bytes);
    let Ok(read) = read_signature(bytes) else { return };
    assert!(!passes, "without what it sealed, a seal signature proves nothing");
    assert!(within(bytes, &read.signed) && within(&read.signed, &read.seal.raw));
    check_seal(&read.seal);
    if read.signature_is_right() {
        assert!(SIGNED.iter().any(|made| made.signed == read.signed), "a forged signature is right");
    }
    if read.version != Version::V1 && read.algorithm_is_known() {
        let token = read.timestamp_token.as_deref();
        let again = assemble_signature(&read.signed, &read.signer_x509, &read.signature, token);
        assert_eq!(again.map(|(_, again)| again).as_ref(), Ok(&read));
    }
    read.claimed_time();
}

/// What holds for every seal that can be read.
pub fn check_seal(seal: &SealFacts) {
    if seal.maker_signature_is_right() {
        assert!(MADE.iter().any(|made| made.signed == seal.signed), "a forged seal is right");
    }
    assert!(within(&seal.raw, &seal.picture.data));
    if seal.version == Version::V1 {
        return;
    }
    // Signatures are checked over the bytes as they came, never over a new encoding.
    assert!(within(&seal.raw, &seal.signed));
    if seal.algorithm_is_known() {
        let token = seal.timestamp_token.as_deref();
        let again = assemble_seal(&seal.signed, &seal.maker_x509, &seal.signature, token);
        let mut again = again.expect("what was read can be written");
        // The tag around the token may be explicit or not; all else has one form.
        assert!(again.raw == seal.raw || token.is_some());
        again.raw.clone_from(&seal.raw);
        assert_eq!(again, *seal);
    }
}

fn within(whole: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(whole, part).is_some()
}
