//! Asks: a clerk or an institution names a matter.

use super::super::error::forbidden;
use super::super::{AppError, Service, access, audit, inputs};
use crate::crypto::sha256;
use crate::domain::handle::RANDOM_DIGITS;
use crate::domain::matter::{Matter, Need};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::show_request::{Asked, LIFE, NUMBERS, RequestCode, ShowRequest};
use crate::ports::store::{Transaction, TxError};
use serde_json::json;

/// What is asked.
pub struct Question {
    /// The matter, by code.
    pub matter: String,
    /// Less than the matter needs, where less will do.
    pub only: Option<Vec<Only>>,
    /// Which counter, in the asker's own words; may be empty.
    pub counter: String,
}

/// Of this kind only these fields.
pub struct Only {
    /// The kind.
    pub kind: String,
    /// The fields.
    pub fields: Vec<String>,
}

/// A request just made.
pub struct Opened {
    /// The request.
    pub request: ShowRequest,
    /// Its handle: told this once, kept only as a hash.
    pub code: RequestCode,
}

/// Asks.
pub async fn open(service: &Service, caller: &Credential, question: Question) -> Result<Opened, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let mut faults = Vec::new();
    let counter = inputs::line("/counter", &question.counter, 0, 20, &mut faults);
    let matter = service.asking.matters.get(&question.matter);
    if matter.is_none() {
        faults.push(Fault::at("/matter", "ask.unknown_matter"));
    }
    let asked = matter.map(|matter| asked(service, matter, question.only.as_deref(), &mut faults));
    let (Some(asked), true) = (asked, faults.is_empty()) else {
        return Err(Refusal::invalid(faults).into());
    };
    if !asked.iter().all(|asked| caller.kinds.allows(&asked.kind)) {
        return Err(forbidden("permit.kind_out_of_scope").into());
    }
    let code = RequestCode::from_random(&service.random.text(RANDOM_DIGITS, b"0123456789"))
        .ok_or_else(|| AppError::internal("random digits are not digits"))?;
    let now = service.clock.now();
    let blank = ShowRequest {
        id: hex::encode(service.random.bytes::<12>()),
        code_hash: sha256(code.digits().as_bytes()),
        by: caller.id.clone(),
        body: String::new(),
        counter,
        matter: question.matter,
        asked,
        number: number(service),
        created_at: now,
        expires_at: now.plus(LIFE),
        wrong: 0,
        ended: None,
    };
    let kinds: Vec<&str> = blank.asked.iter().map(|asked| asked.kind.as_str()).collect();
    let detail = json!({ "matter": blank.matter, "kinds": kinds, "counter": blank.counter });
    let line = audit::line(now, &caller.id, "request.open", &blank.id, &detail);
    let blank = &blank;
    let request = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let request = ShowRequest { body: body(&mut *tx, caller).await?, ..blank.clone() };
            tx.insert_request(&request).await?;
            Ok(request)
        })
    })
    .await?;
    Ok(Opened { request, code })
}

/// A number of two digits, each as likely as any other.
fn number(service: &Service) -> u8 {
    let first = service.random.text(1, b"123456789");
    let second = service.random.text(1, b"0123456789");
    format!("{first}{second}").parse().unwrap_or(*NUMBERS.start())
}

/// Who asks, as registered: the department's name, or what an operator called the bearer of the credential. Nothing that the
/// asker says of itself.
pub(in crate::app) async fn body(tx: &mut dyn Transaction, caller: &Credential) -> Result<String, TxError> {
    let department = match &caller.department {
        Some(code) => tx.department(code).await?,
        None => None,
    };
    Ok(department.map_or_else(|| caller.label.clone(), |d| format!("{} {}", d.name_zh, caller.label)))
}

/// What is asked for, in the order of the matter and of the kinds.
fn asked(service: &Service, matter: &Matter, only: Option<&[Only]>, faults: &mut Vec<Fault>) -> Vec<Asked> {
    let Some(only) = only else {
        return matter.needs.iter().map(|need| ask(service, need, |_| true)).collect();
    };
    for (at, less) in only.iter().enumerate() {
        let Some(need) = matter.needs.iter().find(|need| need.kind == less.kind) else {
            faults.push(Fault::at(format!("/only/{at}/kind"), "ask.kind_not_needed"));
            continue;
        };
        if only[..at].iter().any(|before| before.kind == less.kind) {
            faults.push(Fault::at(format!("/only/{at}/kind"), "ask.kind_twice"));
        }
        for (n, name) in less.fields.iter().enumerate() {
            if !need.fields().any(|known| known == name) {
                faults.push(Fault::at(format!("/only/{at}/fields/{n}"), "ask.field_not_needed"));
            }
        }
        // Whoever looks must be able to tell whose license it is.
        let name = service.kinds.get(&need.kind).map(|kind| &kind.holder.name);
        if name.is_some_and(|name| !less.fields.contains(name)) {
            faults.push(Fault::at(format!("/only/{at}/fields"), "ask.nameless"));
        }
    }
    if only.is_empty() {
        faults.push(Fault::at("/only", "ask.nothing"));
    }
    let less = |need: &Need| only.iter().find(|less| less.kind == need.kind);
    let needs = matter.needs.iter().filter_map(|need| Some((need, less(need)?)));
    needs.map(|(need, less)| ask(service, need, |name| less.fields.contains(name))).collect()
}

fn ask(service: &Service, need: &Need, wanted: impl Fn(&String) -> bool) -> Asked {
    let kind = service.kinds.get(&need.kind);
    let in_order = |names: &[String]| -> Vec<String> {
        let fields = kind.into_iter().flat_map(|kind| &kind.fields).map(|field| &field.name);
        fields.filter(|name| names.contains(name) && wanted(name)).cloned().collect()
    };
    Asked {
        kind: need.kind.clone(),
        required: in_order(&need.required),
        optional: in_order(&need.optional),
        may_lack: need.may_lack,
    }
}
