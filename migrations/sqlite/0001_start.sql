-- Times are microseconds since 1970-01-01T00:00:00Z, dates are YYYY-MM-DD, JSON is opaque text.

CREATE TABLE departments (
    code TEXT NOT NULL PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    area_code TEXT NOT NULL,
    responsibility TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credentials (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash BLOB NOT NULL UNIQUE,
    label TEXT NOT NULL,
    role TEXT NOT NULL,
    department TEXT,
    holder TEXT,
    kinds TEXT NOT NULL,
    seals TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY,
    credential TEXT NOT NULL REFERENCES credentials (id),
    csrf TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE seals (
    code TEXT NOT NULL PRIMARY KEY,
    owner_code TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    purpose_words TEXT NOT NULL,
    picture TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    approved_by TEXT,
    x509 BLOB,
    key_handle TEXT,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX seals_by_owner ON seals (owner_code, code);

CREATE TABLE seal_events (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    seal TEXT NOT NULL REFERENCES seals (code),
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX seal_events_by_seal ON seal_events (seal, at, position);

CREATE TABLE licenses (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    kind_version INTEGER NOT NULL,
    number TEXT NOT NULL,
    issuer TEXT NOT NULL,
    holder_name TEXT NOT NULL,
    holder_code_type TEXT NOT NULL,
    holder_code TEXT NOT NULL,
    data TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    edition INTEGER NOT NULL,
    previous TEXT,
    state TEXT NOT NULL,
    state_reason TEXT,
    superseded_by TEXT,
    revision INTEGER NOT NULL,
    seal TEXT NOT NULL,
    check_code TEXT NOT NULL,
    pdf BLOB NOT NULL,
    salt BLOB NOT NULL,
    released_at INTEGER NOT NULL,
    UNIQUE (kind, issuer, number, edition)
) STRICT;
CREATE INDEX licenses_by_time ON licenses (released_at, id);
CREATE INDEX licenses_by_issuer ON licenses (issuer, released_at, id);
CREATE INDEX licenses_by_issuer_kind ON licenses (issuer, kind, released_at, id);
CREATE INDEX licenses_by_holder ON licenses (holder_code, released_at, id);
CREATE INDEX licenses_by_number ON licenses (number, released_at, id);
-- Most licenses are active: only the others need an index to be found by state.
CREATE INDEX licenses_not_active ON licenses (state, released_at, id) WHERE state <> 'active';
CREATE INDEX licenses_not_active_by_issuer ON licenses (issuer, state, released_at, id) WHERE state <> 'active';

CREATE TABLE license_events (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    license TEXT NOT NULL REFERENCES licenses (id),
    what TEXT NOT NULL,
    at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX license_events_by_license ON license_events (license, at, position);

CREATE TABLE issuances (
    department TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    request TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    license TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL,
    check_code TEXT NOT NULL,
    salt BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    refusal TEXT,
    PRIMARY KEY (department, idempotency_key)
) STRICT;
CREATE INDEX issuances_open ON issuances (started_at, department, idempotency_key) WHERE state = 'open';

CREATE TABLE showings (
    id TEXT NOT NULL PRIMARY KEY,
    code_hash BLOB NOT NULL UNIQUE,
    license TEXT NOT NULL REFERENCES licenses (id),
    holder TEXT NOT NULL,
    shown_by TEXT NOT NULL,
    fields TEXT NOT NULL,
    purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    redeemed_by TEXT,
    redeemed_label TEXT,
    redeemed_at INTEGER,
    redeemed_matter TEXT
) STRICT;
CREATE INDEX showings_by_holder ON showings (holder, created_at, id);

CREATE TABLE issued_x509 (
    authority TEXT NOT NULL,
    serial TEXT NOT NULL,
    der BLOB NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_reason INTEGER,
    PRIMARY KEY (authority, serial)
) STRICT;
CREATE INDEX issued_x509_revoked ON issued_x509 (authority, serial) WHERE revoked_at IS NOT NULL;

CREATE TABLE crls (
    authority TEXT NOT NULL,
    number INTEGER NOT NULL,
    der BLOB NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    PRIMARY KEY (authority, number)
) STRICT;

CREATE TABLE audit (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_subject ON audit (subject, position);
CREATE INDEX audit_by_actor ON audit (actor, position);

CREATE TABLE outbox (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
