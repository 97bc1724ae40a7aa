//! The demo's kiosk: a counter's credential, and a verifier of faces whose private key lies open in the demo's folder, so that
//! a process beside the service can play it.

use super::DemoError;
use super::setup::DAYS;
use super::tokens::{Tokens, private};
use crate::adapters::verifiers;
use crate::app::add_credential::{self, Request, Secret};
use crate::app::{Service, authenticate};
use crate::crypto::{PrivateKey, Signer, Suite};
use crate::domain::party::{Role, Scope};
use crate::formats::x509::pem;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the counter's token is called.
pub const COUNTER: &str = "kiosk";
/// What the verifier is called: `iss` of its assertions.
pub const VERIFIER: &str = "demo-face";
/// The verifier's private key, beside the tokens.
pub const KEY_FILE: &str = "demo-face.key.pem";
const PLACE: &str = "景川市政务服务中心自助终端 1 号";

/// The settings of the verifier, as an operator would write them.
pub fn settings(data: &Path) -> PathBuf {
    data.join("verifiers.toml")
}

/// Gives the counter its credential and makes the verifier's key, unless an earlier start did. Nobody is served yet: settings
/// name a counter by its identity, and that of a new one is known only now.
pub async fn equip(service: &mut Arc<Service>, data: &Path, tokens: &mut Tokens) -> Result<(), DemoError> {
    let file = settings(data);
    if file.exists() {
        return Ok(());
    }
    let operator = tokens.of("operator").ok_or_else(|| DemoError::TokensLost(data.to_owned()))?;
    let operator = authenticate::by_token(service, operator).await?;
    let added = add_credential::run(service, &operator, counter()).await?;
    tokens.keep(COUNTER, added.token.as_deref().unwrap_or_default());
    let at = |path: PathBuf| move |why| DemoError::File(path, why);
    let kept = data.join("tokens.json");
    tokens.write(&kept).map_err(at(kept))?;

    let pkcs8 = PrivateKey::generate_pkcs8(Suite::P256)?;
    let key = PrivateKey::from_pkcs8(&pkcs8)?;
    let path = data.join(KEY_FILE);
    private(&path)
        .and_then(|mut file| file.write_all(pem::private_key_to_pem(&pkcs8).as_bytes()))
        .map_err(at(path))?;
    // Last, since it says that the rest is done.
    let text = format!(
        "[[verifiers]]\nname = \"{VERIFIER}\"\nkey = \"\"\"\n{}\"\"\"\ncounters = [\"{}\"]\n",
        pem::public_key_to_pem(key.spki()),
        added.credential.id
    );
    fs::write(&file, text).map_err(at(file.clone()))?;
    let service = Arc::get_mut(service).expect("nobody else has it before it serves");
    service.asking.verifiers = verifiers::load(Some(&file))?;
    Ok(())
}

fn counter() -> Request {
    Request {
        label: PLACE.to_owned(),
        role: Role::Clerk,
        department: None,
        holder: None,
        business: None,
        kinds: Scope::All,
        seals: Scope::All,
        days: DAYS,
        person: None,
        secret: Secret::Token,
    }
}

/// Puts the verifier's key beside a copy of the tokens, for scripts.
pub fn copy_key(data: &Path, tokens: &Path) -> Result<(), DemoError> {
    let beside = tokens.with_file_name(KEY_FILE);
    let own = data.join(KEY_FILE);
    if same(&own, &beside) {
        return Ok(());
    }
    let copied = fs::read(&own).and_then(|key| private(&beside)?.write_all(&key));
    copied.map_err(|why| DemoError::File(beside, why))
}

fn same(one: &Path, other: &Path) -> bool {
    let found = |path: &Path| -> io::Result<PathBuf> { path.canonicalize() };
    matches!((found(one), found(other)), (Ok(one), Ok(other)) if one == other)
}

/// How the kiosk is tried: `holder` is who is to be recognised.
pub fn words(base: &str, data: &Path, holder: &str) -> String {
    format!(
        "试用自助终端 try the kiosk: {base}/kiosk (令牌 token kiosk)\n\
         \x20 !! 刷脸由演示核验方代替，私钥就在数据目录里：有它就能冒充任何人\n\
         \x20 !! a verifier made for this demo stands in for the camera; whoever has its key may say that anybody stands there\n\
         \x20 python3 tests/tools/kiosk_camera.py --base {base} --folder {} --holder {holder}",
        data.display()
    )
}
