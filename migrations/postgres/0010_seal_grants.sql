-- The owner of a seal lets somebody else use it. The count cannot run over, whatever the program believes.
CREATE TABLE seal_grants (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    owner TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C",
    credential TEXT COLLATE "C",
    kinds TEXT COLLATE "C" NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    most BIGINT,
    used BIGINT NOT NULL,
    granted_by TEXT COLLATE "C" NOT NULL,
    granted_at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_by TEXT COLLATE "C",
    withdrawn_reason TEXT COLLATE "C",
    CHECK ((body IS NULL) <> (credential IS NULL)),
    CHECK (used >= 0 AND (most IS NULL OR used <= most))
);
CREATE INDEX seal_grants_by_seal ON seal_grants (seal, id);
CREATE INDEX seal_grants_by_body ON seal_grants (body, id) WHERE body IS NOT NULL;
CREATE INDEX seal_grants_by_credential ON seal_grants (credential, id) WHERE credential IS NOT NULL;

CREATE TABLE seal_grant_uses (
    license TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seal_grant TEXT COLLATE "C" NOT NULL REFERENCES seal_grants (id),
    kind TEXT COLLATE "C" NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL
);
CREATE INDEX seal_grant_uses_by_grant ON seal_grant_uses (seal_grant, at, license);
