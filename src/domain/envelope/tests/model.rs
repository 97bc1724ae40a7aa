//! Any order of acts by anybody, repeats, stale readers, crashes in the middle of sealing: what must hold is counted
//! again by another way, from what was committed.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const BODIES: [&str; 8] = ["county", "b", "c", "d", "e", "f", "x", "y"];

/// A plan of one to three stages over the first six bodies, each in one place.
fn plans() -> impl Strategy<Value = Plan> {
    vec((1usize..=2, 0u16..=2), 1..=3).prop_map(|shape| {
        let mut bodies = BODIES.iter();
        let stages = shape.iter().enumerate().map(|(n, (parties, quorum))| {
            let names: Vec<&str> = bodies.by_ref().take(*parties).copied().collect();
            let quorum = match *quorum {
                0 => Quorum::All,
                most => Quorum::AtLeast(most.min(u16::try_from(names.len()).expect("few"))),
            };
            stage(&format!("s{n}"), quorum, &names)
        });
        Plan { stages: stages.collect() }
    })
}

/// One step of the world.
#[derive(Clone, Debug)]
enum Step {
    /// A client reads the envelope and keeps what it read.
    Read { client: usize },
    /// A client acts on what it read last, however old that is.
    Does { client: usize, body: usize, deed: Deed, party: usize, other: usize },
    /// The sealer reads a satisfied envelope and makes its file.
    Seal,
    /// The sealer dies with what it has in hand.
    Crash,
    /// The sealer commits what it has in hand, maybe again.
    Release,
    /// Time goes on by so many hours.
    Wait(u8),
    /// The periodic job looks at it.
    Job,
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Send,
    Correct,
    Consent,
    Decline,
    Return,
    Delegate,
    Withdraw,
    Unsealable,
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Send),
        1 => Just(Deed::Correct),
        16 => Just(Deed::Consent),
        1 => Just(Deed::Decline),
        1 => Just(Deed::Return),
        2 => Just(Deed::Delegate),
        1 => Just(Deed::Withdraw),
        1 => Just(Deed::Unsealable),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let does = (0usize..3, 0usize..8, deeds(), 0usize..6, 0usize..8);
    let does =
        does.prop_map(|(client, body, deed, party, other)| Step::Does { client, body, deed, party, other });
    let step = prop_oneof![
        6 => (0usize..3).prop_map(|client| Step::Read { client }),
        20 => does,
        2 => Just(Step::Seal),
        1 => Just(Step::Crash),
        3 => Just(Step::Release),
        1 => (1u8..40).prop_map(Step::Wait),
        1 => Just(Step::Job),
    ];
    vec(step, 1..120)
}

/// The store: one row, written by compare-and-set on the revision.
struct World {
    bench: Bench,
    row: Envelope,
    history: Vec<Happened>,
    consents: Vec<(u32, String, Consent)>,
    clients: [Envelope; 3],
    in_hand: Option<Envelope>,
    released: usize,
}

impl World {
    fn new(plan: Plan) -> Self {
        let bench = Bench::new();
        let row = draft(plan, bench.now);
        let clients = [row.clone(), row.clone(), row.clone()];
        Self { bench, row, history: vec![], consents: vec![], clients, in_hand: None, released: 0 }
    }

    /// What a transaction does: the act on what was read, and the write only if nobody wrote since.
    fn commit(&mut self, read: &Envelope, actor: &Actor, act: &Act) -> bool {
        let Ok((next, events)) = read.after(act, actor, self.bench.ground()) else { return false };
        assert_eq!(next.revision, read.revision + 1);
        if read.revision != self.row.revision {
            return false;
        }
        if let Act::Consent { party, .. } = act {
            let consent = next.consents().find(|(p, _)| p.name == *party).map(|(_, consent)| consent.clone());
            self.consents.push((next.version, party.clone(), consent.expect("a consent is kept")));
        }
        assert!(!self.row.state.is_over(), "nothing happens to what is over");
        self.row = next;
        self.history.extend(events);
        self.check();
        true
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Read { client } => self.clients[client] = self.row.clone(),
            Step::Does { client, body, deed, party, other } => {
                let read = self.clients[client].clone();
                let name = read.parties[party % read.parties.len()].name.clone();
                let (version, reason) = (read.version, "because".to_owned());
                let (from, until) = (self.bench.now, self.bench.now.plus(Duration::from_secs(7200)));
                let (act, actor) = match deed {
                    Deed::Send => (Act::Send, of(BODIES[body])),
                    Deed::Correct => (Act::Correct, of(BODIES[body])),
                    Deed::Consent => (yes(&name, version), of(BODIES[body])),
                    Deed::Decline => (Act::Decline { party: name, version, reason }, of(BODIES[body])),
                    Deed::Return => (Act::Return { party: name, version, reason }, of(BODIES[body])),
                    Deed::Delegate => {
                        let to = BODIES[other].to_owned();
                        (Act::Delegate { party: name, to, from, until, reason }, of(BODIES[body]))
                    }
                    Deed::Withdraw => (Act::Withdraw { reason }, of(BODIES[body])),
                    Deed::Unsealable => (Act::Unsealable { code: reason }, Actor::system()),
                };
                self.commit(&read, &actor, &act);
            }
            Step::Seal => {
                self.in_hand = (self.row.state == EnvelopeState::Satisfied).then(|| self.row.clone());
            }
            Step::Crash => self.in_hand = None,
            Step::Release => {
                if let Some(made) = self.in_hand.clone()
                    && self.commit(&made, &Actor::system(), &Act::Finish { license: license() })
                {
                    self.released += 1;
                }
            }
            Step::Wait(hours) => {
                self.bench.now = self.bench.now.plus(Duration::from_secs(3600 * u64::from(hours)));
            }
            Step::Job => {
                let read = self.row.clone();
                for act in [Act::Expire, Act::Remind] {
                    if self.commit(&read, &Actor::system(), &act) {
                        break;
                    }
                }
            }
        }
    }

    /// What must hold, from what was committed alone.
    fn check(&self) {
        let e = &self.row;
        assert!(self.released <= 1, "sealed twice");
        let mut of_version: BTreeMap<u32, Vec<&(u32, String, Consent)>> = BTreeMap::new();
        for consent in &self.consents {
            of_version.entry(consent.0).or_default().push(consent);
        }
        for consents in of_version.values() {
            let parties: BTreeSet<_> = consents.iter().map(|(_, party, _)| party).collect();
            let bodies: BTreeSet<_> = consents.iter().map(|(_, _, consent)| &consent.body).collect();
            assert_eq!(parties.len(), consents.len(), "a party counted twice");
            assert_eq!(bodies.len(), consents.len(), "a body counted twice");
            // Stages in order: no consent of a stage before the one before it had its quorum.
            let mut have = vec![0; e.plan.stages.len()];
            for (_, party, _) in consents {
                let stage = e.plan.parties().find(|(_, planned)| planned.name == *party).expect("planned").0;
                for (before, planned) in e.plan.stages[..stage].iter().enumerate() {
                    assert!(have[before] >= planned.quorum.of(planned.parties.len()), "a stage was skipped");
                }
                have[stage] += 1;
                let planned = &e.plan.stages[stage];
                assert!(have[stage] <= planned.quorum.of(planned.parties.len()), "more than asked for");
            }
        }
        let void = |version: u32| version != e.version;
        if matches!(e.state, EnvelopeState::Satisfied | EnvelopeState::Finished) {
            let consents = of_version.get(&e.version).map_or(0, Vec::len);
            let needed: usize = e.plan.stages.iter().map(|s| s.quorum.of(s.parties.len())).sum();
            assert_eq!(consents, needed, "without its quorum");
            assert_eq!(e.consents().count(), needed);
        }
        assert!(e.consents().all(|(party, consent)| {
            self.consents
                .iter()
                .any(|(version, name, kept)| !void(*version) && *name == party.name && kept == consent)
        }));
        let ends = self.history.iter().filter(|event| {
            matches!(event.what, What::Finished | What::Declined | What::Withdrawn | What::Expired)
        });
        assert_eq!(ends.count(), usize::from(e.state.is_over()), "one end, and only where it is over");
        assert_eq!(e.open_stage.is_some(), e.state == EnvelopeState::Open);
        assert_eq!(e.license.is_some(), e.state == EnvelopeState::Finished);
        for pair in self.history.windows(2) {
            assert!(pair[0].revision <= pair[1].revision && pair[0].at <= pair[1].at);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_seals_twice_skips_a_stage_or_counts_twice(plan in plans(), steps in steps()) {
        let mut world = World::new(plan);
        for step in &steps {
            world.run(step);
            world.check();
        }
    }

    /// The same world with clients that try to get on: it comes to an end, so the one above is not vacuous.
    #[test]
    fn everybody_willing_finishes_it(plan in plans(), order in vec(0usize..6, 60)) {
        let mut world = World::new(plan);
        prop_assert_eq!(world.bench.does(&mut world.row, "county", Act::Send).map(|_| ()), Ok(()));
        let mut turns = order.into_iter().chain(0..6).chain(0..6).chain(0..6);
        while world.row.state == EnvelopeState::Open {
            let at = turns.next().expect("three rounds suffice");
            let read = world.row.clone();
            let Some(party) = read.parties.get(at) else { continue };
            let body = party.body.clone().expect("named in the plan");
            world.commit(&read, &of(&body), &yes(&party.name, 1));
        }
        world.run(&Step::Seal);
        world.run(&Step::Release);
        world.run(&Step::Release);
        prop_assert_eq!((world.row.state, world.released), (EnvelopeState::Finished, 1));
    }
}
