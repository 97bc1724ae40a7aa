-- Files that somebody brings to be sealed. A job ends once, and the file is there exactly where it is done.
CREATE TABLE seal_jobs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key_owner TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL,
    requested_by TEXT COLLATE "C" NOT NULL,
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    owner TEXT COLLATE "C" NOT NULL,
    seal_grant TEXT COLLATE "C" REFERENCES seal_grants (id),
    format TEXT COLLATE "C" NOT NULL,
    suite TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    straddling BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    brought_sha256 BYTEA NOT NULL,
    brought_size BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    ended_at BIGINT,
    sealed_sha256 BYTEA,
    sealed_size BIGINT,
    refusal TEXT COLLATE "C",
    UNIQUE (key_owner, idempotency_key),
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK ((state = 'done') = (sealed_sha256 IS NOT NULL)),
    CHECK ((state = 'done') = (sealed_size IS NOT NULL)),
    CHECK ((state = 'failed') = (refusal IS NOT NULL))
);
CREATE INDEX seal_jobs_by_key_owner ON seal_jobs (key_owner, id);
CREATE INDEX seal_jobs_by_seal ON seal_jobs (seal, id);
CREATE INDEX seal_jobs_open ON seal_jobs (started_at, id) WHERE state = 'open';

-- A grant may be for documents besides or instead of license kinds. A use of it has the job in the column `license`.
ALTER TABLE seal_grants ADD COLUMN documents BIGINT NOT NULL DEFAULT 0;
