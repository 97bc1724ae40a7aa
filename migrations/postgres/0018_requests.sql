-- Requests: a counter or an institution asks, a holder says yes or no. Kept by the hash of the handle.
CREATE TABLE show_requests (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code_hash BYTEA NOT NULL UNIQUE,
    by_whom TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    counter TEXT COLLATE "C" NOT NULL,
    matter TEXT COLLATE "C" NOT NULL,
    asked TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    wrong BIGINT NOT NULL,
    ended TEXT COLLATE "C",
    ended_at BIGINT,
    showing TEXT COLLATE "C",
    materials TEXT COLLATE "C" NOT NULL
);

-- Identity assertions that were taken: none is taken twice. Kept until they would be refused for their age.
CREATE TABLE taken_assertions (
    issuer TEXT COLLATE "C" NOT NULL,
    jti TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (issuer, jti)
);
CREATE INDEX taken_assertions_by_end ON taken_assertions (until);

-- What holders handed in for their matters, by label; the bytes lie in the file store under their digest.
CREATE TABLE materials (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    sha256 BYTEA NOT NULL,
    size BIGINT NOT NULL,
    media TEXT COLLATE "C" NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    brought_by TEXT COLLATE "C" NOT NULL,
    matter TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    replaced_at BIGINT
);
CREATE INDEX materials_by_holder ON materials (holder, at, id);
CREATE UNIQUE INDEX materials_now ON materials (holder, label) WHERE replaced_at IS NULL;
