//! A PostgreSQL of our own, started from its binaries in a temporary directory and stopped when dropped.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;
use yinzheng::adapters::store::open;

/// A running server that listens on a socket in its own directory.
pub struct Postgres {
    binaries: PathBuf,
    directory: tempfile::TempDir,
    databases: AtomicU32,
    /// Name of a database with our tables, to which nobody is connected.
    template: OnceCell<String>,
}

impl Postgres {
    /// Starts a server. Without PostgreSQL's binaries: says loudly that nothing was run, and fails where everything
    /// must be (`CI=true` or `YINZHENG_REQUIRE_ALL` set).
    pub fn start(test: &str) -> Option<Self> {
        let Some(binaries) = binaries() else {
            let required = std::env::var("CI").is_ok_and(|ci| ci == "true")
                || std::env::var_os("YINZHENG_REQUIRE_ALL").is_some();
            assert!(!required, "{test} needs PostgreSQL (initdb, pg_ctl), which is not installed");
            eprintln!("\n*** NOT RUN: {test}: PostgreSQL (initdb, pg_ctl) is not installed ***\n");
            return None;
        };
        let directory = tempfile::Builder::new().prefix("yz-pg-").tempdir_in("/tmp").expect("a directory");
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(directory.path()));
        }
        let server = Self { binaries, directory, databases: AtomicU32::new(0), template: OnceCell::new() };
        run(server
            .command("initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"])
            // Many servers run at one time, and each is thrown away: its log is kept small, and not waited for.
            .args(["--wal-segsize=1", "--no-sync"])
            .arg("-D")
            .arg(server.data()));
        // Autovacuum's transactions would hold back `settled!` rows for a moment; tests must not depend on luck.
        let thrown_away = "-c fsync=off -c min_wal_size=2MB -c max_wal_size=16MB";
        let options = format!(
            "-k {} -c listen_addresses= -c autovacuum=off {thrown_away}",
            server.directory.path().display()
        );
        run(server
            .command("pg_ctl")
            .args(["start", "--wait", "--silent", "-o", &options, "-l"])
            .arg(server.directory.path().join("log"))
            .arg("-D")
            .arg(server.data()));
        Some(server)
    }

    /// Makes an empty database; returns its URL.
    #[allow(dead_code, reason = "not every test that starts a server wants it empty")]
    pub async fn database(&self) -> String {
        self.url(&self.create("template1").await)
    }

    /// Makes a database with our tables; returns its URL. They are made once and copied: that is ten times as fast.
    #[allow(dead_code, reason = "not every test that starts a server needs many of its databases")]
    pub async fn ready(&self) -> String {
        let template = self.template.get_or_init(async || {
            let name = self.create("template1").await;
            drop(open(&self.url(&name)).await.expect("an empty database opens"));
            name
        });
        self.url(&self.create(template.await).await)
    }

    /// Makes a copy of one of the databases, from which whoever is still connected is put out; returns its URL.
    #[allow(dead_code, reason = "not every test that starts a server copies what it made ready")]
    pub async fn copy(&self, url: &str) -> String {
        let name = url.rsplit('/').find_map(|part| part.split_once('?')).expect("one of our URLs").0;
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("the server answers");
        let out = sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1");
        out.bind(name).execute(&mut connection).await.expect("nobody is connected");
        connection.close().await.expect("closed");
        self.url(&self.create(name).await)
    }

    /// Returns the name.
    async fn create(&self, template: &str) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.expect("the server answers");
        let create = sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}")));
        create.execute(&mut connection).await.expect("a database");
        connection.close().await.expect("closed");
        name
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.directory.path().display())
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// One of PostgreSQL's programs, as a user that is not root: it refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "--wait", "--silent", "-m", "immediate", "-D"]).arg(self.data());
        if !stop.status().is_ok_and(|status| status.success()) {
            eprintln!("the PostgreSQL in {} could not be stopped", self.directory.path().display());
        }
    }
}

fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders.into_iter().find(|folder| holds_all(folder))
}

fn holds_all(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Runs to the end. Its output goes to files, not pipes: a server would keep those open.
fn run(command: &mut Command) {
    let done = command.stdout(std::process::Stdio::null()).status();
    assert!(done.as_ref().is_ok_and(|status| status.success()), "{command:?}: {done:?}");
}
