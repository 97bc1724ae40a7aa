//! What a party signs when it consents: a text of fixed form that says of itself what it is, so that it can be taken for
//! nothing else, and that names the content by its digests.

/// The first line of a statement. Another form gets another number.
pub const TITLE: &str = "yinzheng envelope consent v1";
/// The first line of one that somebody makes with a seal that was granted to it; its last line names the grant.
pub const TITLE_UNDER_GRANT: &str = "yinzheng envelope consent v2";

/// What a statement says. All its values are of narrow forms without line breaks (codes, names, hexadecimal digits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The envelope.
    pub envelope: &'a str,
    /// The version of its content.
    pub version: u32,
    /// The license kind and its version.
    pub kind: (&'a str, u32),
    /// SHA-256 of the canonical content.
    pub sha256: &'a [u8; 32],
    /// SM3 of the canonical content.
    pub sm3: &'a [u8; 32],
    /// The stage, by name.
    pub stage: &'a str,
    /// The party, by name.
    pub party: &'a str,
    /// The body that the party is (credit code).
    pub body: &'a str,
    /// The body that consents: the party itself or its delegate.
    pub by: &'a str,
    /// The seal it will lay on.
    pub seal: &'a str,
    /// The grant under which somebody else acts with that seal.
    pub grant: Option<&'a str>,
}

impl Statement<'_> {
    /// The bytes that are signed: UTF-8 lines, each ended by a line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let digest = |bytes: &[u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let title = if self.grant.is_some() { TITLE_UNDER_GRANT } else { TITLE };
        let grant = self.grant.map(|grant| format!("grant {grant}\n")).unwrap_or_default();
        format!(
            "{title}\nenvelope {}\nversion {}\nkind {} {}\nsha256 {}\nsm3 {}\nstage {}\nparty {} {}\nby {}\nseal {}\n{grant}",
            self.envelope,
            self.version,
            self.kind.0,
            self.kind.1,
            digest(self.sha256),
            digest(self.sm3),
            self.stage,
            self.party,
            self.body,
            self.by,
            self.seal,
        )
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_in_it() {
        let good = Statement {
            envelope: "e",
            version: 1,
            kind: ("k", 2),
            sha256: &[0xab; 32],
            sm3: &[0xcd; 32],
            stage: "s",
            party: "p",
            body: "b",
            by: "b",
            seal: "99",
            grant: None,
        };
        let text = String::from_utf8(good.to_bytes()).expect("text");
        let expected = format!(
            "yinzheng envelope consent v1\nenvelope e\nversion 1\nkind k 2\nsha256 {}\nsm3 {}\nstage s\nparty p b\nby b\nseal 99\n",
            "ab".repeat(32),
            "cd".repeat(32)
        );
        assert_eq!(text, expected);
        let twins = [
            Statement { envelope: "f", ..good },
            Statement { version: 2, ..good },
            Statement { kind: ("k", 3), ..good },
            Statement { kind: ("l", 2), ..good },
            Statement { sha256: &[0; 32], ..good },
            Statement { sm3: &[0; 32], ..good },
            Statement { stage: "t", ..good },
            Statement { party: "q", ..good },
            Statement { body: "c", ..good },
            Statement { by: "c", ..good },
            Statement { seal: "98", ..good },
            Statement { grant: Some("g"), ..good },
        ];
        let granted = String::from_utf8(twins[11].to_bytes()).expect("text");
        assert!(
            granted.starts_with(TITLE_UNDER_GRANT) && granted.ends_with("seal 99\ngrant g\n"),
            "{granted}"
        );
        for twin in twins {
            assert_ne!(twin.to_bytes(), good.to_bytes(), "{twin:?}");
        }
    }
}
