//! What only SQLite can show: its query plans, and the turns of its one writer.

use super::*;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::ports::store::{AuditLine, Transaction, read, write};
use futures::FutureExt;
use sqlx::{AssertSqlSafe, Row};

async fn fresh() -> (SqliteStore, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.db");
    let store = SqliteStore::open(path.to_str().expect("a path in UTF-8")).await.expect("a store");
    (store, directory)
}

fn line(subject: &str) -> AuditLine {
    AuditLine {
        position: 0,
        at: Timestamp::from_seconds(1),
        actor: "tester".into(),
        action: "test".into(),
        subject: subject.into(),
        detail: "{}".into(),
        outcome: "ok".into(),
    }
}

async fn append(store: &SqliteStore, subject: &str) -> Result<(), TxError> {
    let line = line(subject);
    write(store, |tx, _| {
        let line = line.clone();
        Box::pin(async move { Ok(tx.append_audit(&line).await?) })
    })
    .await
}

async fn subjects(store: &SqliteStore) -> Vec<String> {
    let lines = read(store, |tx, _| Box::pin(async move { Ok(tx.audit_lines(None, None, 0, 1_000).await?) }));
    lines.await.expect("the lines").into_iter().map(|line| line.subject).collect()
}

/// Polls once: far enough for a job to start, not for it to end.
async fn start_and_drop(job: impl Future<Output = Result<(), TxError>>) {
    let mut job = Box::pin(job);
    for _ in 0..200 {
        assert!((&mut job).now_or_never().is_none(), "the job is over");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn no_statement_reads_a_whole_table_or_sorts_one() {
    let (store, _directory) = fresh().await;
    let mut seen = 0;
    for statement in queries::statements() {
        let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")));
        let plan = plan.fetch_all(&store.readers).await.expect(statement);
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        for step in &steps {
            assert!(!step.contains("SCAN"), "{statement}\n{steps:?}");
            assert!(!step.contains("TEMP B-TREE"), "{statement}\n{steps:?}");
        }
        seen += 1;
    }
    assert!(seen > 40, "{seen} statements");
    let scan = sqlx::query("EXPLAIN QUERY PLAN SELECT * FROM licenses ORDER BY holder_name");
    let scan = scan.fetch_all(&store.readers).await.expect("a plan");
    assert!(
        scan.iter().any(|row| row.get::<String, _>("detail").contains("SCAN")),
        "the check above is blind"
    );
}

#[tokio::test]
async fn jobs_that_wait_together_are_committed_together() {
    let (store, _directory) = fresh().await;
    // Whoever holds the writer makes all others queue.
    let turn = store.writer.clone().lock_owned().await;
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let mut jobs: Vec<_> = names.iter().map(|name| Box::pin(append(&store, name))).collect();
    for job in &mut jobs {
        assert!(job.now_or_never().is_none(), "it waits for its turn");
    }
    drop(turn);
    for done in futures::future::join_all(jobs).await {
        done.expect("committed");
    }
    assert_eq!(subjects(&store).await, names);
    assert_eq!(store.writer.lock().await.commits(), 1);
}

#[tokio::test]
async fn a_failed_job_is_undone_alone() {
    let (store, _directory) = fresh().await;
    let turn = store.writer.clone().lock_owned().await;
    let refused = write(&store, |tx, _| {
        Box::pin(async move {
            tx.append_audit(&line("refused")).await?;
            Err::<(), _>(Refusal::new(RefusalClass::Conflict, "test.no").into())
        })
    });
    let (before, after) = (append(&store, "before"), append(&store, "after"));
    let (mut before, mut refused, mut after) = (Box::pin(before), Box::pin(refused), Box::pin(after));
    assert!((&mut before).now_or_never().is_none());
    assert!((&mut refused).now_or_never().is_none());
    assert!((&mut after).now_or_never().is_none());
    drop(turn);
    let (before, refused, after) = futures::join!(before, refused, after);
    before.expect("committed");
    after.expect("committed");
    assert!(matches!(refused, Err(TxError::Refused(_))));
    assert_eq!(subjects(&store).await, ["before", "after"]);
    assert_eq!(store.writer.lock().await.commits(), 1);
}

/// Refuses if there is a line already.
async fn refuse_a_second(store: &SqliteStore) -> Result<(), TxError> {
    let job = write(store, |tx, _| {
        Box::pin(async move {
            match tx.audit_lines(None, None, 0, 1).await?.is_empty() {
                true => Ok(()),
                false => Err(Refusal::new(RefusalClass::Conflict, "test.no").into()),
            }
        })
    });
    job.await
}

#[tokio::test]
async fn a_refusal_is_told_when_what_it_rests_on_is_committed() {
    let (store, _directory) = fresh().await;
    let turn = store.writer.clone().lock_owned().await;
    let (mut first, mut second) = (Box::pin(append(&store, "first")), Box::pin(refuse_a_second(&store)));
    assert!((&mut first).now_or_never().is_none());
    assert!((&mut second).now_or_never().is_none());
    drop(turn);
    let told = async {
        let outcome = second.await;
        (outcome, store.writer.try_lock().map(|writer| writer.commits()).ok())
    };
    let (first, (second, commits)) = futures::join!(first, told);
    first.expect("committed");
    assert!(matches!(second, Err(TxError::Refused(_))));
    assert_eq!(commits, Some(1), "the refusal came before the commit");
    // Behind nobody, it is told at once, and there is nothing to commit.
    assert!(matches!(refuse_a_second(&store).await, Err(TxError::Refused(_))));
    assert_eq!(store.writer.lock().await.commits(), 1);
}

/// Adds a line, then never ends.
async fn hang(tx: &mut dyn Transaction, subject: &str) -> Result<(), TxError> {
    tx.append_audit(&line(subject)).await?;
    std::future::pending().await
}

#[tokio::test]
async fn a_job_dropped_midway_is_undone_and_the_next_one_is_not() {
    let (store, _directory) = fresh().await;
    append(&store, "first").await.expect("committed");
    start_and_drop(write(&store, |tx, _| Box::pin(hang(tx, "dropped")))).await;
    append(&store, "second").await.expect("committed");
    assert_eq!(subjects(&store).await, ["first", "second"]);
}

#[tokio::test]
async fn a_job_dropped_midway_does_not_take_a_finished_one_along() {
    let (store, _directory) = fresh().await;
    let turn = store.writer.clone().lock_owned().await;
    let mut done = Box::pin(append(&store, "done"));
    assert!((&mut done).now_or_never().is_none());
    let mut dropped = Box::pin(write(&store, |tx, _| Box::pin(hang(tx, "dropped"))));
    assert!((&mut dropped).now_or_never().is_none());
    drop(turn);
    // Drive both until the first is in the open transaction and the second behind it.
    for _ in 0..2_000 {
        assert!((&mut done).now_or_never().is_none(), "no commit while the second holds its turn");
        assert!((&mut dropped).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    drop(dropped);
    done.await.expect("committed");
    assert_eq!(subjects(&store).await, ["done"]);
}

#[tokio::test]
async fn an_open_transaction_nobody_waits_for_is_given_up() {
    let (store, directory) = fresh().await;
    start_and_drop(write(&store, |tx, _| Box::pin(hang(tx, "dropped")))).await;
    // Another process gets the write lock: within its patience, or this fails.
    let options = SqliteConnectOptions::new().filename(directory.path().join("store.db"));
    let mut other = options.busy_timeout(PATIENCE).connect().await.expect("a connection");
    other.begin_with("BEGIN IMMEDIATE").await.expect("the write lock").rollback().await.expect("undone");
    assert_eq!(store.writer.lock().await.state_name(), "Idle");
}

#[tokio::test]
async fn a_caller_that_goes_away_after_its_job_does_not_undo_it() {
    let (store, _directory) = fresh().await;
    let mut job = Box::pin(append(&store, "left"));
    // Until its changes are kept; from there on the closer is in charge.
    while store.writer.try_lock().map_or(true, |writer| writer.state_name() != "Open(Kept)") {
        assert!((&mut job).now_or_never().is_none_or(|done| done.is_ok()));
        if subjects(&store).await == ["left"] {
            return;
        }
    }
    drop(job);
    append(&store, "next").await.expect("committed");
    assert_eq!(subjects(&store).await, ["left", "next"]);
}

#[tokio::test]
async fn a_job_that_swallows_a_failure_does_not_pass() {
    let (store, _directory) = fresh().await;
    let outcome = write(&store, |tx, _| {
        Box::pin(async move {
            tx.append_audit(&line("before the failure")).await?;
            let nul = crate::ports::store::Session {
                token_hash: [0; 32],
                credential: "nobody".into(),
                csrf: String::new(),
                expires_at: Timestamp::from_seconds(0),
            };
            // No such credential: a foreign key says no.
            let _ = crate::ports::store::PartyRows::add_session(tx, &nul).await;
            Ok(())
        })
    });
    assert!(matches!(outcome.await, Err(TxError::Store(StoreError::Failed(_)))));
    assert!(subjects(&store).await.is_empty());
}

#[tokio::test]
async fn a_broken_connection_fails_its_jobs_and_is_replaced() {
    let (store, _directory) = fresh().await;
    append(&store, "before").await.expect("committed");
    let job: &Job<'_> = &|tx, _| Box::pin(async move { Ok(tx.append_audit(&line("lost")).await?) });
    let mut turn = store.writer.lock().await;
    turn.run(job).await.expect("done");
    let first = turn.keep();
    turn.sabotage().await;
    let second = turn.run(job).await;
    assert!(matches!(second, Err(TxError::Store(StoreError::Failed(_)))), "{second:?}");
    drop(turn);
    let first = first.await.expect("told");
    assert!(matches!(first, Err(StoreError::Contention)), "it can be tried again: {first:?}");
    append(&store, "after").await.expect("committed");
    assert_eq!(subjects(&store).await, ["before", "after"]);
}

#[tokio::test]
async fn readers_cannot_write() {
    let (store, _directory) = fresh().await;
    let outcome =
        read(&store, |tx, _| Box::pin(async move { Ok(tx.append_audit(&line("sneaked")).await?) })).await;
    assert!(matches!(outcome, Err(TxError::Store(StoreError::Failed(_)))));
    assert!(subjects(&store).await.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn only_we_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let (store, directory) = fresh().await;
    append(&store, "one").await.expect("committed");
    for entry in std::fs::read_dir(directory.path()).expect("the directory") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_can_open_a_new_database_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("store.db").to_str().expect("UTF-8").to_owned();
    let opening = (0..8).map(|_| {
        let path = path.clone();
        tokio::spawn(async move { SqliteStore::open(&path).await.map(drop) })
    });
    for opened in futures::future::join_all(opening).await {
        opened.expect("no panic").expect("opened");
    }
}

#[tokio::test]
async fn a_database_of_another_make_is_refused() {
    let (store, directory) = fresh().await;
    append(&store, "one").await.expect("committed");
    let path = directory.path().join("store.db");
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.expect("a connection");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'newer', TRUE, x'00', 0)";
    sqlx::query(newer).execute(&mut other).await.expect("a newer migration");
    let refusal = SqliteStore::open(path.to_str().expect("UTF-8")).await.err();
    assert!(matches!(refusal, Some(OpenError::Migration(_))), "{refusal:?}");
}
