//! The service over real connections: TLS with client X.509 certificates, another service's timestamps, and
//! webhooks; a key ceremony.

#[allow(dead_code, reason = "the stories use the rest")]
#[path = "support/city.rs"]
mod city;
#[path = "support/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "the stories give out their tokens through the API")]
#[path = "support/service.rs"]
mod service;

#[path = "wire/ceremony.rs"]
mod ceremony;
#[path = "wire/claims.rs"]
mod claims;
#[path = "wire/remote_timestamps.rs"]
mod remote_timestamps;
#[path = "wire/tls.rs"]
mod tls;
#[path = "wire/webhooks.rs"]
mod webhooks;
