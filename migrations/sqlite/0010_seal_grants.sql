-- The owner of a seal lets somebody else use it. The count cannot run over, whatever the program believes.
CREATE TABLE seal_grants (
    id TEXT NOT NULL PRIMARY KEY,
    seal TEXT NOT NULL REFERENCES seals (code),
    owner TEXT NOT NULL,
    body TEXT,
    credential TEXT,
    kinds TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    most INTEGER,
    used INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    withdrawn_at INTEGER,
    withdrawn_by TEXT,
    withdrawn_reason TEXT,
    CHECK ((body IS NULL) <> (credential IS NULL)),
    CHECK (used >= 0 AND (most IS NULL OR used <= most))
) STRICT;
CREATE INDEX seal_grants_by_seal ON seal_grants (seal, id);
CREATE INDEX seal_grants_by_body ON seal_grants (body, id) WHERE body IS NOT NULL;
CREATE INDEX seal_grants_by_credential ON seal_grants (credential, id) WHERE credential IS NOT NULL;

CREATE TABLE seal_grant_uses (
    license TEXT NOT NULL PRIMARY KEY,
    seal_grant TEXT NOT NULL REFERENCES seal_grants (id),
    kind TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE INDEX seal_grant_uses_by_grant ON seal_grant_uses (seal_grant, at, license);
