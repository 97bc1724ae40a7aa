//! The contract of the `store` port, on SQLite and on PostgreSQL.

#[path = "store/businesses.rs"]
mod businesses;
#[path = "store/consent.rs"]
mod consent;
#[path = "store/envelopes.rs"]
mod envelopes;
#[path = "store/grants.rs"]
mod grants;
#[path = "store/kiosks.rs"]
mod kiosks;
#[path = "store/offline.rs"]
mod offline;
#[path = "store/papers.rs"]
mod papers;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "store/requests.rs"]
mod requests;
#[path = "store/rows.rs"]
mod rows;
#[path = "store/samples.rs"]
mod samples;
#[path = "store/schema.rs"]
mod schema;
#[path = "store/seal_jobs.rs"]
mod seal_jobs;
#[path = "store/sharing.rs"]
mod sharing;
#[path = "store/transactions.rs"]
mod transactions;
#[path = "store/trust_lists.rs"]
mod trust_lists;
#[path = "store/uses.rs"]
mod uses;
#[path = "store/webhooks.rs"]
mod webhooks;

use futures::future::BoxFuture;
use postgres::Postgres;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::sync::Arc;
use yinzheng::adapters::store::open;
use yinzheng::ports::store::Store;

/// A store just made, and where it is.
#[derive(Clone)]
struct Fresh {
    store: Arc<dyn Store>,
    url: String,
}

impl Fresh {
    async fn open(url: String) -> Self {
        Self { store: open(&url).await.expect("an empty database opens"), url }
    }

    /// Runs a statement past the port.
    async fn raw(&self, statement: &str) {
        let query = AssertSqlSafe(statement.to_owned());
        if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await.expect("a connection");
            sqlx::query(query).execute(&mut connection).await.expect(statement);
        } else {
            let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
            sqlx::query(query).execute(&mut connection).await.expect(statement);
        }
    }
}

type Case = (&'static str, fn(Fresh) -> BoxFuture<'static, ()>);

/// Lists cases by the names of their functions.
macro_rules! cases {
    ($($module:ident :: $case:ident),* $(,)?) => {
        vec![$((stringify!($case), (|fresh| Box::pin($module::$case(fresh))) as fn(Fresh) -> BoxFuture<'static, ()>)),*]
    };
}

fn cases() -> Vec<Case> {
    cases![
        rows::departments,
        rows::credentials,
        rows::sessions,
        rows::seals,
        rows::seal_approvals,
        rows::seal_papers,
        rows::seal_approvals_count_people,
        rows::licenses,
        rows::a_license_with_its_seals_events,
        rows::license_listings,
        rows::issuances,
        rows::showings,
        rows::x509s_and_crls,
        rows::audit,
        rows::outbox,
        rows::spoiled_rows_are_named,
        businesses::businesses_and_their_seals,
        businesses::people_of_a_business,
        businesses::standing_rules,
        envelopes::an_envelope_stands_as_it_was_written,
        envelopes::contents_and_histories_of_envelopes,
        envelopes::lists_of_envelopes,
        envelopes::two_last_parties_at_once,
        grants::grants_and_their_uses,
        grants::the_last_use_of_a_grant_is_taken_once,
        requests::requests_and_their_ends,
        requests::a_request_ends_once,
        requests::an_assertion_is_taken_once,
        requests::materials_of_a_holder,
        kiosks::sessions_at_kiosks,
        kiosks::one_sheet_a_session,
        seal_jobs::seal_jobs,
        seal_jobs::a_key_makes_one_seal_job,
        offline::keys_for_offline_codes,
        offline::places_in_status_lists,
        offline::published_files,
        offline::codes_on_paper,
        offline::devices,
        papers::a_key_makes_one_paper,
        papers::the_seal_agreed_to_last_is_in_use,
        sharing::allowances_of_systems,
        sharing::questions_are_counted_by_day,
        sharing::remarks_on_licenses,
        trust_lists::signers_of_trust_lists,
        trust_lists::versions_of_trust_lists,
        trust_lists::our_own_trust_list,
        trust_lists::revocation_lists_of_others,
        uses::seals_of_a_person,
        uses::who_used_what,
        consent::disputes_of_uses,
        consent::later_comers_with_a_used_code,
        consent::deputies,
        webhooks::webhooks,
        webhooks::deliveries_about_a_subject_go_one_after_the_other,
        webhooks::old_deliveries_and_removed_webhooks_go,
        webhooks::several_deliverers_share_the_work,
        webhooks::places_in_the_outbox,
        transactions::a_failed_job_leaves_nothing,
        transactions::a_job_may_go_on_after_exists,
        transactions::a_read_cannot_write,
        transactions::a_glance_is_one_reading_statement,
        transactions::exactly_one_redeems,
        transactions::exactly_one_change_of_a_revision_wins,
        transactions::of_two_approvals_at_once_one_sees_the_other,
        transactions::an_idempotency_key_makes_one_intent,
        transactions::a_number_belongs_to_one_serial,
        transactions::readers_that_write_what_they_read_do_not_lose_updates,
        transactions::a_job_without_a_result_runs_through_the_port_alone,
        transactions::a_reader_sees_one_moment,
        transactions::what_was_acknowledged_is_there_after_reopening,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_the_contract() {
    for (name, case) in cases() {
        eprintln!("sqlite: {name}");
        let directory = tempfile::tempdir().expect("a directory");
        case(Fresh::open(format!("sqlite:{}", directory.path().join("store.db").display())).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_keeps_the_contract() {
    let Some(server) = Postgres::start("postgres_keeps_the_contract") else { return };
    for (name, case) in cases() {
        eprintln!("postgres: {name}");
        case(Fresh::open(server.ready().await).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_have_the_same_tables() {
    let Some(server) = Postgres::start("both_have_the_same_tables") else { return };
    // Several processes start at once: each finds the tables made.
    let url = server.database().await;
    let openings = futures::future::join_all((0..6).map(|_| open(&url))).await;
    assert!(openings.iter().all(Result::is_ok));
    let directory = tempfile::tempdir().expect("a directory");
    let path = format!("sqlite:{}", directory.path().join("store.db").display());
    open(&path).await.expect("a store");
    schema::compare(&path, &url).await;
}
