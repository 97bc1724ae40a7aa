//! Identities of what is made at a moment and listed by age.

/// Declares an identity: 32 lower-case hexadecimal digits, of which the first 16 are its time, so that later ones sort behind
/// earlier ones.
macro_rules! timed_id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// For what is made at `at`.
            pub fn new(at: $crate::domain::time::Timestamp, random: [u8; 8]) -> Self {
                let time = u64::try_from(at.micros()).unwrap_or(0);
                Self(format!("{time:016x}{:016x}", u64::from_be_bytes(random)))
            }

            /// Reads 32 lower-case hexadecimal digits.
            pub fn parse(text: &str) -> Option<Self> {
                let fine = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                fine.then(|| Self(text.to_owned()))
            }

            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(crate) use timed_id;
