//! What the desk and the public pages say of a code. A desk knows eight states, each with its own shape, tone and word;
//! twenty-one reasons, each with a stable code, lead to one of them with one sentence and one act.

use super::chrome::Chrome;
use super::words::{Fact, Tag};
use crate::domain::refusal::Refusal;

/// What a clerk sees at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Go ahead.
    Valid,
    /// Compare with a photo ID first.
    Check,
    /// Its time is over, or has not come.
    OutOfTime,
    /// Ended or suspended by its issuer.
    Revoked,
    /// A code that is worth nothing any more; nobody's fault.
    Stale,
    /// Forged or damaged: nothing else is said.
    Forged,
    /// Neither yes nor no.
    CannotConfirm,
    /// Somebody else's code.
    NotOurs,
}

impl State {
    /// Every state.
    #[cfg(test)]
    pub const ALL: [Self; 8] = [
        Self::Valid,
        Self::Check,
        Self::OutOfTime,
        Self::Revoked,
        Self::Stale,
        Self::Forged,
        Self::CannotConfirm,
        Self::NotOurs,
    ];

    /// Stable name, tone and shape.
    pub const fn look(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Valid => ("valid", "good", "tick"),
            Self::Check => ("check", "check", "eye"),
            Self::OutOfTime => ("out-of-time", "still", "clock"),
            Self::Revoked => ("revoked", "bad", "stop"),
            Self::Stale => ("stale", "still", "again"),
            Self::Forged => ("forged", "bad", "cross"),
            Self::CannotConfirm => ("cannot-confirm", "unclear", "question"),
            Self::NotOurs => ("not-ours", "plain", "square"),
        }
    }
}

/// Why the desk says what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Asked live, in force.
    Valid,
    /// A code of a phone, checked against a status list.
    ValidOffline,
    /// A code on paper, genuine and in force.
    Compare,
    /// The license has expired.
    LicenseExpired,
    /// License or code are not valid yet.
    NotYetValid,
    /// Ended for good.
    Ended,
    /// Suspended.
    Suspended,
    /// The code was used before.
    Used,
    /// The code's time is over.
    TimedOut,
    /// The holder took the code back.
    Withdrawn,
    /// Never issued, a wrong signature, damaged.
    Forged,
    /// Wrong check digits or too few: far more often a slip than a forger, who would have computed them.
    Misread,
    /// No status list, or one too old.
    NoStatus,
    /// Signed by a key that is on no list.
    UnknownIssuer,
    /// A show code, and no network.
    Network,
    /// A payment code.
    Payment,
    /// An address, such as a health code.
    Address,
    /// Something else.
    Other,
    /// An algorithm or version that cannot be checked here.
    NotHere,
    /// A newer edition is in force.
    Superseded,
    /// Signed in SM2, which no browser knows: the service can check it, and `yinzheng verify-code`.
    NeedsNetwork,
}

/// Name for scripts and tests, state, code, texts.
type Row = (&'static str, State, &'static str, [&'static str; 3]);

impl Reason {
    /// Every reason, in the order of the codes.
    pub const ALL: [Self; 21] = [
        Self::Valid,
        Self::ValidOffline,
        Self::Compare,
        Self::LicenseExpired,
        Self::NotYetValid,
        Self::Ended,
        Self::Suspended,
        Self::Used,
        Self::TimedOut,
        Self::Withdrawn,
        Self::Forged,
        Self::Misread,
        Self::NoStatus,
        Self::UnknownIssuer,
        Self::Network,
        Self::Payment,
        Self::Address,
        Self::Other,
        Self::NotHere,
        Self::Superseded,
        Self::NeedsNetwork,
    ];

    const fn row(self) -> Row {
        match self {
            Self::Valid => {
                ("valid", State::Valid, "V00", ["verdict.v00", "verdict.v00_sentence", "verdict.v00_act"])
            }
            Self::ValidOffline => (
                "valid-offline",
                State::Valid,
                "V01",
                ["verdict.v01", "verdict.v01_sentence", "verdict.v01_act"],
            ),
            Self::Compare => {
                ("compare", State::Check, "V02", ["verdict.v02", "verdict.v02_sentence", "verdict.v02_act"])
            }
            Self::LicenseExpired => (
                "license-expired",
                State::OutOfTime,
                "V03",
                ["verdict.v03", "verdict.v03_sentence", "verdict.v03_act"],
            ),
            Self::NotYetValid => (
                "not-yet-valid",
                State::OutOfTime,
                "V04",
                ["verdict.v04", "verdict.v04_sentence", "verdict.v04_act"],
            ),
            Self::Ended => {
                ("ended", State::Revoked, "V05", ["verdict.v05", "verdict.v05_sentence", "verdict.v05_act"])
            }
            Self::Suspended => (
                "suspended",
                State::Revoked,
                "V06",
                ["verdict.v06", "verdict.v06_sentence", "verdict.v06_act"],
            ),
            Self::Used => {
                ("used", State::Stale, "V07", ["verdict.v07", "verdict.v07_sentence", "verdict.v07_act"])
            }
            Self::TimedOut => {
                ("expired", State::Stale, "V08", ["verdict.v08", "verdict.v08_sentence", "verdict.v08_act"])
            }
            Self::Withdrawn => {
                ("withdrawn", State::Stale, "V09", ["verdict.v09", "verdict.v09_sentence", "verdict.v09_act"])
            }
            Self::Forged => {
                ("forged", State::Forged, "V10", ["verdict.v10", "verdict.v10_sentence", "verdict.v10_act"])
            }
            Self::Misread => (
                "misread",
                State::CannotConfirm,
                "V11",
                ["verdict.v11", "verdict.v11_sentence", "verdict.v11_act"],
            ),
            Self::NoStatus => (
                "no-status",
                State::CannotConfirm,
                "V12",
                ["verdict.v12", "verdict.v12_sentence", "verdict.v12_act"],
            ),
            Self::UnknownIssuer => (
                "unknown-issuer",
                State::CannotConfirm,
                "V13",
                ["verdict.v13", "verdict.v13_sentence", "verdict.v13_act"],
            ),
            Self::Network => (
                "network",
                State::CannotConfirm,
                "V14",
                ["verdict.v14", "verdict.v14_sentence", "verdict.v14_act"],
            ),
            Self::Payment => {
                ("payment", State::NotOurs, "V15", ["verdict.v15", "verdict.v15_sentence", "verdict.v15_act"])
            }
            Self::Address => {
                ("address", State::NotOurs, "V16", ["verdict.v16", "verdict.v16_sentence", "verdict.v16_act"])
            }
            Self::Other => (
                "not-ours",
                State::NotOurs,
                "V17",
                ["verdict.v17", "verdict.v17_sentence", "verdict.v17_act"],
            ),
            Self::NotHere => (
                "not-here",
                State::CannotConfirm,
                "V18",
                ["verdict.v18", "verdict.v18_sentence", "verdict.v18_act"],
            ),
            Self::Superseded => (
                "superseded",
                State::OutOfTime,
                "V19",
                ["verdict.v19", "verdict.v19_sentence", "verdict.v19_act"],
            ),
            Self::NeedsNetwork => (
                "needs-network",
                State::CannotConfirm,
                "V20",
                ["verdict.v20", "verdict.v20_sentence", "verdict.v20_act"],
            ),
        }
    }

    /// Which state it leads to.
    pub const fn state(self) -> State {
        self.row().1
    }

    /// Why a code opened nothing; `None` if the refusal is not about a code.
    fn of(refusal: &Refusal) -> Option<Self> {
        Some(match refusal.code {
            "show_code.used" => Self::Used,
            "show_code.expired" => Self::TimedOut,
            "show_code.withdrawn" => Self::Withdrawn,
            "show_code.unknown" => Self::Forged,
            "show_code.forged" => Self::Misread,
            "show_code.not_a_code" => Self::Other,
            "show_code.license_not_in_force" | "show_code.licenses_not_in_force" => {
                Self::of_standing(arg(refusal, "standing").unwrap_or_default())
            }
            _ => return None,
        })
    }

    /// What a license's standing by its stable name means at a desk.
    pub fn of_standing(name: &str) -> Self {
        match name {
            "in-force" => Self::Valid,
            "expired" => Self::LicenseExpired,
            "not-yet-valid" => Self::NotYetValid,
            "suspended" => Self::Suspended,
            "superseded" => Self::Superseded,
            _ => Self::Ended,
        }
    }
}

fn arg<'r>(refusal: &'r Refusal, name: &str) -> Option<&'r str> {
    refusal.args.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

/// One license of those that a code opened.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// Who, which kind, the number's end.
    pub whose: String,
    /// Where it stands; only said where several are shown.
    pub standing: Option<Tag>,
    /// Who issued it.
    pub issuer: String,
    /// What is disclosed.
    pub facts: Vec<Fact>,
}

/// A verdict in words.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Stable code, for support: `V07`. Empty off the desk.
    pub code: &'static str,
    /// Stable name, for scripts.
    pub name: &'static str,
    /// Which of the eight states.
    pub state: &'static str,
    /// `good`, `check`, `bad`, `unclear`, `still` or `plain`.
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
    /// As of when, and what kind of code.
    pub as_of: String,
    /// What is disclosed, off the desk.
    pub facts: Vec<Fact>,
    /// The licenses that are shown.
    pub cards: Vec<Card>,
    /// For what it is disclosed.
    pub disclosed_why: String,
    /// For experts and support.
    pub evidence: Vec<Fact>,
    /// The showing that it is about, for its receipt; empty where nothing was opened.
    pub showing: String,
    /// The use of a paper or phone code, for its receipt and the clerk's tick; empty where none was made.
    pub used: String,
    /// Whether it is for a script to say when its receipt can be had: it was checked without a network.
    pub receipt_later: bool,
}

impl Verdict {
    /// The verdict for a reason.
    pub fn of(c: &Chrome, reason: Reason) -> Self {
        let (name, _, code, [word, sentence, act]) = reason.row();
        let (state, tone, icon) = reason.state().look();
        let (word, sentence, act) = (c.t(word), c.t(sentence), c.t(act));
        Self { code, name, state, tone, icon, word, sentence, act, ..Self::default() }
    }

    /// The same with room for what a script finds out.
    pub fn blank(c: &Chrome, reason: Reason) -> Self {
        let receipt_later = matches!(reason, Reason::Compare | Reason::ValidOffline);
        Self { cards: vec![Card::default()], receipt_later, ..Self::of(c, reason) }
    }

    /// Where its receipt is asked for, below the desk; nothing where it is about nothing that was shown.
    pub fn receipt(&self) -> Option<String> {
        let place = |kind: &str, id: &String| (!id.is_empty()).then(|| format!("{kind}/{id}"));
        place("showings", &self.showing).or_else(|| place("uses", &self.used))
    }

    /// Whether what is shown waits for the clerk to compare the person with a photo ID.
    pub fn compare(&self) -> bool {
        self.state == State::Check.look().0
    }

    /// The code opened nothing; `None` if the refusal is not about a code.
    pub fn refused(c: &Chrome, refusal: &Refusal) -> Option<Self> {
        let mut verdict = Self::of(c, Reason::of(refusal)?);
        match refusal.code {
            "show_code.used" => {
                if let (Some(when), Some(place)) = (arg(refusal, "at"), arg(refusal, "place")) {
                    let place = c.t(&format!("role.{place}"));
                    let when = super::words::moment_of(when);
                    verdict.sentence = c.f("verdict.v07_when", [("when", when), ("where", place)]);
                }
            }
            "show_code.license_not_in_force" => {
                let standing = arg(refusal, "standing").unwrap_or_default().replace('-', "_");
                verdict.evidence.push((c.t("desk.standing"), c.t(&format!("standing.{standing}"))));
            }
            _ => {}
        }
        Some(verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::RefusalClass;
    use crate::texts::Language;
    use std::collections::BTreeSet;

    #[test]
    fn the_eight_states_differ_in_shape_and_no_two_in_tone_alone() {
        let looks: BTreeSet<_> = State::ALL.iter().map(|state| state.look().2).collect();
        assert_eq!(looks.len(), 8, "each has its own shape, for whoever sees no colours");
        // Beside each other in red: neither the outline nor what stands in it is the same.
        let strokes = |state: State| -> BTreeSet<&str> {
            super::super::icons::marks(state.look().2).split_inclusive("/>").collect()
        };
        assert!(strokes(State::Revoked).is_disjoint(&strokes(State::Forged)));
        let reached: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.state()).collect();
        assert_eq!(reached.len(), 8, "a state that nothing leads to");
    }

    #[test]
    fn the_codes_are_v00_to_v20_and_stay() {
        for (number, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason.row().2, format!("V{number:02}"), "{reason:?}");
        }
        let names: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.row().0).collect();
        assert_eq!(names.len(), 21);
    }

    #[test]
    fn each_sentence_is_its_own_and_short_enough_to_read_at_a_glance() {
        for language in Language::ALL {
            let c = Chrome::bare(language);
            let all = Reason::ALL.map(|reason| Verdict::of(&c, reason));
            let sentences: BTreeSet<_> = all.iter().map(|verdict| verdict.sentence.as_str()).collect();
            assert_eq!(sentences.len(), 21, "{language:?}");
            for verdict in &all {
                assert!(!verdict.word.is_empty() && !verdict.act.is_empty(), "{}", verdict.code);
                let most = if language == Language::Chinese { 20 } else { 60 };
                let length = verdict.sentence.chars().count();
                assert!(length <= most, "{}: {} characters", verdict.code, length);
            }
        }
    }

    fn refused(code: &'static str, args: &[(&'static str, &str)]) -> Verdict {
        let refusal = args.iter().fold(Refusal::new(RefusalClass::Gone, code), |r, (n, v)| r.with(n, v));
        Verdict::refused(&Chrome::bare(Language::Chinese), &refusal).expect(code)
    }

    #[test]
    fn each_refusal_of_a_code_has_its_reason_and_shows_nothing() {
        for (code, standing, name, sentence) in [
            ("show_code.used", "", "V07", "每个码只能用一次。"),
            ("show_code.expired", "", "V08", "扫到的是旧码，须换新码。"),
            ("show_code.withdrawn", "", "V09", "持证人收回了此码，不再出示。"),
            ("show_code.unknown", "", "V10", "此码不是真的，或已损坏。"),
            ("show_code.forged", "", "V11", "扫描或输入有误，不能判断。"),
            ("show_code.not_a_code", "", "V17", "扫到的是其他码或文字。"),
            ("show_code.licenses_not_in_force", "revoked", "V05", "证照已终止效力，不能再用。"),
            ("show_code.license_not_in_force", "expired", "V03", "证照的有效期已过。"),
            ("show_code.license_not_in_force", "not-yet-valid", "V04", "还没有到生效的时间。"),
            ("show_code.license_not_in_force", "revoked", "V05", "证照已终止效力，不能再用。"),
            ("show_code.license_not_in_force", "cancelled", "V05", "证照已终止效力，不能再用。"),
            ("show_code.license_not_in_force", "suspended", "V06", "证照被暂扣，目前没有效力。"),
            ("show_code.license_not_in_force", "superseded", "V19", "证照已有新版，此版不再用。"),
        ] {
            let verdict = refused(code, &[("standing", standing)]);
            assert_eq!((verdict.code, verdict.sentence.as_str()), (name, sentence), "{code} {standing}");
            assert!(verdict.cards.is_empty() && verdict.whose.is_empty() && verdict.facts.is_empty());
        }
        let used = refused("show_code.used", &[("at", "2026-11-26T02:32:00Z"), ("place", "clerk")]);
        assert_eq!(used.sentence, "已于 2026-11-26 10:32 在窗口人员处用过。");
    }

    #[test]
    fn a_refusal_of_the_caller_is_no_verdict_about_a_code() {
        let c = Chrome::bare(Language::English);
        let refusal = Refusal::new(RefusalClass::TooMany, "caller.too_often");
        assert!(Verdict::refused(&c, &refusal).is_none());
    }
}
