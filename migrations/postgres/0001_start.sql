-- Times are microseconds since 1970-01-01T00:00:00Z, dates are YYYY-MM-DD, JSON is opaque text.
-- Text compares byte by byte, as in SQLite, whatever the locale of the server.
-- The positions of audit lines and outbox events are made from transaction numbers: see adapters/store/postgres.rs.

CREATE TABLE departments (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    responsibility TEXT COLLATE "C" NOT NULL
);

CREATE TABLE credentials (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    secret_hash BYTEA NOT NULL UNIQUE,
    label TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C",
    holder TEXT COLLATE "C",
    kinds TEXT COLLATE "C" NOT NULL,
    seals TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);

CREATE TABLE sessions (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    credential TEXT COLLATE "C" NOT NULL REFERENCES credentials (id),
    csrf TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE seals (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner_code TEXT COLLATE "C" NOT NULL,
    owner_name TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    purpose_words TEXT COLLATE "C" NOT NULL,
    picture TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    requested_by TEXT COLLATE "C" NOT NULL,
    approved_by TEXT COLLATE "C",
    x509 BYTEA,
    key_handle TEXT COLLATE "C",
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX seals_by_owner ON seals (owner_code, code);

CREATE TABLE seal_events (
    position BIGINT NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    state TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX seal_events_by_seal ON seal_events (seal, at, position);

CREATE TABLE licenses (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    kind_version BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    holder_name TEXT COLLATE "C" NOT NULL,
    holder_code_type TEXT COLLATE "C" NOT NULL,
    holder_code TEXT COLLATE "C" NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    issued_on TEXT COLLATE "C" NOT NULL,
    valid_from TEXT COLLATE "C" NOT NULL,
    valid_until TEXT COLLATE "C",
    edition BIGINT NOT NULL,
    previous TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    state_reason TEXT COLLATE "C",
    superseded_by TEXT COLLATE "C",
    revision BIGINT NOT NULL,
    seal TEXT COLLATE "C" NOT NULL,
    check_code TEXT COLLATE "C" NOT NULL,
    pdf BYTEA NOT NULL,
    salt BYTEA NOT NULL,
    released_at BIGINT NOT NULL,
    UNIQUE (kind, issuer, number, edition)
);
CREATE INDEX licenses_by_time ON licenses (released_at, id);
CREATE INDEX licenses_by_issuer ON licenses (issuer, released_at, id);
CREATE INDEX licenses_by_issuer_kind ON licenses (issuer, kind, released_at, id);
CREATE INDEX licenses_by_holder ON licenses (holder_code, released_at, id);
CREATE INDEX licenses_by_number ON licenses (number, released_at, id);
-- Most licenses are active: only the others need an index to be found by state.
CREATE INDEX licenses_not_active ON licenses (state, released_at, id) WHERE state <> 'active';
CREATE INDEX licenses_not_active_by_issuer ON licenses (issuer, state, released_at, id) WHERE state <> 'active';

CREATE TABLE license_events (
    position BIGINT NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    license TEXT COLLATE "C" NOT NULL REFERENCES licenses (id),
    what TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX license_events_by_license ON license_events (license, at, position);

CREATE TABLE issuances (
    department TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    requested_by TEXT COLLATE "C" NOT NULL,
    license TEXT COLLATE "C" NOT NULL UNIQUE,
    number TEXT COLLATE "C" NOT NULL,
    check_code TEXT COLLATE "C" NOT NULL,
    salt BYTEA NOT NULL,
    started_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    refusal TEXT COLLATE "C",
    PRIMARY KEY (department, idempotency_key)
);
CREATE INDEX issuances_open ON issuances (started_at, department, idempotency_key) WHERE state = 'open';

CREATE TABLE showings (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code_hash BYTEA NOT NULL UNIQUE,
    license TEXT COLLATE "C" NOT NULL REFERENCES licenses (id),
    holder TEXT COLLATE "C" NOT NULL,
    shown_by TEXT COLLATE "C" NOT NULL,
    fields TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    redeemed_by TEXT COLLATE "C",
    redeemed_label TEXT COLLATE "C",
    redeemed_at BIGINT,
    redeemed_matter TEXT COLLATE "C"
);
CREATE INDEX showings_by_holder ON showings (holder, created_at, id);

CREATE TABLE issued_x509 (
    authority TEXT COLLATE "C" NOT NULL,
    serial TEXT COLLATE "C" NOT NULL,
    der BYTEA NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_reason BIGINT,
    PRIMARY KEY (authority, serial)
);
CREATE INDEX issued_x509_revoked ON issued_x509 (authority, serial) WHERE revoked_at IS NOT NULL;

CREATE TABLE crls (
    authority TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    der BYTEA NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    PRIMARY KEY (authority, number)
);

CREATE TABLE audit (
    position BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_subject ON audit (subject, position);
CREATE INDEX audit_by_actor ON audit (actor, position);

CREATE TABLE outbox (
    position BIGINT NOT NULL PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    topic TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
