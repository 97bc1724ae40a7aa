-- Files that somebody brings to be sealed. A job ends once, and the file is there exactly where it is done.
CREATE TABLE seal_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    key_owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    requested_by TEXT NOT NULL,
    seal TEXT NOT NULL REFERENCES seals (code),
    owner TEXT NOT NULL,
    seal_grant TEXT REFERENCES seal_grants (id),
    format TEXT NOT NULL,
    suite TEXT NOT NULL,
    place TEXT NOT NULL,
    straddling INTEGER NOT NULL,
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    brought_sha256 BLOB NOT NULL,
    brought_size INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    ended_at INTEGER,
    sealed_sha256 BLOB,
    sealed_size INTEGER,
    refusal TEXT,
    UNIQUE (key_owner, idempotency_key),
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK ((state = 'done') = (sealed_sha256 IS NOT NULL)),
    CHECK ((state = 'done') = (sealed_size IS NOT NULL)),
    CHECK ((state = 'failed') = (refusal IS NOT NULL))
) STRICT;
CREATE INDEX seal_jobs_by_key_owner ON seal_jobs (key_owner, id);
CREATE INDEX seal_jobs_by_seal ON seal_jobs (seal, id);
CREATE INDEX seal_jobs_open ON seal_jobs (started_at, id) WHERE state = 'open';

-- A grant may be for documents besides or instead of license kinds. A use of it has the job in the column `license`.
ALTER TABLE seal_grants ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;
