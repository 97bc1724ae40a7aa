//! Every kind of row: written, read back, changed, listed.

use super::Fresh;
use super::samples::*;
use yinzheng::domain::license::{Ending, License, LicenseState};
use yinzheng::domain::party::{Credential, Person, Role, Scope};
use yinzheng::domain::picture::UploadedPicture;
use yinzheng::domain::seal::{
    Approval, HeldPaper, OwnerKind, PaperMedia, PersonIdentity, Seal, SealAct, SealCredential, SealEvent,
    SealLook, SealPicture, SealPurpose, SealState,
};
use yinzheng::domain::show_code::Showing;
use yinzheng::domain::suite::Suite;
use yinzheng::domain::time::parse_date;
use yinzheng::ports::store::{
    IssuanceState, IssuedX509, LicenseEvent, LicenseFilter, Page, PublishedCrl, Session, StoreError, TxError,
    glance, write,
};

/// Runs the body in one writing transaction and hands out what it made.
macro_rules! inside {
    ($fresh:expr, |$tx:ident| $body:block) => {
        write(&*$fresh.store, |$tx, _| Box::pin(async move { $body })).await
    };
}

/// The name an [`StoreError::Exists`] holds.
fn taken<T>(outcome: Result<T, StoreError>) -> &'static str {
    match outcome {
        Err(StoreError::Exists(what)) => what,
        Err(other) => panic!("{other}"),
        Ok(_) => "nothing",
    }
}

pub async fn departments(fresh: Fresh) {
    inside!(fresh, |tx| {
        let (first, second) = (department("11990000MB0000001M"), department("11990000MB0000002K"));
        tx.put_department(&second).await?;
        tx.put_department(&first).await?;
        assert_eq!(tx.department(&first.code).await?.as_ref(), Some(&first));
        assert_eq!(tx.department("other").await?, None);
        let mut renamed = first.clone();
        renamed.name_zh = "景川市监局".into();
        renamed.responsibility = "civil-affairs".into();
        tx.put_department(&renamed).await?;
        assert_eq!(tx.departments().await?, [renamed, second]);
        Ok(())
    })
    .expect("committed");
}

pub async fn credentials(fresh: Fresh) {
    inside!(fresh, |tx| {
        let (a, mut b) = (credential("A"), credential("b"));
        b.role = Role::Holder;
        b.department = None;
        b.holder = Some("holder-1".into());
        b.kinds = Scope::All;
        b.seals = Scope::Only(vec![]);
        b.withdrawn_at = Some(at(5));
        tx.add_credential(&b, &[2; 32]).await?;
        tx.add_credential(&a, &[1; 32]).await?;
        assert_eq!(taken(tx.add_credential(&a, &[3; 32]).await), "credential");
        assert_eq!(taken(tx.add_credential(&credential("c"), &[2; 32]).await), "credential");
        assert_eq!(tx.credential("A").await?.as_ref(), Some(&a));
        assert_eq!(tx.credential("a").await?, None);
        assert_eq!(tx.credential_by_secret(&[2; 32]).await?.as_ref(), Some(&b));
        assert_eq!(tx.credential_by_secret(&[9; 32]).await?, None);
        // Capitals before small letters on both, whatever the server's locale.
        assert_eq!(tx.credentials("", 10).await?, [a.clone(), b.clone()]);
        assert_eq!(tx.credentials("A", 10).await?, [b]);
        assert_eq!(tx.credentials("", 1).await?, [a]);
        assert!(tx.withdraw_credential("A", at(7)).await?);
        assert!(!tx.withdraw_credential("A", at(8)).await?);
        assert!(!tx.withdraw_credential("nobody", at(8)).await?);
        assert_eq!(tx.credential("A").await?.expect("it").withdrawn_at, Some(at(7)));
        Ok(())
    })
    .expect("committed");
}

pub async fn sessions(fresh: Fresh) {
    let session = |number: u8| Session {
        token_hash: [number; 32],
        credential: "a".into(),
        csrf: "secret".into(),
        expires_at: at(i64::from(number)),
    };
    let session = &session;
    inside!(fresh, |tx| {
        tx.add_credential(&credential("a"), &[1; 32]).await?;
        for number in 1..=4 {
            tx.add_session(&session(number)).await?;
        }
        assert_eq!(taken(tx.add_session(&session(1)).await), "session");
        assert_eq!(tx.session(&[2; 32]).await?, Some(session(2)));
        tx.end_session(&[2; 32]).await?;
        tx.end_session(&[2; 32]).await?;
        assert_eq!(tx.session(&[2; 32]).await?, None);
        assert_eq!(tx.purge_sessions(at(4)).await?, 2);
        assert_eq!(tx.session(&[3; 32]).await?, None);
        assert_eq!(tx.session(&[4; 32]).await?, Some(session(4)));
        Ok(())
    })
    .expect("committed");
}

pub async fn seals(fresh: Fresh) {
    inside!(fresh, |tx| {
        let (drawn, mut uploaded) = (seal(1), seal(2));
        uploaded.owner_code = "other".into();
        uploaded.purpose = SealPurpose::LegalName;
        uploaded.look = SealLook::Uploaded;
        uploaded.owner_kind = OwnerKind::Person;
        uploaded.person = Some(PersonIdentity { salt: [6; 16], hash: [7; 32] });
        uploaded.papers = Vec::new();
        uploaded.replaces = Some(seal_code(1));
        uploaded.replaced_by = Some(seal_code(3));
        let (picture, brought) = (
            seal_picture(),
            SealPicture::Uploaded(UploadedPicture {
                png: vec![0, 1, 255],
                width_tenths: 380,
                height_tenths: 381,
            }),
        );
        tx.insert_seal(&uploaded, &brought).await?;
        tx.insert_seal(&drawn, &picture).await?;
        assert_eq!(taken(tx.insert_seal(&drawn, &brought).await), "seal");
        assert_eq!(tx.seal_picture(&drawn.code).await?.as_ref(), Some(&picture));
        assert_eq!(tx.seal_picture(&uploaded.code).await?.as_ref(), Some(&brought));
        assert_eq!(tx.seal_picture(&seal_code(9)).await?, None);
        assert_eq!(tx.seal(&drawn.code).await?.as_ref(), Some(&drawn));
        assert_eq!(tx.seal(&seal_code(9)).await?, None);
        assert_eq!(tx.seals(None, "", 10).await?, [drawn.clone(), uploaded.clone()]);
        assert_eq!(tx.seals(None, drawn.code.as_str(), 10).await?, [uploaded.clone()]);
        assert_eq!(tx.seals(Some(ISSUER), "", 10).await?, std::slice::from_ref(&drawn));
        assert_eq!(tx.seals(None, "", 1).await?, std::slice::from_ref(&drawn));
        let mut active = drawn.clone();
        active.state = SealState::Active;
        active.approved_by = Some("second".into());
        active.revision = 2;
        assert!(!tx.update_seal(&active, 0).await?);
        assert!(tx.update_seal(&active, 1).await?);
        assert!(!tx.update_seal(&active, 1).await?);
        assert!(matches!(tx.update_seal(&active, 2).await, Err(StoreError::Failed(_))), "it must grow");
        assert_eq!(tx.seal(&active.code).await?, Some(active));
        assert!(tx.seal_credentials(&seal_code(1)).await?.is_empty());
        let credentials = [(Suite::P256, None), (Suite::Sm2, Some(vec![0x30, 1, 0]))];
        let credentials = credentials.map(|(suite, object)| SealCredential {
            suite,
            key: format!("{}/seal/1", suite.name()),
            x509: vec![0x30, 0],
            object,
        });
        for credential in &credentials {
            tx.insert_seal_credential(&seal_code(1), credential).await?;
        }
        assert_eq!(taken(tx.insert_seal_credential(&seal_code(1), &credentials[0]).await), "seal credential");
        assert_eq!(tx.seal_credentials(&seal_code(1)).await?, credentials);
        let events = [(SealState::Requested, 1), (SealState::Active, 2), (SealState::Suspended, 2)];
        let events = events.map(|(state, seconds)| SealEvent {
            seal: seal_code(1),
            state,
            at: at(seconds),
            by: "first".into(),
            reason: String::new(),
        });
        for event in &events {
            tx.add_seal_event(event).await?;
        }
        assert_eq!(tx.seal_events(&seal_code(1)).await?, events);
        assert!(tx.seal_events(&seal_code(2)).await?.is_empty());
        Ok(())
    })
    .expect("committed");
}

pub async fn seal_approvals(fresh: Fresh) {
    let given = |act, revision, by: &str, seconds| Approval {
        seal: seal_code(1),
        act,
        revision,
        by: by.into(),
        person: Person::unknown(by),
        at: at(seconds),
        expires: at(seconds + 100),
        reason: "按规定办理".into(),
    };
    let given = &given;
    inside!(fresh, |tx| {
        tx.insert_seal(&seal(1), &seal_picture()).await?;
        let first = given(SealAct::Approve, 1, "second", 10);
        tx.add_seal_approval(&first).await?;
        assert_eq!(tx.seal_approvals(&seal_code(1)).await?, std::slice::from_ref(&first));
        // Nobody counts twice before the approval ran out, and then it is renewed.
        let again = given(SealAct::Approve, 1, "second", 109);
        assert_eq!(taken(tx.add_seal_approval(&again).await), "seal approval");
        let anew = given(SealAct::Approve, 1, "second", 110);
        tx.add_seal_approval(&anew).await?;
        let third = given(SealAct::Approve, 1, "third", 20);
        tx.add_seal_approval(&third).await?;
        // Who asked for the seal does not count for its making, and does for other acts.
        assert_eq!(
            taken(tx.add_seal_approval(&given(SealAct::Approve, 1, "first", 20)).await),
            "seal approval"
        );
        let void = given(SealAct::Void, 1, "first", 20);
        tx.add_seal_approval(&void).await?;
        // Of another revision or another seal: nothing.
        assert_eq!(
            taken(tx.add_seal_approval(&given(SealAct::Approve, 2, "fourth", 20)).await),
            "seal approval"
        );
        let unknown = Approval { seal: seal_code(9), ..given(SealAct::Approve, 1, "fourth", 20) };
        assert_eq!(taken(tx.add_seal_approval(&unknown).await), "seal approval");
        assert_eq!(tx.seal_approvals(&seal_code(1)).await?, [anew, third, void]);
        assert!(tx.seal_approvals(&seal_code(2)).await?.is_empty());
        Ok(())
    })
    .expect("committed");
}

pub async fn seal_papers(fresh: Fresh) {
    let paper = |byte: u8| HeldPaper {
        seal: seal_code(1),
        sha256: [byte; 32],
        media: PaperMedia::Png,
        by: "first".into(),
        at: at(1),
    };
    let paper = &paper;
    inside!(fresh, |tx| {
        for number in [1, 2] {
            tx.insert_seal(&seal(number), &seal_picture()).await?;
        }
        assert!(tx.seal_papers(&seal_code(1)).await?.is_empty());
        tx.add_seal_paper(&paper(7)).await?;
        tx.add_seal_paper(&paper(3)).await?;
        let again = HeldPaper { media: PaperMedia::Pdf, by: "second".into(), ..paper(7) };
        assert_eq!(taken(tx.add_seal_paper(&again).await), "seal paper");
        let others = HeldPaper { seal: seal_code(2), ..paper(7) };
        tx.add_seal_paper(&others).await?;
        assert_eq!(tx.seal_papers(&seal_code(1)).await?, [paper(3), paper(7)]);
        assert_eq!(tx.seal_papers(&seal_code(2)).await?, [others]);
        Ok(())
    })
    .expect("committed");
}

/// One person with two credentials counts once, and not at all for a seal that they asked for by another one.
pub async fn seal_approvals_count_people(fresh: Fresh) {
    let given = |number, by: &str, person: &str, seconds| Approval {
        seal: seal_code(number),
        act: SealAct::Approve,
        revision: 1,
        by: by.into(),
        person: Person::stored(person.into()),
        at: at(seconds),
        expires: at(seconds + 100),
        reason: String::new(),
    };
    let given = &given;
    inside!(fresh, |tx| {
        for (n, (id, person)) in
            [("a", "one"), ("b", "one"), ("c", "two"), ("first", "one")].into_iter().enumerate()
        {
            let bearer = Credential { person: Some(person.into()), ..credential(id) };
            tx.add_credential(&bearer, &[u8::try_from(n).expect("small"); 32]).await?;
        }
        let mine = Seal { requested_by: "c".into(), ..seal(1) };
        tx.insert_seal(&mine, &seal_picture()).await?;
        // What the approval says of its person is not believed.
        tx.add_seal_approval(&given(1, "a", "person:three", 10)).await?;
        let kept = given(1, "a", "person:one", 10);
        assert_eq!(tx.seal_approvals(&seal_code(1)).await?, [kept]);
        assert_eq!(taken(tx.add_seal_approval(&given(1, "b", "person:four", 11)).await), "seal approval");
        // The twins: a credential of nobody known counts by itself; one that was withdrawn makes room for the other.
        tx.add_seal_approval(&given(1, "d", "d", 11)).await?;
        assert!(tx.withdraw_credential("a", at(20)).await?);
        tx.add_seal_approval(&given(1, "b", "person:one", 21)).await?;
        let all = [given(1, "d", "d", 11), given(1, "b", "person:one", 21)];
        assert_eq!(tx.seal_approvals(&seal_code(1)).await?, all);
        // The applicant, by another credential; the twin is another person.
        tx.insert_seal(&seal(2), &seal_picture()).await?;
        assert_eq!(taken(tx.add_seal_approval(&given(2, "b", "person:one", 21)).await), "seal approval");
        tx.add_seal_approval(&given(2, "c", "person:two", 21)).await?;
        Ok(())
    })
    .expect("committed");
}

pub async fn licenses(fresh: Fresh) {
    inside!(fresh, |tx| {
        let first = license(1);
        tx.insert_license(&first).await?;
        let mut other_number = first.clone();
        other_number.number = "other".into();
        assert_eq!(taken(tx.insert_license(&other_number).await), "license");
        let same_number = License { id: license_id(2, 1), ..first.clone() };
        assert_eq!(taken(tx.insert_license(&same_number).await), "license number");
        let second = License {
            id: license_id(1, 2),
            edition: 2,
            previous: Some(first.id.clone()),
            valid_until: parse_date("2036-11-23"),
            ..first.clone()
        };
        tx.insert_license(&second).await?;
        assert_eq!(tx.license(&first.id).await?.as_ref(), Some(&first));
        assert_eq!(tx.license(&second.id).await?.as_ref(), Some(&second));
        assert_eq!(tx.license(&license_id(9, 1)).await?, None);
        let (mine, another) = (first.id.serial(), license_id(2, 1));
        let another = another.serial();
        assert!(tx.license_number_taken(&first.kind, ISSUER, "N1", another).await?);
        assert!(!tx.license_number_taken(&first.kind, ISSUER, "N1", mine).await?);
        assert!(!tx.license_number_taken(&first.kind, ISSUER, "N2", another).await?);
        assert!(!tx.license_number_taken("other", ISSUER, "N1", another).await?);
        // What was not added claimed no number; another edition cannot have one of another serial either.
        assert!(!tx.license_number_taken(&first.kind, ISSUER, "other", another).await?);
        let renumbered = License { id: license_id(2, 2), edition: 2, ..first.clone() };
        assert_eq!(taken(tx.insert_license(&renumbered).await), "license number");
        assert_eq!(tx.license(&renumbered.id).await?, None);
        let reason = "到期".to_owned();
        let mut states = vec![
            LicenseState::Suspended { reason: reason.clone() },
            LicenseState::Superseded { by: second.id.clone() },
            LicenseState::Active,
        ];
        states.extend(Ending::ALL.map(|ending| LicenseState::Ended { ending, reason: reason.clone() }));
        for (seen, state) in (1..).zip(&states) {
            assert!(!tx.set_license_state(&first.id, seen + 1, state).await?);
            assert!(tx.set_license_state(&first.id, seen, state).await?);
            let now = tx.license(&first.id).await?.expect("it");
            assert_eq!((&now.state, now.revision), (state, seen + 1));
        }
        assert_eq!(tx.license(&second.id).await?.as_ref(), Some(&second), "the other one is as it was");
        let events = ["issued", "suspended", "resumed"].map(|what| LicenseEvent {
            license: first.id.clone(),
            what: what.into(),
            at: at(3),
            by: "first".into(),
            reason: "因".into(),
        });
        for event in &events {
            tx.add_license_event(event).await?;
        }
        assert_eq!(tx.license_events(&first.id).await?, events);
        assert!(tx.license_events(&second.id).await?.is_empty());
        Ok(())
    })
    .expect("committed");
}

pub async fn a_license_with_its_seals_events(fresh: Fresh) {
    let (known, events) = (license(1), [(SealState::Requested, 1), (SealState::Active, 2)]);
    let events = events.map(|(state, seconds)| SealEvent {
        seal: seal_code(1),
        state,
        at: at(seconds),
        by: "first".into(),
        reason: String::new(),
    });
    let (row, rows) = (&known, &events);
    inside!(fresh, |tx| {
        tx.insert_license(row).await?;
        tx.insert_seal(&seal(1), &seal_picture()).await?;
        for event in rows {
            tx.add_seal_event(event).await?;
        }
        Ok(())
    })
    .expect("committed");
    for (id, seal, expected) in [
        (license_id(1, 1), Some(seal_code(1)), Some((known.clone(), events.to_vec()))),
        (license_id(1, 1), Some(seal_code(2)), Some((known.clone(), Vec::new()))),
        (license_id(1, 1), None, Some((known.clone(), Vec::new()))),
        (license_id(9, 1), Some(seal_code(1)), None),
    ] {
        let (id, seal) = (&id, seal.as_ref());
        let found = glance(&*fresh.store, |tx, _| {
            Box::pin(async move { Ok(tx.license_with_seal_events(id, seal).await?) })
        });
        assert_eq!(found.await.expect("read"), expected);
    }
}

/// Listings against what the filter's words say, by every filter and page by page.
pub async fn license_listings(fresh: Fresh) {
    let mut all: Vec<License> = (1..=24).map(license).collect();
    for (n, license) in all.iter_mut().enumerate() {
        license.kind = ["business-license", "food-operation"][n % 2].into();
        license.issuer = ["issuer-1", "issuer-2", "issuer-3"][n % 3].into();
        license.holder.code = ["holder-1", "holder-2"][n / 12].into();
        license.number = ["same", "other", "third"][n / 8].into();
        license.edition = u16::try_from(n + 1).expect("small");
        // Those that share kind, issuer and number are editions of one serial.
        license.id = license_id(u32::try_from(n % 6 + 1).expect("small"), license.edition);
        // Some were released at the same moment.
        license.released_at = at(i64::try_from(n / 2).expect("small"));
        if n % 4 == 1 {
            license.state = LicenseState::Suspended { reason: "查".into() };
        }
    }
    let all = &all;
    inside!(fresh, |tx| {
        for license in all {
            tx.insert_license(license).await?;
        }
        Ok(())
    })
    .expect("committed");
    let mut expected = all.clone();
    expected.sort_by(|a, b| (b.released_at, &b.id).cmp(&(a.released_at, &a.id)));
    for wishes in 0..32_u32 {
        for state in ["active", "suspended"] {
            let wish = |bit: u32, value: &str| (wishes & (1 << bit) != 0).then(|| value.to_owned());
            let filter = LicenseFilter {
                issuer: wish(0, "issuer-2"),
                kind: wish(1, "business-license"),
                holder: wish(2, "holder-1"),
                number: wish(3, "same"),
                state: wish(4, state),
            };
            let fits = |license: &&License| {
                filter.issuer.as_ref().is_none_or(|wish| *wish == license.issuer)
                    && filter.kind.as_ref().is_none_or(|wish| *wish == license.kind)
                    && filter.holder.as_ref().is_none_or(|wish| *wish == license.holder.code)
                    && filter.number.as_ref().is_none_or(|wish| *wish == license.number)
                    && filter.state.as_ref().is_none_or(|wish| *wish == license.state.name())
            };
            let expected: Vec<License> = expected.iter().filter(fits).cloned().collect();
            let filter = &filter;
            let found = inside!(fresh, |tx| {
                let (mut found, mut after) = (Vec::new(), None);
                loop {
                    let page = tx.licenses(filter, &Page { after, limit: 3 }).await?;
                    assert!(page.len() <= 3);
                    let Some(last) = page.last() else { return Ok(found) };
                    after = Some((last.released_at, last.id.clone()));
                    found.extend(page);
                }
            });
            assert_eq!(found.expect("read"), expected, "{filter:?}");
        }
    }
}

pub async fn issuances(fresh: Fresh) {
    inside!(fresh, |tx| {
        tx.insert_issuance(&issuance("b", 2)).await?;
        tx.insert_issuance(&issuance("a", 1)).await?;
        assert_eq!(taken(tx.insert_issuance(&issuance("a", 3)).await), "idempotency key");
        assert_eq!(taken(tx.insert_issuance(&issuance("c", 1)).await), "license");
        let mut of_another = issuance("a", 4);
        of_another.department = "another".into();
        tx.insert_issuance(&of_another).await?;
        assert_eq!(tx.issuance(ISSUER, "a").await?, Some(issuance("a", 1)));
        assert_eq!(tx.issuance(ISSUER, "c").await?, None);
        assert_eq!(tx.open_issuances(at(4), 10).await?, [issuance("a", 1), issuance("b", 2)]);
        assert_eq!(tx.open_issuances(at(9), 1).await?, [issuance("a", 1)]);
        assert!(tx.close_issuance(ISSUER, "a", &IssuanceState::Done).await?);
        assert!(!tx.close_issuance(ISSUER, "a", &IssuanceState::Done).await?);
        let cancelled = IssuanceState::Cancelled("seal.suspended".into());
        assert!(tx.close_issuance(ISSUER, "b", &cancelled).await?);
        assert!(!tx.close_issuance(ISSUER, "none", &cancelled).await?);
        assert_eq!(tx.issuance(ISSUER, "a").await?.expect("it").state, IssuanceState::Done);
        assert_eq!(tx.issuance(ISSUER, "b").await?.expect("it").state, cancelled);
        assert_eq!(tx.open_issuances(at(9), 10).await?, [of_another]);
        // What was given up left its identifier free; what was released did not.
        tx.insert_issuance(&issuance("b2", 2)).await?;
        assert_eq!(taken(tx.insert_issuance(&issuance("b3", 2)).await), "license");
        assert_eq!(taken(tx.insert_issuance(&issuance("a2", 1)).await), "license");
        Ok(())
    })
    .expect("committed");
}

pub async fn showings(fresh: Fresh) {
    inside!(fresh, |tx| {
        tx.insert_license(&license(1)).await?;
        for number in 1..=4 {
            tx.insert_showing(&showing(number)).await?;
        }
        let mut same_code = showing(5);
        same_code.code_hash = Some([1; 32]);
        assert_eq!(taken(tx.insert_showing(&same_code).await), "show code");
        for number in [6, 7] {
            let without = Showing { code_hash: None, holder: "holder-3".into(), ..showing(number) };
            tx.insert_showing(&without).await?;
        }
        assert_eq!(tx.showings("holder-3", None, 9).await?.len(), 2, "two without a code are two");
        assert_eq!(tx.showing_by_code(&[2; 32]).await?, Some(showing(2)));
        assert_eq!(tx.showing_by_code(&[9; 32]).await?, None);
        assert!(tx.redeem_showing("s001", &redemption("clerk")).await?);
        assert!(!tx.redeem_showing("s001", &redemption("another")).await?);
        assert!(!tx.withdraw_showing("s001", at(9)).await?, "it is used");
        assert!(tx.withdraw_showing("s002", at(9)).await?);
        assert!(!tx.withdraw_showing("s002", at(10)).await?);
        assert!(!tx.redeem_showing("s002", &redemption("clerk")).await?, "it is withdrawn");
        assert!(!tx.redeem_showing("none", &redemption("clerk")).await?);
        let (mut used, mut withdrawn) = (showing(1), showing(2));
        used.redeemed = Some(redemption("clerk"));
        withdrawn.withdrawn_at = Some(at(9));
        assert_eq!(tx.showing("s001").await?.as_ref(), Some(&used));
        assert_eq!(tx.showing("s002").await?.as_ref(), Some(&withdrawn));
        assert_eq!(tx.showings("holder-1", None, 2).await?, [showing(4), showing(3)]);
        assert_eq!(tx.showings("holder-1", Some((at(3), "s003")), 9).await?, [withdrawn, used]);
        assert!(tx.showings("holder-2", None, 9).await?.is_empty());
        Ok(())
    })
    .expect("committed");
}

pub async fn x509s_and_crls(fresh: Fresh) {
    let x509 = |serial: &str, seconds| IssuedX509 {
        authority: "seal-ca".into(),
        serial: serial.into(),
        der: vec![0x30, 3, 0],
        not_after: at(seconds),
        revoked: None,
    };
    let crl = |number, seconds| PublishedCrl {
        authority: "seal-ca".into(),
        number,
        der: vec![0x30, 1],
        this_update: at(seconds),
        next_update: at(seconds + 60),
    };
    let (x509, crl) = (&x509, &crl);
    inside!(fresh, |tx| {
        for (serial, seconds) in [("0b", 100), ("0a", 100), ("0c", 50), ("0d", 100)] {
            tx.insert_x509(&x509(serial, seconds)).await?;
        }
        assert_eq!(taken(tx.insert_x509(&x509("0a", 1)).await), "X.509 serial");
        assert!(tx.revoke_x509("seal-ca", "0b", at(20), 1).await?);
        assert!(!tx.revoke_x509("seal-ca", "0b", at(21), 4).await?);
        assert!(!tx.revoke_x509("root", "0b", at(21), 4).await?);
        assert!(!tx.revoke_x509("seal-ca", "0b", at(20), 9).await?);
        // From an earlier time on, for another reason.
        assert!(tx.revoke_x509("seal-ca", "0b", at(19), 9).await?);
        assert!(tx.revoke_x509("seal-ca", "0a", at(21), 4).await?);
        assert!(tx.revoke_x509("seal-ca", "0c", at(22), 4).await?);
        let revoked = |serial, seconds, reason| IssuedX509 {
            revoked: Some((at(seconds), reason)),
            ..x509(serial, 100)
        };
        assert_eq!(tx.revoked_x509("seal-ca", at(50)).await?, [revoked("0a", 21, 4), revoked("0b", 19, 9)]);
        assert!(tx.revoked_x509("root", at(0)).await?.is_empty());
        assert_eq!(tx.latest_crl("seal-ca").await?, None);
        for number in [9, 10] {
            tx.insert_crl(&crl(number, 5)).await?;
        }
        assert_eq!(taken(tx.insert_crl(&crl(9, 6)).await), "CRL number");
        assert!(matches!(tx.insert_crl(&crl(u64::MAX, 6)).await, Err(StoreError::Failed(_))));
        assert_eq!(tx.latest_crl("seal-ca").await?, Some(crl(10, 5)));
        Ok(())
    })
    .expect("committed");
}

pub async fn audit(fresh: Fresh) {
    let none = inside!(fresh, |tx| { Ok(tx.latest_audit_time().await?) });
    assert_eq!(none.expect("read"), None);
    let wanted = [("a", "clerk", 5), ("b", "clerk", 9), ("a", "public", 7), ("a", "clerk", 8)];
    let lines = wanted.map(|(subject, actor, seconds)| audit_line(subject, actor, seconds));
    for pair in lines.chunks(2) {
        inside!(fresh, |tx| {
            for line in pair {
                tx.append_audit(line).await?;
            }
            Ok(())
        })
        .expect("committed");
    }
    inside!(fresh, |tx| {
        let all = tx.audit_lines(None, None, 0, 10).await?;
        assert!(all.is_sorted_by(|a, b| 0 < a.position && a.position < b.position), "{all:?}");
        let without_position = |line: &yinzheng::ports::store::AuditLine| {
            let mut line = line.clone();
            line.position = 0;
            line
        };
        assert_eq!(
            all.iter().map(without_position).collect::<Vec<_>>(),
            wanted.map(|(s, a, t)| audit_line(s, a, t))
        );
        let pick = |which: &[usize]| which.iter().map(|n| all[*n].clone()).collect::<Vec<_>>();
        assert_eq!(tx.audit_lines(Some("a"), None, 0, 10).await?, pick(&[0, 2, 3]));
        assert_eq!(tx.audit_lines(None, Some("clerk"), 0, 10).await?, pick(&[0, 1, 3]));
        assert_eq!(tx.audit_lines(Some("a"), Some("clerk"), 0, 10).await?, pick(&[0, 3]));
        assert_eq!(tx.audit_lines(None, None, all[1].position, 1).await?, pick(&[2]));
        assert_eq!(tx.latest_audit_time().await?, Some(at(9)));
        Ok(())
    })
    .expect("read");
}

pub async fn outbox(fresh: Fresh) {
    for ids in [["e3", "e1"], ["e2", "e0"]] {
        inside!(fresh, |tx| {
            for id in ids {
                tx.append_event(&event(id)).await?;
            }
            assert_eq!(taken(tx.append_event(&event("e3")).await), "outbox event");
            Ok(())
        })
        .expect("committed");
    }
    inside!(fresh, |tx| {
        let all = tx.events(0, 10).await?;
        assert_eq!(all.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["e3", "e1", "e2", "e0"]);
        assert!(all.is_sorted_by(|a, b| 0 < a.position && a.position < b.position));
        assert_eq!(tx.events(all[1].position, 1).await?, [all[2].clone()]);
        Ok(())
    })
    .expect("read");
}

/// A row that cannot be read says which column of which row of which table, and not what stands in it.
pub async fn spoiled_rows_are_named(fresh: Fresh) {
    inside!(fresh, |tx| {
        tx.insert_license(&license(1)).await?;
        tx.insert_seal(&seal(1), &seal_picture()).await?;
        tx.add_credential(&credential("a"), &[1; 32]).await?;
        Ok(tx.insert_issuance(&issuance("k", 1)).await?)
    })
    .expect("committed");
    let id = &license_id(1, 1);
    let spoil = [
        ("licenses", "data", "'{\"name\": 云山'", "'{}'"),
        ("licenses", "state", "'云山'", "'active'"),
        ("licenses", "valid_from", "'云山'", "'2026-11-24'"),
        ("licenses", "edition", "70000", "1"),
        ("seal_pictures", "picture", "'{\"drawn\":{\"云山\":1}}'", "''"),
        ("credentials", "role", "'云山'", "''"),
        ("issuances", "state", "'云山'", "'open'"),
    ];
    for (table, column, bad, good) in spoil {
        fresh.raw(&format!("UPDATE {table} SET {column} = {bad}")).await;
        let outcome = inside!(fresh, |tx| {
            tx.license(id).await?;
            tx.seal_picture(&seal_code(1)).await?;
            tx.issuance(ISSUER, "k").await?;
            Ok(tx.credential("a").await.map(drop)?)
        });
        let Err(TxError::Store(StoreError::Corrupt { table: named, row, why })) = outcome else {
            panic!("{table}.{column}: {outcome:?}")
        };
        assert_eq!(named, table);
        assert!(why.contains(&format!("column {column}:")), "{why}");
        assert!(!why.contains("云山"), "{why}");
        let key = match table {
            "licenses" => id.to_string(),
            "seal_pictures" => seal_code(1).to_string(),
            "credentials" => "a".into(),
            _ => format!("{ISSUER}/k"),
        };
        assert_eq!(row, key);
        if table == "seal_pictures" || table == "credentials" {
            fresh.raw(&format!("DELETE FROM {table}")).await;
        } else {
            fresh.raw(&format!("UPDATE {table} SET {column} = {good}")).await;
        }
    }
}
