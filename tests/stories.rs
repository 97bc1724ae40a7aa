//! Stories of people in their roles, told through the API of a whole service.

#[allow(dead_code, reason = "tests of the wire use the rest")]
#[path = "support/city.rs"]
mod city;
#[path = "support/contract.rs"]
mod contract;
#[path = "support/judges.rs"]
mod judges;
#[path = "support/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "the stories give out their tokens through the API")]
#[path = "support/service.rs"]
mod service;

#[path = "stories/asking.rs"]
mod asking;
#[path = "stories/bad_bodies.rs"]
mod bad_bodies;
#[path = "stories/bad_files.rs"]
mod bad_files;
#[path = "stories/batch.rs"]
mod batch;
#[path = "stories/businesses.rs"]
mod businesses;
#[path = "stories/company_seals.rs"]
mod company_seals;
#[path = "stories/consent.rs"]
mod consent;
#[path = "stories/credentials.rs"]
mod credentials;
#[path = "stories/desk.rs"]
mod desk;
#[path = "stories/envelopes.rs"]
mod envelopes;
#[path = "stories/forms.rs"]
mod forms;
#[path = "stories/grants.rs"]
mod grants;
#[path = "stories/kiosk.rs"]
mod kiosk;
#[path = "stories/license_life.rs"]
mod license_life;
#[path = "stories/masking.rs"]
mod masking;
#[path = "stories/offline.rs"]
mod offline;
#[path = "stories/one_scan.rs"]
mod one_scan;
#[path = "stories/over_postgres.rs"]
mod over_postgres;
#[path = "stories/papers.rs"]
mod papers;
#[path = "stories/seal_jobs.rs"]
mod seal_jobs;
#[path = "stories/seal_papers.rs"]
mod seal_papers;
#[path = "stories/sealed_together.rs"]
mod sealed_together;
#[path = "stories/seals.rs"]
mod seals;
#[path = "stories/sharing.rs"]
mod sharing;
#[path = "stories/showing.rs"]
mod showing;
#[path = "stories/sm2.rs"]
mod sm2;
#[path = "stories/trust_lists.rs"]
mod trust_lists;
