-- Sealing together. An envelope is written by compare-and-set on its revision; what was consented to is kept for every
-- version of its content. The time of creation stands beside parties and delegations too, so that what a body is asked for
-- is read from one index.

CREATE TABLE envelopes (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    kind_version INTEGER NOT NULL,
    initiator TEXT NOT NULL,
    area TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    plan TEXT NOT NULL,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    stage INTEGER,
    opened_at INTEGER,
    deadline INTEGER,
    provisional INTEGER,
    reminded INTEGER,
    remind_at INTEGER,
    due_at INTEGER,
    license TEXT,
    UNIQUE (initiator, idempotency_key)
) STRICT;
CREATE INDEX envelopes_by_initiator ON envelopes (initiator, created_at, id);
CREATE INDEX envelopes_by_license ON envelopes (license) WHERE license IS NOT NULL;
CREATE INDEX envelopes_due ON envelopes (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX envelopes_satisfied ON envelopes (created_at, id) WHERE state = 'satisfied';

CREATE TABLE envelope_contents (
    envelope TEXT NOT NULL REFERENCES envelopes (id),
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    number TEXT,
    sha256 BLOB NOT NULL,
    sm3 BLOB NOT NULL,
    at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    PRIMARY KEY (envelope, version)
) STRICT;

CREATE TABLE envelope_parties (
    envelope TEXT NOT NULL REFERENCES envelopes (id),
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    body TEXT,
    decision TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (envelope, version, name)
) STRICT;
CREATE INDEX envelope_parties_by_body ON envelope_parties (body, created_at, envelope);
CREATE INDEX envelope_parties_asked ON envelope_parties (body, created_at, envelope) WHERE decision = 'asked';
CREATE INDEX envelope_parties_unresolved ON envelope_parties (created_at, envelope)
    WHERE body IS NULL AND decision = 'asked';

CREATE TABLE envelope_delegations (
    envelope TEXT NOT NULL REFERENCES envelopes (id),
    version INTEGER NOT NULL,
    party TEXT NOT NULL,
    delegate TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (envelope, version, party)
) STRICT;
CREATE INDEX envelope_delegations_by_delegate ON envelope_delegations (delegate, created_at, envelope);

-- Neither a party nor a body counts twice, whatever the program believes.
CREATE TABLE envelope_consents (
    envelope TEXT NOT NULL REFERENCES envelopes (id),
    version INTEGER NOT NULL,
    party TEXT NOT NULL,
    body TEXT NOT NULL,
    seal TEXT NOT NULL REFERENCES seals (code),
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL,
    suite TEXT NOT NULL,
    x509 BLOB NOT NULL,
    statement BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (envelope, version, party),
    UNIQUE (envelope, version, body)
) STRICT;

CREATE TABLE envelope_events (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    envelope TEXT NOT NULL REFERENCES envelopes (id),
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    what TEXT NOT NULL,
    at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    department TEXT,
    stage TEXT,
    party TEXT,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX envelope_events_by_envelope ON envelope_events (envelope, revision, position);

-- Bodies are looked up by place and responsibility when a stage opens.
CREATE INDEX departments_by_place ON departments (area_code, responsibility, code);
