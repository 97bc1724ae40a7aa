//! What the desk and the public pages say of a code: one state each, with its own shape, word, sentence and act.

use super::chrome::Chrome;
use super::words::Fact;
use crate::domain::refusal::Refusal;

/// A verdict in words.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Stable name, for scripts and support.
    pub name: &'static str,
    /// `good`, `bad`, `unclear`, `still` or `plain`.
    pub tone: &'static str,
    /// Shape.
    pub icon: &'static str,
    /// The verdict.
    pub word: String,
    /// Who, which kind, the number's end.
    pub whose: String,
    /// Why.
    pub sentence: String,
    /// The one thing to do now.
    pub act: String,
    /// What is disclosed.
    pub facts: Vec<Fact>,
    /// For what it is disclosed.
    pub disclosed_why: String,
    /// As of when.
    pub as_of: String,
    /// The showing that it is about, for its receipt; empty where nothing was opened.
    pub showing: String,
}

impl Verdict {
    fn new(
        c: &Chrome,
        (name, tone, icon): (&'static str, &'static str, &'static str),
        [word, sentence, act]: [&str; 3],
    ) -> Self {
        Self { name, tone, icon, word: c.t(word), sentence: c.t(sentence), act: c.t(act), ..Self::default() }
    }

    /// The code opened a license in force.
    pub fn valid(c: &Chrome) -> Self {
        let words = ["verdict.valid", "verdict.valid_sentence", "verdict.valid_act"];
        Self::new(c, ("valid", "good", "tick"), words)
    }

    /// The service was not reached. Rendered ahead of time: when it is needed there is nobody to ask.
    pub fn network(c: &Chrome) -> Self {
        let words = ["verdict.network", "verdict.network_sentence", "verdict.network_act"];
        Self::new(c, ("network", "unclear", "triangle"), words)
    }

    /// The code opened nothing; `None` if the refusal is not about a code.
    pub fn refused(c: &Chrome, refusal: &Refusal) -> Option<Self> {
        let arg = |name: &str| {
            refusal.args.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        };
        Some(match refusal.code {
            "show_code.used" => {
                let words = ["verdict.used", "verdict.used_sentence", "verdict.used_act"];
                let mut verdict = Self::new(c, ("used", "still", "again"), words);
                if let (Some(when), Some(place)) = (arg("at"), arg("place")) {
                    let when = super::words::moment_of(&when);
                    verdict.sentence = c.f(
                        "verdict.used_sentence_when",
                        [("when", when), ("where", c.t(&format!("role.{place}")))],
                    );
                }
                verdict
            }
            "show_code.expired" => Self::new(
                c,
                ("expired", "still", "clock"),
                ["verdict.expired", "verdict.expired_sentence", "verdict.expired_act"],
            ),
            "show_code.withdrawn" => Self::new(
                c,
                ("withdrawn", "still", "pause"),
                ["verdict.withdrawn", "verdict.withdrawn_sentence", "verdict.withdrawn_act"],
            ),
            "show_code.unknown" => Self::new(
                c,
                ("forged", "bad", "octagon"),
                ["verdict.forged", "verdict.forged_sentence", "verdict.forged_act"],
            ),
            // Wrong check digits: far more often a slip than a forger, who would have computed them.
            "show_code.forged" => Self::new(
                c,
                ("misread", "unclear", "triangle"),
                ["verdict.misread", "verdict.misread_sentence", "verdict.misread_act"],
            ),
            "show_code.not_a_code" => Self::new(
                c,
                ("not-ours", "plain", "square"),
                ["verdict.not_ours", "verdict.not_ours_sentence", "verdict.not_ours_act"],
            ),
            "show_code.license_not_in_force" => {
                let words = ["verdict.ended", "verdict.ended_sentence", "verdict.ended_act"];
                let mut verdict = Self::new(c, ("ended", "bad", "octagon"), words);
                let standing = arg("standing").unwrap_or_default();
                if matches!(standing.as_str(), "expired" | "not-yet-valid" | "superseded") {
                    (verdict.tone, verdict.icon) = ("still", "clock");
                }
                let code = format!("standing.{}", standing.replace('-', "_"));
                verdict.word = c.f("verdict.ended", [("standing", c.t(&code))]);
                verdict
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::RefusalClass;
    use crate::texts::Language;
    use std::collections::BTreeSet;

    #[test]
    fn every_state_has_its_own_word_and_no_two_share_shape_and_tone() {
        let c = Chrome::bare(Language::Chinese);
        let gone = |code| Refusal::new(RefusalClass::Gone, code);
        let mut verdicts = vec![Verdict::valid(&c), Verdict::network(&c)];
        for code in [
            "show_code.used",
            "show_code.expired",
            "show_code.withdrawn",
            "show_code.unknown",
            "show_code.not_a_code",
        ] {
            verdicts.push(Verdict::refused(&c, &gone(code)).expect(code));
        }
        let words: BTreeSet<&str> = verdicts.iter().map(|v| v.word.as_str()).collect();
        let looks: BTreeSet<_> = verdicts.iter().map(|v| (v.tone, v.icon)).collect();
        assert_eq!((words.len(), looks.len()), (verdicts.len(), verdicts.len()));
    }

    #[test]
    fn an_ended_license_says_how_it_ended_and_shows_nothing() {
        let c = Chrome::bare(Language::Chinese);
        let refusal =
            Refusal::new(RefusalClass::Gone, "show_code.license_not_in_force").with("standing", "revoked");
        let verdict = Verdict::refused(&c, &refusal).expect("a verdict");
        assert_eq!(verdict.word, "证照已吊销");
        assert!(verdict.facts.is_empty() && verdict.whose.is_empty());
    }

    #[test]
    fn a_refusal_of_the_caller_is_no_verdict_about_a_code() {
        let c = Chrome::bare(Language::English);
        let refusal = Refusal::new(RefusalClass::TooMany, "caller.too_often");
        assert!(Verdict::refused(&c, &refusal).is_none());
    }
}
