//! Decimal digits as numbers, eight at a time: an offline code has a thousand of them, and each is read twice.

/// A byte in each of the eight places of a word.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The number of eight digits; `None` if something else stands among them.
fn eight(digits: [u8; 8]) -> Option<u64> {
    let values = u64::from_le_bytes(digits) ^ each(b'0');
    // The highest bit of a place is set where its value is above nine: by itself, or by adding to it.
    if (values | values.wrapping_add(each(0x7f - 9))) & each(0x80) != 0 {
        return None;
    }
    // Neighbours become one number, in places twice as wide: two digits, four, eight. The first digit is the lowest place.
    let twos = (values * 10 + (values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// The number of at most 19 digits, which fits; 0 of none, `None` if something else stands among them or there are more.
pub fn number(digits: &[u8]) -> Option<u64> {
    if digits.len() > 19 {
        return None;
    }
    let (eights, rest) = digits.as_chunks();
    let number = eights.iter().try_fold(0, |number, digits| Some(number * 100_000_000 + eight(*digits)?))?;
    rest.iter()
        .try_fold(number, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_other_byte_in_every_place_is_seen() {
        let digits = b"9876543210123456789";
        assert_eq!(number(digits), Some(9_876_543_210_123_456_789));
        assert_eq!((number(b""), number(&[b'9'; 19])), (Some(0), Some(9_999_999_999_999_999_999)));
        assert_eq!(number(&[b'0'; 20]), None);
        for at in 0..digits.len() {
            for byte in 0..=u8::MAX {
                let mut twin = *digits;
                twin[at] = byte;
                let want =
                    std::str::from_utf8(&twin).ok().filter(|_| byte != b'+').and_then(|t| t.parse().ok());
                assert_eq!(number(&twin), want, "{byte} at {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_reads_what_was_written(value in 0..10_000_000_000_000_000_000_u64, width in 0..20_usize) {
            let text = format!("{value:0width$}");
            prop_assert_eq!(number(text.as_bytes()), Some(value));
        }
    }
}
