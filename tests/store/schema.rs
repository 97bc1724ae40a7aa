//! Compares the two schemas: tables, columns, types, nullability, keys, indexes.

use sqlx::{Connection, PgConnection, Row, SqliteConnection};
use std::collections::BTreeSet;

const SQLITE: [&str; 4] = [
    "SELECT t.name || '.' || c.name || ' ' || c.type || CASE WHEN c.\"notnull\" THEN ' NOT NULL' ELSE '' END
     FROM sqlite_schema t, pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '_sqlx%'",
    "SELECT 'primary key ' || t || ' (' || group_concat(c, ', ') || ')' FROM
       (SELECT t.name t, c.name c FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND c.pk > 0 AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '_sqlx%'
        ORDER BY t.name, c.pk) GROUP BY t",
    "SELECT CASE WHEN u THEN 'unique ' ELSE 'index ' || i || ' ' END || t || ' (' || group_concat(c, ', ') || ')'
         || CASE WHEN p THEN ' partial' ELSE '' END FROM
       (SELECT t.name t, i.name i, i.\"unique\" u, i.partial p, c.name c
        FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        WHERE t.type = 'table' AND i.origin <> 'pk' AND t.name NOT LIKE '_sqlx%' ORDER BY i.name, c.seqno)
     GROUP BY i",
    "SELECT 'foreign key ' || t.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\"
     FROM sqlite_schema t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
];

const POSTGRES: [&str; 4] = [
    "SELECT table_name || '.' || column_name || ' ' ||
       CASE data_type WHEN 'text' THEN 'TEXT' WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB' ELSE data_type END
       || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'",
    "SELECT 'primary key ' || conrelid::regclass || ' (' || string_agg(attname, ', ' ORDER BY n) || ')'
     FROM pg_constraint, unnest(conkey) WITH ORDINALITY k (attnum, n)
     JOIN pg_attribute a ON a.attnum = k.attnum
     WHERE contype = 'p' AND a.attrelid = conrelid AND connamespace = 'public'::regnamespace
       AND conrelid::regclass::text NOT LIKE '\\_sqlx%' GROUP BY conrelid",
    "SELECT CASE WHEN indisunique THEN 'unique ' ELSE 'index ' || indexrelid::regclass || ' ' END
       || indrelid::regclass || ' (' || string_agg(replace(pg_get_indexdef(indexrelid, n::int, true), '\"', ''), ', ' ORDER BY n) || ')'
       || CASE WHEN indpred IS NULL THEN '' ELSE ' partial' END
     FROM pg_index JOIN pg_class c ON c.oid = indrelid, generate_series(1, indnkeyatts) n
     WHERE c.relnamespace = 'public'::regnamespace AND NOT indisprimary
     GROUP BY indexrelid, indrelid, indisunique, indpred",
    "SELECT 'foreign key ' || conrelid::regclass || '.' || a.attname || ' ' || confrelid::regclass || '.' || b.attname
     FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
       JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = confkey[1]
     WHERE contype = 'f'",
];

pub async fn compare(sqlite: &str, postgres: &str) {
    let mut sqlite = SqliteConnection::connect(sqlite).await.expect("SQLite");
    let mut postgres = PgConnection::connect(postgres).await.expect("PostgreSQL");
    for (ours, theirs) in SQLITE.into_iter().zip(POSTGRES) {
        let ours = sqlx::query(ours).fetch_all(&mut sqlite).await.expect(ours);
        let theirs = sqlx::query(theirs).fetch_all(&mut postgres).await.expect(theirs);
        let ours: BTreeSet<String> = ours.iter().map(|row| row.get(0)).collect();
        let theirs: BTreeSet<String> = theirs.iter().map(|row| row.get(0)).collect();
        assert!(ours.len() >= 4, "{ours:?}");
        let (only_ours, only_theirs): (Vec<_>, Vec<_>) =
            (ours.difference(&theirs).collect(), theirs.difference(&ours).collect());
        assert!(ours == theirs, "only SQLite: {only_ours:#?}\nonly PostgreSQL: {only_theirs:#?}");
    }
}
