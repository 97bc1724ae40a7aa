//! Making a key set.

use super::key_file::{replace, write_new};
use super::key_set::{
    AUTHORITIES, KeySet, KeySetError, ROOTS, authority_name, crl_address, crl_file, has_seal_maker, path,
    set_key, x509s,
};
use crate::crypto::{Signer, Suite};
use crate::domain::time::Timestamp;
use crate::formats::x509::{
    self, Issuer, Particulars, Profile,
    crl::{self, CrlTimes},
    pem,
};
use crate::ports::keys::{HandleSigner, Keys};
use crate::ports::random::Random;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The root's key may lie in a safe: its first list lasts over a year, until [`super::NewRootCrl`] makes the next. The
/// others are replaced by the service.
const ROOT_CRL_LIFE: Duration = DAY.saturating_mul(400);
const CRL_LIFE: Duration = DAY.saturating_mul(35);

/// What a new key set is made of.
pub struct NewKeySet<'a> {
    /// Where.
    pub directory: &'a Path,
    /// Of which suite. A directory may hold one set of each.
    pub suite: Suite,
    /// The name all authorities carry, e.g. `景川市电子证照`.
    pub name: &'a str,
    /// Whether the root is marked as for development only.
    pub development: bool,
    /// The service's public address: revocation lists are under `/crl/NAME.crl`. None: no address in certificates.
    pub public_url: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

impl NewKeySet<'_> {
    /// Makes keys, X.509 certificates and first revocation lists, and adds the root to `roots.pem`.
    ///
    /// # Errors
    /// If the directory holds a set of the suite already, or something could not be made.
    pub fn make(&self, keys: &dyn Keys, random: &dyn Random) -> Result<KeySet, KeySetError> {
        if path(self.directory, self.suite, "root.pem").exists() {
            return Err(KeySetError::Exists(self.directory.to_owned(), self.suite));
        }
        let parts = self.directory.join(ROOTS);
        let others = if parts.exists() { x509s(parts)? } else { Vec::new() };
        let root_key = self.new_key(keys, "root")?;
        let root_profile = Profile::Root { name: self.named("Root CA") };
        let particulars = self.particulars(&root_profile, None, random);
        let root = x509::issue_root(&root_profile, &particulars, &root_key)?;
        self.write("root.pem", &pem::x509s_to_pem([root.as_slice()]))?;

        let by_root = By { authority: "root", issuer: Issuer { x509: &root, signer: &root_key } };
        let seal_ca_profile = Profile::SealCa { name: self.named("Seal CA") };
        let (seal_ca, seal_ca_key) = self.below(&by_root, "seal-ca", &seal_ca_profile, keys, random)?;
        let (tls_ca, _) =
            self.below(&by_root, "tls-ca", &Profile::TlsCa { name: self.named("TLS CA") }, keys, random)?;
        let (tsa, _) =
            self.below(&by_root, "tsa", &Profile::TimeStamping { name: self.named("TSA") }, keys, random)?;
        let seal_maker = if has_seal_maker(self.suite) {
            let by_ca = By { authority: "seal-ca", issuer: Issuer { x509: &seal_ca, signer: &seal_ca_key } };
            let profile = Profile::SealMaker { name: self.named("Seal Maker") };
            Some(self.below(&by_ca, "seal-maker", &profile, keys, random)?.0)
        } else {
            None
        };
        let trust_list = Some(self.trust_list_signer(&by_root, keys, random)?);
        let crls = BTreeMap::new();
        let mut set = KeySet { suite: self.suite, root, seal_ca, tls_ca, tsa, seal_maker, trust_list, crls };
        for name in AUTHORITIES {
            let der = self.first_crl(keys, name, set.authority(name).unwrap_or_default())?;
            self.write(&crl_file(name), &pem::crl_to_pem(&der))?;
            set.crls.insert(name, der);
        }
        self.trust(&set.root, &others)?;
        Ok(set)
    }

    /// Adds the key that signs the trust list to a set that was made before there were such lists. The root's key must be
    /// there.
    ///
    /// # Errors
    /// If the set has one already, is not whole, or the root's key is not there.
    pub fn add_trust_list_signer(
        &self,
        keys: &dyn Keys,
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeySetError> {
        let set = KeySet::load(self.directory, self.suite)?;
        let root_key = HandleSigner::new(keys, &set_key(self.suite, "root")?)?;
        let marked = NewKeySet { development: set.is_development(), ..*self };
        let by_root = By { authority: "root", issuer: Issuer { x509: &set.root, signer: &root_key } };
        marked.trust_list_signer(&by_root, keys, random)
    }

    fn trust_list_signer(
        &self,
        by_root: &By<'_>,
        keys: &dyn Keys,
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeySetError> {
        let profile = Profile::TrustList { name: self.named("Trust List") };
        Ok(self.below(by_root, "trust-list", &profile, keys, random)?.0)
    }

    /// Last: the root in `roots.pem` says that the set is whole. The file is replaced in one step; P-256, which every
    /// verifier knows, comes first.
    fn trust(&self, root: &[u8], others: &[Vec<u8>]) -> Result<(), KeySetError> {
        let mut roots: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
        roots.insert(if self.suite == Suite::P256 { 0 } else { roots.len() }, root);
        let path = self.directory.join(ROOTS);
        replace(&path, pem::x509s_to_pem(roots).as_bytes(), 0o644).map_err(|why| KeySetError::File(path, why))
    }

    /// Makes a key and its X.509 certificate.
    fn below<'k>(
        &self,
        by: &By<'_>,
        name: &str,
        profile: &Profile,
        keys: &'k dyn Keys,
        random: &dyn Random,
    ) -> Result<(Vec<u8>, HandleSigner<'k>), KeySetError> {
        let key = self.new_key(keys, name)?;
        let address =
            self.public_url.map(|base| crl_address(base, &authority_name(self.suite, by.authority)));
        let particulars = self.particulars(profile, address.as_deref(), random);
        let der = x509::issue(profile, &particulars, key.spki(), &by.issuer)?;
        self.write(&format!("{name}.pem"), &pem::x509s_to_pem([der.as_slice()]))?;
        Ok((der, key))
    }

    fn named(&self, what: &str) -> String {
        let suite = match self.suite {
            Suite::P256 => "",
            Suite::Sm2 => " SM2",
        };
        let mark =
            if self.development { format!(" {}", x509::profile::DEVELOPMENT_MARK) } else { String::new() };
        format!("{}{suite} {what}{mark}", self.name)
    }

    fn first_crl(&self, keys: &dyn Keys, name: &str, x509: &[u8]) -> Result<Vec<u8>, KeySetError> {
        let signer = HandleSigner::new(keys, &set_key(self.suite, name)?)?;
        let life = if name == "root" { ROOT_CRL_LIFE } else { CRL_LIFE };
        let times = CrlTimes { this_update: self.now, next_update: self.now.plus(life) };
        Ok(crl::make(&Issuer { x509, signer: &signer }, 1, times, &[])?)
    }

    fn new_key<'k>(&self, keys: &'k dyn Keys, name: &str) -> Result<HandleSigner<'k>, KeySetError> {
        let handle = set_key(self.suite, name)?;
        keys.generate(&handle, self.suite)?;
        Ok(HandleSigner::new(keys, &handle)?)
    }

    fn particulars<'p>(
        &self,
        profile: &Profile,
        crl_address: Option<&'p str>,
        random: &dyn Random,
    ) -> Particulars<'p> {
        Particulars {
            serial: random.bytes(),
            not_before: self.now,
            not_after: self.now.plus(profile.life()),
            crl_address,
        }
    }

    fn write(&self, name: &str, text: &str) -> Result<(), KeySetError> {
        let path = path(self.directory, self.suite, name);
        let failed = |why: io::Error| KeySetError::File(path.clone(), why);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        write_new(&path, text.as_bytes(), 0o644).map_err(failed)
    }
}

/// Who issues.
struct By<'a> {
    authority: &'static str,
    issuer: Issuer<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::keys::testing::{RingRandom, passphrase};
    use crate::adapters::keys::{KeySets, SoftwareKeys};
    use crate::formats::x509::{PathQuery, Trust, Usage};
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn new(directory: &Path, suite: Suite) -> NewKeySet<'_> {
        let public_url = Some("https://zz.example/");
        NewKeySet { directory, suite, name: "景川市", development: false, public_url, now: NOW }
    }

    fn open(place: &Path) -> SoftwareKeys {
        SoftwareKeys::open(place, passphrase(), Arc::new(RingRandom)).expect("opens")
    }

    fn check(set: &KeySet) {
        let trust = Trust::from_ders([set.root.clone()]).expect("a root");
        let crls: Vec<_> = set.crls.values().cloned().collect();
        let intermediates = [set.seal_ca.clone()];
        let good = |leaf: &[u8], usage| {
            let query = PathQuery { leaf, intermediates: &intermediates, crls: &crls, usage, at: NOW };
            trust.validate(&query).is_ok()
        };
        assert!(good(&set.tsa, Usage::TimeStamping) && !good(&set.tsa, Usage::Sealing));
        if let Some(maker) = &set.seal_maker {
            assert!(good(maker, Usage::SealMaking) && !good(maker, Usage::SealSigning));
        }
    }

    #[test]
    fn a_set_is_made_once_and_reads_back() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = open(place.path());
        let made = new(place.path(), Suite::P256).make(&keys, &RingRandom).expect("a set");
        let read = KeySets::load(place.path()).expect("reads");
        assert_eq!((&read.p256.root, &read.p256.tsa, &read.p256.crls), (&made.root, &made.tsa, &made.crls));
        assert_eq!(read.roots, std::slice::from_ref(&made.root));
        assert!(!read.is_development() && read.sm2.is_none() && made.seal_maker.is_none());
        let again = new(place.path(), Suite::P256).make(&keys, &RingRandom);
        assert!(matches!(again, Err(KeySetError::Exists(_, Suite::P256))));
        let tsa = x509::read(&made.tsa).expect("reads");
        assert_eq!(tsa.crl_addresses, ["https://zz.example/crl/root.crl"]);
        check(&made);
    }

    #[test]
    fn sets_of_two_suites_share_a_directory_in_whatever_order_they_came() {
        for order in [[Suite::P256, Suite::Sm2], [Suite::Sm2, Suite::P256]] {
            let place = tempfile::tempdir().expect("a directory");
            let keys = open(place.path());
            new(place.path(), order[0]).make(&keys, &RingRandom).expect("a set");
            let roots = x509s(place.path().join(ROOTS)).expect("reads");
            assert_eq!(roots.len(), 1);
            new(place.path(), order[1]).make(&keys, &RingRandom).expect("another");
            let sets = KeySets::load(place.path()).expect("reads");
            let sm2 = sets.sm2.as_ref().expect("there");
            assert_eq!(sets.roots, [sets.p256.root.clone(), sm2.root.clone()]);
            assert!(place.path().join("sm2/seal-maker.key.pem").exists());
            check(&sets.p256);
            check(sm2);
            let maker = x509::read(sm2.seal_maker.as_ref().expect("made")).expect("reads");
            assert_eq!(maker.crl_addresses, ["https://zz.example/crl/sm2-seal-ca.crl"]);
            assert_eq!((maker.subject_cn.as_str(), maker.is_ca), ("景川市 SM2 Seal Maker", false));
            for suite in order {
                let again = new(place.path(), suite).make(&keys, &RingRandom);
                assert!(matches!(again, Err(KeySetError::Exists(_, of)) if of == suite));
            }
        }
    }

    #[test]
    fn a_set_that_was_not_made_to_its_end_is_not_taken() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = open(place.path());
        new(place.path(), Suite::P256).make(&keys, &RingRandom).expect("a set");
        let before = fs::read(place.path().join(ROOTS)).expect("there");
        new(place.path(), Suite::Sm2).make(&keys, &RingRandom).expect("another");
        assert!(KeySets::load(place.path()).is_ok());
        fs::write(place.path().join(ROOTS), before).expect("as before the last step");
        assert!(matches!(KeySets::load(place.path()), Err(KeySetError::NotWhole(_, _))));
    }

    #[test]
    fn a_development_set_says_so() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = open(place.path());
        new(place.path(), Suite::P256).make(&keys, &RingRandom).expect("a set");
        assert!(!KeySets::load(place.path()).expect("reads").is_development());
        let marked = NewKeySet { development: true, ..new(place.path(), Suite::Sm2) };
        assert!(marked.make(&keys, &RingRandom).expect("a set").is_development());
        assert!(KeySets::load(place.path()).expect("reads").is_development(), "one is enough");
    }
}
