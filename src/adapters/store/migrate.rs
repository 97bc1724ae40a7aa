//! The migrations, built into the program: the same numbers and names for both databases.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqlStr};

/// A migration's number, name and text.
type Script = (i64, &'static str, &'static str);

pub(super) const SQLITE: &[Script] = &[
    (1, "start", include_str!("../../../migrations/sqlite/0001_start.sql")),
    (2, "seal_suites", include_str!("../../../migrations/sqlite/0002_seal_suites.sql")),
    (3, "license_files", include_str!("../../../migrations/sqlite/0003_license_files.sql")),
    (4, "license_numbers", include_str!("../../../migrations/sqlite/0004_license_numbers.sql")),
    (5, "seal_pictures", include_str!("../../../migrations/sqlite/0005_seal_pictures.sql")),
    (6, "envelopes", include_str!("../../../migrations/sqlite/0006_envelopes.sql")),
    (7, "seal_life", include_str!("../../../migrations/sqlite/0007_seal_life.sql")),
    (8, "webhooks", include_str!("../../../migrations/sqlite/0008_webhooks.sql")),
    (9, "trust_lists", include_str!("../../../migrations/sqlite/0009_trust_lists.sql")),
    (10, "seal_grants", include_str!("../../../migrations/sqlite/0010_seal_grants.sql")),
    (11, "businesses", include_str!("../../../migrations/sqlite/0011_businesses.sql")),
    (12, "people_and_papers", include_str!("../../../migrations/sqlite/0012_people_and_papers.sql")),
    (13, "seal_jobs", include_str!("../../../migrations/sqlite/0013_seal_jobs.sql")),
    (14, "envelope_replaces", include_str!("../../../migrations/sqlite/0014_envelope_replaces.sql")),
    (15, "uses", include_str!("../../../migrations/sqlite/0015_uses.sql")),
    (16, "showings_of_several", include_str!("../../../migrations/sqlite/0016_showings_of_several.sql")),
    (17, "offline", include_str!("../../../migrations/sqlite/0017_offline.sql")),
    (18, "requests", include_str!("../../../migrations/sqlite/0018_requests.sql")),
    (19, "papers_and_sharing", include_str!("../../../migrations/sqlite/0019_papers_and_sharing.sql")),
    (20, "consent", include_str!("../../../migrations/sqlite/0020_consent.sql")),
    (21, "kiosks", include_str!("../../../migrations/sqlite/0021_kiosks.sql")),
];
pub(super) const POSTGRES: &[Script] = &[
    (1, "start", include_str!("../../../migrations/postgres/0001_start.sql")),
    (2, "seal_suites", include_str!("../../../migrations/postgres/0002_seal_suites.sql")),
    (3, "license_files", include_str!("../../../migrations/postgres/0003_license_files.sql")),
    (4, "license_numbers", include_str!("../../../migrations/postgres/0004_license_numbers.sql")),
    (5, "seal_pictures", include_str!("../../../migrations/postgres/0005_seal_pictures.sql")),
    (6, "envelopes", include_str!("../../../migrations/postgres/0006_envelopes.sql")),
    (7, "seal_life", include_str!("../../../migrations/postgres/0007_seal_life.sql")),
    (8, "webhooks", include_str!("../../../migrations/postgres/0008_webhooks.sql")),
    (9, "trust_lists", include_str!("../../../migrations/postgres/0009_trust_lists.sql")),
    (10, "seal_grants", include_str!("../../../migrations/postgres/0010_seal_grants.sql")),
    (11, "businesses", include_str!("../../../migrations/postgres/0011_businesses.sql")),
    (12, "people_and_papers", include_str!("../../../migrations/postgres/0012_people_and_papers.sql")),
    (13, "seal_jobs", include_str!("../../../migrations/postgres/0013_seal_jobs.sql")),
    (14, "envelope_replaces", include_str!("../../../migrations/postgres/0014_envelope_replaces.sql")),
    (15, "uses", include_str!("../../../migrations/postgres/0015_uses.sql")),
    (16, "showings_of_several", include_str!("../../../migrations/postgres/0016_showings_of_several.sql")),
    (17, "offline", include_str!("../../../migrations/postgres/0017_offline.sql")),
    (18, "requests", include_str!("../../../migrations/postgres/0018_requests.sql")),
    (19, "papers_and_sharing", include_str!("../../../migrations/postgres/0019_papers_and_sharing.sql")),
    (20, "consent", include_str!("../../../migrations/postgres/0020_consent.sql")),
    (21, "kiosks", include_str!("../../../migrations/postgres/0021_kiosks.sql")),
];

/// Runs what is not yet applied; refuses a database whose applied scripts differ from ours.
pub(super) fn migrator(scripts: &[Script]) -> Migrator {
    let migration = |&(version, name, sql): &Script| {
        let sql: SqlStr = sql.into_sql_str();
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(scripts.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn files(folder: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let entries = std::fs::read_dir(folder).expect("the folder");
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    fn names(scripts: &[Script]) -> BTreeSet<String> {
        scripts.iter().map(|(version, name, _)| format!("{version:04}_{name}.sql")).collect()
    }

    #[test]
    fn every_script_is_built_in_and_has_its_pair() {
        assert_eq!(files("sqlite"), names(SQLITE));
        assert_eq!(files("postgres"), names(POSTGRES));
        assert_eq!(names(SQLITE), names(POSTGRES));
    }
}
