//! The one signed file that a verifier without a network carries: whose keys sign codes and for which kinds, the status
//! lists, and the words for what is found.

use super::{Form, LIFE, TTL, keys, lists, places};
use crate::app::{AppError, Service};
use crate::crypto::{PublicKey, Suite, sha256};
use crate::domain::license::LicenseKind;
use crate::domain::license::kind::Bilingual;
use crate::domain::party::Department;
use crate::domain::time::Timestamp;
use crate::formats::jws;
use crate::formats::offline_code::key_id;
use crate::formats::verifier_bundle::KIND;
use crate::ports::keys::HandleSigner;
use crate::ports::store::{self, PublishedFile};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What is in it is looked up again after this.
const LOOKED_UP: Duration = Duration::from_secs(30);
/// Signed anew though nothing changed.
const REFRESHED: Duration = Duration::from_secs(10 * 60);

/// What is said of one finding; `{name}` stands for a value.
pub struct BundleText {
    /// Code of the finding.
    pub code: String,
    /// What was found.
    pub says: Bilingual,
    /// What to do now, where there is something.
    pub act: Option<Bilingual>,
}

/// A bundle.
pub struct Bundle {
    /// Compact JWS.
    pub token: String,
    /// Changes when the bytes do.
    pub mark: String,
    /// SHA-256 of what it says apart from its times.
    content: [u8; 32],
    made_at: Timestamp,
    looked_up: Timestamp,
}

/// The bundle of now; whether it could be made is noted for [`super::watch`].
pub async fn bundle(service: &Arc<Service>) -> Result<Arc<Bundle>, AppError> {
    let made = renewed(service).await;
    service.offline.told.note_bundle(made.is_ok(), service.clock.now());
    made
}

async fn renewed(service: &Arc<Service>) -> Result<Arc<Bundle>, AppError> {
    let now = service.clock.now().whole_second();
    // One at a time: the rest wait for the same answer.
    let mut kept = service.offline.bundle.lock().await;
    let recent = |since: Timestamp, within: Duration| now >= since && now.since(since) < within;
    if let Some(kept) = kept.as_ref().filter(|kept| recent(kept.looked_up, LOOKED_UP)) {
        return Ok(Arc::clone(kept));
    }
    let mut claims = contents(service, (service.bundle_texts)()).await?;
    let content = sha256(Value::Object(claims.clone()).to_string().as_bytes());
    if let Some(same) = kept.as_ref().filter(|k| k.content == content && recent(k.made_at, REFRESHED)) {
        let same = Bundle { token: same.token.clone(), mark: same.mark.clone(), looked_up: now, ..**same };
        return Ok(Arc::clone(kept.insert(Arc::new(same))));
    }
    claims.insert("iss".into(), service.settings.public_url.clone().into());
    claims.insert("iat".into(), now.seconds().into());
    claims.insert("exp".into(), now.plus(LIFE).seconds().into());
    claims.insert("ttl".into(), TTL.as_secs().into());
    let signing = {
        let service = Arc::clone(service);
        tokio::task::spawn_blocking(move || -> Result<String, AppError> {
            let (handle, public) = super::publisher(service.keys.as_ref())?;
            let signer = HandleSigner::new(service.keys.as_ref(), &handle)?;
            let kid = hex::encode(key_id(&public.spki));
            jws::sign_as(KIND, &Value::Object(claims), &kid, &signer).map_err(AppError::internal)
        })
    };
    let token = signing.await??;
    let mark = format!("\"{}\"", hex::encode(&sha256(token.as_bytes())[..8]));
    let made = Bundle { token, mark, content, made_at: now, looked_up: now };
    Ok(Arc::clone(kept.insert(Arc::new(made))))
}

async fn contents(service: &Arc<Service>, texts: Vec<BundleText>) -> Result<Map<String, Value>, AppError> {
    let keys = keys::in_use(service).await?;
    let numbers: Vec<u32> = lists::times(service).await?.into_iter().map(|(number, ..)| number).collect();
    let (keys, numbers) = (&keys, &numbers);
    let (departments, files) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut files: Vec<(u32, PublishedFile)> = Vec::new();
            for number in numbers {
                files.extend(tx.published(&Form::Cwt.name(*number)).await?.map(|file| (*number, file)));
            }
            Ok((tx.departments().await?, files))
        })
    })
    .await?;
    let of = |code: &str| departments.iter().find(|department| department.code == code);
    let keys = keys.iter().filter_map(|key| {
        let department = of(&key.issuer)?;
        Some(json!({
            "kid": hex::encode(key.kid),
            "spki": STANDARD.encode(&key.spki),
            "alg": algorithm(keys::suite_of(key).ok()?),
            "issuer": key.issuer,
            "name": { "zh": department.name_zh, "en": department.name_en },
            "kinds": kinds(service, department).map(kind).collect::<Vec<_>>(),
            "not_before": key.from.seconds(),
            "not_after": key.until.seconds(),
        }))
    });
    let lists = files.iter().map(|(number, file)| {
        json!({ "uri": places::address(service, *number), "cwt": STANDARD.encode(&file.bytes) })
    });
    let texts = texts.into_iter().map(|text| {
        let mut words = json!({ "zh": text.says.zh, "en": text.says.en });
        if let Some(act) = text.act {
            words["act_zh"] = act.zh.into();
            words["act_en"] = act.en.into();
        }
        (text.code, words)
    });
    let mut claims = Map::new();
    claims.insert("keys".into(), keys.collect::<Vec<_>>().into());
    claims.insert("lists".into(), lists.collect::<Vec<_>>().into());
    claims.insert("texts".into(), texts.collect::<Map<_, _>>().into());
    Ok(claims)
}

/// What the signatures of a suite are called in the bundle; SM2 has no registered name.
const fn algorithm(suite: Suite) -> &'static str {
    match suite {
        Suite::P256 => "ES256",
        Suite::Sm2 => "SM2-SM3",
    }
}

/// The kinds that a department vouches for: those it is responsible for.
pub(super) fn kinds<'s>(
    service: &'s Service,
    department: &Department,
) -> impl Iterator<Item = &'s LicenseKind> + use<'s> {
    let responsibility = department.responsibility.clone();
    service.kinds.iter().map(Arc::as_ref).filter(move |kind| kind.issuer == responsibility)
}

fn kind(kind: &LicenseKind) -> Value {
    let both = |text: &Bilingual| json!({ "zh": text.zh, "en": text.en });
    let fields: Map<String, Value> =
        kind.fields.iter().map(|field| (field.name.clone(), both(&field.title))).collect();
    json!({ "code": kind.name, "title": both(&kind.title), "fields": fields })
}

/// The key that lists and bundle are verified with.
pub struct PublisherKey {
    /// Its name.
    pub kid: String,
    /// SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// First coordinate.
    pub x: [u8; 32],
    /// Second coordinate.
    pub y: [u8; 32],
}

/// See [`PublisherKey`].
pub async fn publisher_key(service: &Arc<Service>) -> Result<PublisherKey, AppError> {
    let looking = {
        let service = Arc::clone(service);
        tokio::task::spawn_blocking(move || super::publisher(service.keys.as_ref()))
    };
    let (_, public) = looking.await??;
    let key = PublicKey::from_spki(&public.spki).ok_or_else(|| AppError::internal("no public key"))?;
    let (mut x, mut y) = ([0; 32], [0; 32]);
    x.copy_from_slice(&key.point()[1..33]);
    y.copy_from_slice(&key.point()[33..]);
    Ok(PublisherKey { kid: hex::encode(key_id(&public.spki)), spki: public.spki, x, y })
}
