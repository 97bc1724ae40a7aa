-- Papers about licenses that the service makes of its own accord: receipts and annotated copies. A key makes one.
CREATE TABLE papers (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    paper_key TEXT NOT NULL UNIQUE,
    request_hash BLOB NOT NULL,
    about TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER,
    seal TEXT NOT NULL REFERENCES seals (code),
    CHECK ((kind = 'annotated-copy') = (expires_at IS NOT NULL))
) STRICT;

-- Their files; each is found by its digest when it comes back to be verified.
CREATE TABLE paper_files (
    sha256 BLOB NOT NULL PRIMARY KEY,
    paper TEXT NOT NULL REFERENCES papers (id),
    form TEXT NOT NULL,
    UNIQUE (paper, form)
) STRICT;

-- Seals that seal them: proposed by an operator, agreed to by the owner; the one agreed to last is in use.
CREATE TABLE service_seals (
    seal TEXT NOT NULL PRIMARY KEY REFERENCES seals (code),
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    agreed_by TEXT,
    agreed_at INTEGER,
    CHECK ((agreed_by IS NULL) = (agreed_at IS NULL))
) STRICT;
CREATE INDEX service_seals_in_use ON service_seals (agreed_at, seal) WHERE agreed_at IS NOT NULL;

-- What other systems may ask the sharing service: registered by one operator, confirmed by another.
CREATE TABLE share_allowances (
    credential TEXT NOT NULL PRIMARY KEY REFERENCES credentials (id),
    system TEXT NOT NULL,
    kinds TEXT NOT NULL,
    causes TEXT NOT NULL,
    lawful TEXT NOT NULL,
    basis TEXT NOT NULL,
    per_minute INTEGER NOT NULL,
    registered_by TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    confirmed_by TEXT,
    confirmed_at INTEGER,
    withdrawn_at INTEGER,
    withdrawn_by TEXT,
    withdrawn_reason TEXT,
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
) STRICT;

-- How often each of them asked what, by day (days since 1970 in China).
CREATE TABLE share_counts (
    credential TEXT NOT NULL,
    day INTEGER NOT NULL,
    operation TEXT NOT NULL,
    answered INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (day, credential, operation)
) STRICT;

-- What they say is wrong on a license.
CREATE TABLE share_remarks (
    id TEXT NOT NULL PRIMARY KEY,
    license TEXT NOT NULL REFERENCES licenses (id),
    issuer TEXT NOT NULL,
    field TEXT NOT NULL,
    remark TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX share_remarks_by_issuer ON share_remarks (issuer, at, id);
