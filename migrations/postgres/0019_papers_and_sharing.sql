-- Papers about licenses that the service makes of its own accord: receipts and annotated copies. A key makes one.
CREATE TABLE papers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    paper_key TEXT COLLATE "C" NOT NULL UNIQUE,
    request_hash BYTEA NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    asked_by TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT,
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    CHECK ((kind = 'annotated-copy') = (expires_at IS NOT NULL))
);

-- Their files; each is found by its digest when it comes back to be verified.
CREATE TABLE paper_files (
    sha256 BYTEA NOT NULL PRIMARY KEY,
    paper TEXT COLLATE "C" NOT NULL REFERENCES papers (id),
    form TEXT COLLATE "C" NOT NULL,
    UNIQUE (paper, form)
);

-- Seals that seal them: proposed by an operator, agreed to by the owner; the one agreed to last is in use.
CREATE TABLE service_seals (
    seal TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES seals (code),
    proposed_by TEXT COLLATE "C" NOT NULL,
    proposed_at BIGINT NOT NULL,
    agreed_by TEXT COLLATE "C",
    agreed_at BIGINT,
    CHECK ((agreed_by IS NULL) = (agreed_at IS NULL))
);
CREATE INDEX service_seals_in_use ON service_seals (agreed_at, seal) WHERE agreed_at IS NOT NULL;

-- What other systems may ask the sharing service: registered by one operator, confirmed by another.
CREATE TABLE share_allowances (
    credential TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES credentials (id),
    system TEXT COLLATE "C" NOT NULL,
    kinds TEXT COLLATE "C" NOT NULL,
    causes TEXT COLLATE "C" NOT NULL,
    lawful TEXT COLLATE "C" NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    per_minute BIGINT NOT NULL,
    registered_by TEXT COLLATE "C" NOT NULL,
    registered_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    confirmed_by TEXT COLLATE "C",
    confirmed_at BIGINT,
    withdrawn_at BIGINT,
    withdrawn_by TEXT COLLATE "C",
    withdrawn_reason TEXT COLLATE "C",
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);

-- How often each of them asked what, by day (days since 1970 in China).
CREATE TABLE share_counts (
    credential TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    answered BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (day, credential, operation)
);

-- What they say is wrong on a license.
CREATE TABLE share_remarks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    license TEXT COLLATE "C" NOT NULL REFERENCES licenses (id),
    issuer TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C" NOT NULL,
    remark TEXT COLLATE "C" NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX share_remarks_by_issuer ON share_remarks (issuer, at, id);
