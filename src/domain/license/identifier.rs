//! The license identifier (电子证照标识, GB/T 36904-2018).

use std::fmt;

/// Fixed root of every identifier.
pub const ROOT: &str = "1.2.156.3005.2";

/// `1.2.156.3005.2.typeCode.issuerCode.serial.version.check`, checked when made.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LicenseId(String);

/// Why a text is not a license identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIdentifier {
    /// It does not have the root and five parts, or a part has the wrong form.
    #[error("not of the form {ROOT}.type.issuer.serial.version.check")]
    Form,
    /// Its check character is wrong.
    #[error("the check character is wrong")]
    Check,
}

impl LicenseId {
    /// Puts an identifier together and computes its check character.
    ///
    /// `type_code` has 21 characters, `issuer_code` 18, `serial` 1 to 32; all digits and capital letters.
    /// `edition` is 1 to 999.
    pub fn new(
        type_code: &str,
        issuer_code: &str,
        serial: &str,
        edition: u16,
    ) -> Result<Self, NotAnIdentifier> {
        let version = format!("{edition:03}");
        if !well_formed(type_code, issuer_code, serial, &version) {
            return Err(NotAnIdentifier::Form);
        }
        let check = check_character([type_code, issuer_code, serial, &version]);
        Ok(Self(format!("{ROOT}.{type_code}.{issuer_code}.{serial}.{version}.{check}")))
    }

    /// Reads an identifier and checks its check character.
    pub fn parse(text: &str) -> Result<Self, NotAnIdentifier> {
        if text.len() > 120 {
            return Err(NotAnIdentifier::Form);
        }
        let rest = text.strip_prefix(ROOT).and_then(|t| t.strip_prefix('.')).ok_or(NotAnIdentifier::Form)?;
        let parts: Vec<&str> = rest.split('.').collect();
        let [type_code, issuer, serial, version, check] = parts[..] else {
            return Err(NotAnIdentifier::Form);
        };
        if !well_formed(type_code, issuer, serial, version) || check.len() != 1 {
            return Err(NotAnIdentifier::Form);
        }
        let expected = check_character([type_code, issuer, serial, version]);
        if check.starts_with(expected) { Ok(Self(text.to_owned())) } else { Err(NotAnIdentifier::Check) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, index: usize) -> &str {
        self.0[ROOT.len() + 1..].split('.').nth(index).unwrap_or_default()
    }

    /// 21-character code of the license type.
    pub fn type_code(&self) -> &str {
        self.part(0)
    }

    /// 18-character credit code of the issuing department.
    pub fn issuer_code(&self) -> &str {
        self.part(1)
    }

    /// Serial, unique with type and issuer.
    pub fn serial(&self) -> &str {
        self.part(2)
    }

    /// Edition, from 1.
    pub fn edition(&self) -> u16 {
        self.part(3).parse().unwrap_or_default()
    }
}

impl fmt::Display for LicenseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LicenseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn well_formed(type_code: &str, issuer: &str, serial: &str, version: &str) -> bool {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    type_code.len() == 21
        && issuer.len() == 18
        && (1..=32).contains(&serial.len())
        && version.len() == 3
        && version != "000"
        && version.bytes().all(|b| b.is_ascii_digit())
        && [type_code, issuer, serial].into_iter().all(plain)
}

/// ISO/IEC 7064 MOD 37,36 over the four parts joined without dots. The parts must be well formed.
fn check_character(parts: [&str; 4]) -> char {
    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut product = 36;
    for byte in parts.into_iter().flat_map(str::bytes) {
        let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 };
        let sum = match (product + usize::from(value)) % 36 {
            0 => 36,
            other => other,
        };
        product = 2 * sum % 37;
    }
    char::from(ALPHABET[(37 - product) % 36])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_identifiers_check() {
        for text in [
            "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
            "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
            "1.2.156.3005.2.11100000MB0143028R001.11990000MB0000001M.20260000000001.001.1",
            "1.2.156.3005.2.11990000MB0000001M001.11990000MB0000001M.20260000000001.001.C",
        ] {
            let id = LicenseId::parse(text).expect(text);
            let again = LicenseId::new(id.type_code(), id.issuer_code(), id.serial(), id.edition());
            assert_eq!(again.as_ref(), Ok(&id));
        }
    }

    #[test]
    fn any_one_changed_character_is_caught() {
        let good = "1.2.156.3005.2.11100000MB0143028R001.11990000MB0000001M.20260000000001.001.1";
        for (at, byte) in good.bytes().enumerate().skip(ROOT.len() + 1) {
            if byte == b'.' {
                continue;
            }
            let other = if byte == b'7' { '8' } else { '7' };
            let mut bad = good.to_owned();
            bad.replace_range(at..=at, &other.to_string());
            assert!(LicenseId::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for bad in ["", "1.2.156.3005.2", "1.2.156.3005.2.A.B.C.001.1", "1.2.156.3005.2....."] {
            assert_eq!(LicenseId::parse(bad), Err(NotAnIdentifier::Form), "{bad}");
        }
    }
}
