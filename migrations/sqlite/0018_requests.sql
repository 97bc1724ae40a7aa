-- Requests: a counter or an institution asks, a holder says yes or no. Kept by the hash of the handle.
CREATE TABLE show_requests (
    id TEXT NOT NULL PRIMARY KEY,
    code_hash BLOB NOT NULL UNIQUE,
    by_whom TEXT NOT NULL,
    body TEXT NOT NULL,
    counter TEXT NOT NULL,
    matter TEXT NOT NULL,
    asked TEXT NOT NULL,
    number INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    ended TEXT,
    ended_at INTEGER,
    showing TEXT,
    materials TEXT NOT NULL
) STRICT;

-- Identity assertions that were taken: none is taken twice. Kept until they would be refused for their age.
CREATE TABLE taken_assertions (
    issuer TEXT NOT NULL,
    jti TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (issuer, jti)
) STRICT;
CREATE INDEX taken_assertions_by_end ON taken_assertions (until);

-- What holders handed in for their matters, by label; the bytes lie in the file store under their digest.
CREATE TABLE materials (
    id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    size INTEGER NOT NULL,
    media TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    brought_by TEXT NOT NULL,
    matter TEXT NOT NULL,
    at INTEGER NOT NULL,
    replaced_at INTEGER
) STRICT;
CREATE INDEX materials_by_holder ON materials (holder, at, id);
CREATE UNIQUE INDEX materials_now ON materials (holder, label) WHERE replaced_at IS NULL;
