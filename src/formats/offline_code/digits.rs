//! Bytes as decimal digits and back: twelve bytes a group of 29 digits, 0.35 % longer than one great number would be. Each
//! row of digits stands for one row of bytes at most.

use crate::domain::decimal::number;

/// Bytes of a group.
const BYTES: usize = 12;
/// Digits that so many bytes take, up to a group. No two are alike, so the length tells.
const DIGITS: [usize; BYTES + 1] = [0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29];
/// Most digits whose number fits into 64 bits.
const LOW: usize = 19;
/// What a number before so many digits is worth.
const HIGH: u128 = 10_u128.pow(LOW as u32);

/// The digits of some bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 5 / 2 + 4);
    for group in bytes.chunks(BYTES) {
        let number = group.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let width = DIGITS[group.len()];
        out.push_str(&format!("{number:0width$}"));
    }
    out
}

/// The bytes that some digits stand for; `None` if they stand for none.
pub(super) fn decode(digits: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len() * 5 / 12 + 1);
    for group in digits.as_bytes().chunks(DIGITS[BYTES]) {
        let length = DIGITS.iter().position(|digits| *digits == group.len())?;
        // Two halves, since numbers of 128 bits are slow. Where the lower one is shorter the upper one is nothing.
        let (high, low) = group.split_at(group.len().saturating_sub(LOW));
        let number = u128::from(number(high)?) * HIGH + u128::from(number(low)?);
        if number >> (8 * length) != 0 {
            return None;
        }
        out.extend_from_slice(&number.to_be_bytes()[16 - length..]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_too_large_for_its_bytes_stands_for_nothing() {
        assert_eq!(decode("255"), Some(vec![255]));
        assert_eq!(decode("256"), None);
        assert_eq!(decode("65535"), Some(vec![255, 255]));
        assert_eq!(decode("65536"), None);
        assert_eq!(encode(&[255; 12]), "79228162514264337593543950335");
        assert_eq!(decode("79228162514264337593543950335"), Some(vec![255; 12]));
        assert_eq!(decode("79228162514264337593543950336"), None);
        assert_eq!(decode(""), Some(Vec::new()));
        for wrong in ["1", "12", "1234", "1a3", "+12", "００１"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let digits = encode(&bytes);
            prop_assert_eq!(decode(&digits), Some(bytes));
        }

        #[test]
        fn digits_come_back(digits in "[0-9]{0,120}") {
            if let Some(bytes) = decode(&digits) {
                prop_assert_eq!(encode(&bytes), digits);
            }
        }
    }
}
