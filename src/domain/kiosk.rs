//! Sessions at a kiosk (自助终端): somebody is recognised once, chooses one license of the own ones, and has one code printed.

use super::license::LicenseId;
use super::offline_code::PaperCodeId;
use super::time::Timestamp;
use std::time::Duration;

/// A session lives for so long by the service's clock, whatever happens in it.
pub const LIFE: Duration = Duration::from_secs(120);
/// What is left of a session is forgotten so long after its end.
pub const KEPT: Duration = Duration::from_secs(86_400);
/// Most licenses that a kiosk offers.
pub const MOST_OFFERED: usize = 20;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KioskSession {
    /// Identity: 96 random bits, which an assertion names, so that it is for this session only.
    pub id: String,
    /// The kiosk (credential).
    pub by: String,
    /// Where that is, as an operator registered it.
    pub place: String,
    /// Opened at.
    pub created_at: Timestamp,
    /// Over after this moment.
    pub expires_at: Timestamp,
    /// Who stands there, once that is known.
    pub recognised: Option<Recognised>,
    /// What was printed.
    pub printed: Option<Printed>,
}

/// Who was recognised, and what is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Holder code.
    pub holder: String,
    /// The verifier that said so.
    pub verifier: String,
    /// When.
    pub at: Timestamp,
    /// The licenses to choose from, in this order.
    pub offered: Vec<LicenseId>,
}

/// What came out of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The code on paper.
    pub code: PaperCodeId,
    /// When.
    pub at: Timestamp,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nobody has been recognised yet.
    Waiting,
    /// Somebody may choose.
    Recognised,
    /// A code was printed; nothing more happens.
    Printed,
    /// Its time was over before that.
    Expired,
}

impl Step {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Recognised => "recognised",
            Self::Printed => "printed",
            Self::Expired => "expired",
        }
    }
}

impl KioskSession {
    /// How far it is.
    pub fn step(&self, now: Timestamp) -> Step {
        match (&self.printed, &self.recognised) {
            (Some(_), _) => Step::Printed,
            _ if now > self.expires_at => Step::Expired,
            (None, Some(_)) => Step::Recognised,
            (None, None) => Step::Waiting,
        }
    }

    /// The license of that number in the list, counted from one; `None` where it has none or nobody was recognised.
    pub fn chosen(&self, number: u32) -> Option<&LicenseId> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.recognised.as_ref()?.offered.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_goes_on_step_by_step_and_ends_by_the_clock() {
        let at = Timestamp::from_seconds;
        let waiting = KioskSession {
            id: "k".into(),
            by: "clerk-1".into(),
            place: "3号窗口".into(),
            created_at: at(10),
            expires_at: at(130),
            recognised: None,
            printed: None,
        };
        assert_eq!((waiting.step(at(130)), waiting.step(at(131))), (Step::Waiting, Step::Expired));
        let recognised =
            Recognised { holder: "H".into(), verifier: "face-1".into(), at: at(20), offered: Vec::new() };
        let known = KioskSession { recognised: Some(recognised), ..waiting };
        assert_eq!((known.step(at(130)), known.step(at(131))), (Step::Recognised, Step::Expired));
        for number in [0, 1, u32::MAX] {
            assert_eq!(known.chosen(number), None);
        }
        let printed = Printed { code: PaperCodeId::new(at(30), [7; 8]), at: at(30) };
        let done = KioskSession { printed: Some(printed), ..known };
        assert_eq!((done.step(at(40)), done.step(at(131))), (Step::Printed, Step::Printed));
    }
}
