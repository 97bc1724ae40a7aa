//! Whether this service is for development only.

use super::Service;
use crate::formats::x509;

/// Whether a root that the service trusts is of a development key set: its licenses then have no legal force.
pub fn is_on(service: &Service) -> bool {
    service.trust.roots().any(x509::is_development)
}
