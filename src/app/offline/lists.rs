//! Status lists are made anew whenever something in them changed, and in any case before anybody thinks them old.

use super::{LIFE, TTL, keys, places};
use crate::app::{AppError, Service};
use crate::crypto::{Sha256, Signer};
use crate::domain::status_entry::Marked;
use crate::domain::time::Timestamp;
use crate::formats::offline_code::key_id;
use crate::formats::status_list::{Bits, ListToken, StatusList, sign_both};
use crate::ports::keys::HandleSigner;
use crate::ports::store::{self, PublishedFile};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A list of this age is signed anew though nothing in it changed, so that it is fresh ([`TTL`]) as long as the job runs.
const REFRESHED: Duration = Duration::from_secs(10 * 60);

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON Web Token.
    Jwt,
    /// CBOR Web Token.
    Cwt,
}

impl Form {
    /// Its media type (draft-ietf-oauth-status-list §14.7).
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jwt => "application/statuslist+jwt",
            Self::Cwt => "application/statuslist+cwt",
        }
    }

    /// Under which name a list is published in this form.
    pub(super) fn name(self, number: u32) -> String {
        match self {
            Self::Jwt => format!("status-list/{number}.jwt"),
            Self::Cwt => format!("status-list/{number}.cwt"),
        }
    }
}

/// What one pass published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Lists in which something changed.
    pub changed: usize,
    /// Lists that were only signed anew.
    pub refreshed: usize,
}

/// Publishes what is due, and makes the keys of departments that have none.
pub async fn publish(service: &Arc<Service>) -> Result<Published, AppError> {
    keys::of_all(service).await?;
    let now = service.clock.now().whole_second();
    places::open_first(service).await?;
    let (lists, marked, published) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            Ok((tx.status_lists().await?, tx.marked_entries().await?, tx.published_files().await?))
        })
    })
    .await?;
    let published: BTreeMap<&str, &PublishedFile> =
        published.iter().map(|file| (file.name.as_str(), file)).collect();
    let mut done = Published::default();
    let mut marked = marked;
    marked.sort_unstable_by_key(|entry| (entry.list, entry.place));
    for (number, entries) in lists {
        let from = marked.partition_point(|entry| entry.list < number);
        let until = marked.partition_point(|entry| entry.list <= number);
        let marked = &marked[from..until];
        // Whether something changed is asked of what is marked: a list is built and packed when it is due.
        let content = content(entries, marked);
        let known = published.get(Form::Cwt.name(number).as_str()).filter(|file| file.content == content);
        let fresh = |file: &&&PublishedFile| now >= file.made_at && now.since(file.made_at) < REFRESHED;
        if known.filter(fresh).is_some() {
            continue;
        }
        if known.is_some() {
            done.refreshed += 1;
        } else {
            done.changed += 1;
        }
        let mut list = StatusList::new(Bits::Two, entries);
        for entry in marked {
            if !list.set(entry.place, entry.value) {
                return Err(AppError::internal(format!("status list {number} has no entry {}", entry.place)));
            }
        }
        let uri = places::address(service, number);
        let token = ListToken { uri, issued: now, expires: now.plus(LIFE), ttl: TTL, list };
        put(service, number, token, content).await?;
    }
    Ok(done)
}

/// SHA-256 of what a list says apart from its times: the number of its entries, and those of them that are not in force, in
/// their order.
fn content(entries: u64, marked: &[Marked]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(&entries.to_be_bytes());
    for entry in marked {
        digest.update(&entry.place.to_be_bytes());
        digest.update(&[entry.value]);
    }
    digest.finish()
}

/// Signs a list in both forms and puts them in place of the older ones together.
async fn put(
    service: &Arc<Service>,
    number: u32,
    token: ListToken,
    content: [u8; 32],
) -> Result<(), AppError> {
    let (made_at, expires_at) = (token.issued, token.expires);
    let signing = {
        let service = Arc::clone(service);
        tokio::task::spawn_blocking(move || sign(&service, &token))
    };
    let (jwt, cwt) = signing.await??;
    let file =
        |form: Form, bytes| PublishedFile { name: form.name(number), content, made_at, expires_at, bytes };
    let files = &[file(Form::Jwt, jwt.into_bytes()), file(Form::Cwt, cwt)];
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            for file in files {
                tx.put_published(file).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

fn sign(service: &Service, token: &ListToken) -> Result<(String, Vec<u8>), AppError> {
    let (handle, public) = super::publisher(service.keys.as_ref())?;
    let signer = HandleSigner::new(service.keys.as_ref(), &handle)?;
    let kid = key_id(&public.spki);
    let signer: &dyn Signer = &signer;
    sign_both(token, &kid, signer).map_err(AppError::internal)
}

/// A list as it was published last, in that form.
pub async fn list(service: &Service, number: u32, form: Form) -> Result<Option<PublishedFile>, AppError> {
    let name = &form.name(number);
    let found =
        store::glance(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.published(name).await?) }));
    Ok(found.await?)
}

/// When the lists were made last, by number, and until when each may be relied on.
pub(super) async fn times(service: &Service) -> Result<Vec<(u32, Timestamp, Timestamp)>, AppError> {
    let files = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.published_files().await?) })
    });
    let times = files.await?.into_iter().filter_map(|file| {
        let number = file.name.strip_prefix("status-list/")?.strip_suffix(".cwt")?.parse().ok()?;
        Some((number, file.made_at, file.expires_at))
    });
    Ok(times.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_of_a_list_changes_its_content() {
        let marked = |place, value| Marked { list: 1, place, value };
        let of = |marked: &[Marked]| content(1 << 20, marked);
        let one = of(&[marked(7, 1), marked(9, 2)]);
        assert_eq!(one, of(&[marked(7, 1), marked(9, 2)]));
        for twin in [
            of(&[]),
            of(&[marked(7, 1)]),
            of(&[marked(7, 1), marked(9, 1)]),
            of(&[marked(7, 1), marked(10, 2)]),
            of(&[marked(7, 1), marked(9, 2), marked(11, 1)]),
            content(1 << 21, &[marked(7, 1), marked(9, 2)]),
        ] {
            assert_ne!(one, twin);
        }
    }
}
