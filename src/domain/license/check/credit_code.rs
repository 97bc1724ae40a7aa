//! Unified social credit code (统一社会信用代码, GB 32100-2015).

/// The 31 characters: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Powers of 3 modulo 31, one for each of the first 17 characters.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// Why a text is not a credit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotACreditCode {
    /// It is not 18 characters of the code's alphabet with six digits of a place at 3 to 8.
    Form,
    /// Its check character is wrong.
    Check,
}

/// Checks form and check character. The organisation code inside (characters 9 to 17) has a check
/// character of its own, which older registrations do not all keep; it is not judged.
pub fn check(text: &str) -> Result<(), NotACreditCode> {
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[2..8].iter().all(u8::is_ascii_digit) {
        return Err(NotACreditCode::Form);
    }
    let expected = text.get(..17).and_then(check_character).ok_or(NotACreditCode::Form)?;
    match text.chars().next_back() {
        Some(last) if last == expected => Ok(()),
        Some(last) if last.is_ascii() && ALPHABET.contains(&(last as u8)) => Err(NotACreditCode::Check),
        _ => Err(NotACreditCode::Form),
    }
}

/// Whether `text` is a credit code with a right check character.
pub fn valid(text: &str) -> bool {
    check(text).is_ok()
}

/// The check character of the first 17 characters; `None` if they are not 17 characters of the alphabet.
pub fn check_character(first: &str) -> Option<char> {
    if first.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in first.bytes().zip(WEIGHTS) {
        sum += ALPHABET.iter().position(|&letter| letter == byte)? * weight;
    }
    Some(char::from(ALPHABET[(31 - sum % 31) % 31]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_codes_pass_and_a_wrong_one_does_not() {
        for code in ["11100000MB0143028R", "11990000MB0000001M", "11100000000013338W", "11430000006122244L"] {
            assert!(valid(code), "{code}");
        }
        assert_eq!(check("11100000MB0367860N"), Err(NotACreditCode::Check));
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in
            ["", "11100000MB0143028", "11100000MB0143028RR", "11100000mb0143028r", "1110O000MB0143028R"]
        {
            assert_eq!(check(text), Err(NotACreditCode::Form), "{text}");
        }
        // Eighteen bytes, but not eighteen characters.
        assert_eq!(check("证证证证证证"), Err(NotACreditCode::Form));
        assert_eq!(check("11100000MB01430证"), Err(NotACreditCode::Form));
        assert_eq!(check("11100000MB0143028S"), Err(NotACreditCode::Form), "a letter outside the alphabet");
    }

    fn code() -> impl Strategy<Value = String> {
        "[159][1239][0-9]{6}[0-9A-HJ-NP-RTUWXY]{9}".prop_map(|first| {
            let check = check_character(&first).expect("17 characters of the alphabet");
            format!("{first}{check}")
        })
    }

    proptest! {
        #[test]
        fn any_one_changed_character_is_caught(code in code(), at in 0usize..18, to in 0usize..31) {
            prop_assert!(valid(&code));
            let mut bytes = code.clone().into_bytes();
            prop_assume!(bytes[at] != ALPHABET[to]);
            bytes[at] = ALPHABET[to];
            let changed = String::from_utf8(bytes).expect("ASCII");
            prop_assert!(!valid(&changed), "{} -> {}", code, changed);
        }

        #[test]
        fn two_neighbours_swapped_are_caught(code in code(), at in 0usize..16) {
            let mut bytes = code.clone().into_bytes();
            prop_assume!(bytes[at] != bytes[at + 1]);
            bytes.swap(at, at + 1);
            let changed = String::from_utf8(bytes).expect("ASCII");
            prop_assert!(!valid(&changed), "{} -> {}", code, changed);
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,24}") {
            let _ = check(&text);
        }
    }
}
