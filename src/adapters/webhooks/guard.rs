//! Stands between a name and the connection: what a name leads to is looked at in the moment it is connected to, so that no
//! change of it between two looks helps.

use crate::domain::webhook::Reach;
use std::fmt;
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// An address that the service may not connect to.
#[derive(Debug, thiserror::Error)]
#[error("the address is not allowed")]
pub(super) struct AddressRefused;

/// Resolves names, and lets nothing pass that leads elsewhere than it may, not even as one of several addresses.
pub(super) struct Guard {
    names: DefaultResolver,
    reach: Reach,
}

impl Guard {
    pub(super) fn new(reach: Reach) -> Self {
        Self { names: DefaultResolver::default(), reach }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("reach", &self.reach).finish()
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let plain = uri.scheme_str() != Some("https");
        if found.iter().all(|address| self.reach.admits(plain, address.ip())) {
            Ok(found)
        } else {
            Err(Error::Other(Box::new(AddressRefused)))
        }
    }
}
