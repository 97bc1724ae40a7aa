-- Sealing together. An envelope is written by compare-and-set on its revision; what was consented to is kept for every
-- version of its content. The time of creation stands beside parties and delegations too, so that what a body is asked for
-- is read from one index.

CREATE TABLE envelopes (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    kind_version BIGINT NOT NULL,
    initiator TEXT COLLATE "C" NOT NULL,
    area TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL,
    plan TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    stage BIGINT,
    opened_at BIGINT,
    deadline BIGINT,
    provisional BIGINT,
    reminded BIGINT,
    remind_at BIGINT,
    due_at BIGINT,
    license TEXT COLLATE "C",
    UNIQUE (initiator, idempotency_key)
);
CREATE INDEX envelopes_by_initiator ON envelopes (initiator, created_at, id);
CREATE INDEX envelopes_by_license ON envelopes (license) WHERE license IS NOT NULL;
CREATE INDEX envelopes_due ON envelopes (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX envelopes_satisfied ON envelopes (created_at, id) WHERE state = 'satisfied';

CREATE TABLE envelope_contents (
    envelope TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    version BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C",
    sha256 BYTEA NOT NULL,
    sm3 BYTEA NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (envelope, version)
);

CREATE TABLE envelope_parties (
    envelope TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    stage BIGINT NOT NULL,
    body TEXT COLLATE "C",
    decision TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (envelope, version, name)
);
CREATE INDEX envelope_parties_by_body ON envelope_parties (body, created_at, envelope);
CREATE INDEX envelope_parties_asked ON envelope_parties (body, created_at, envelope) WHERE decision = 'asked';
CREATE INDEX envelope_parties_unresolved ON envelope_parties (created_at, envelope)
    WHERE body IS NULL AND decision = 'asked';

CREATE TABLE envelope_delegations (
    envelope TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    version BIGINT NOT NULL,
    party TEXT COLLATE "C" NOT NULL,
    delegate TEXT COLLATE "C" NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (envelope, version, party)
);
CREATE INDEX envelope_delegations_by_delegate ON envelope_delegations (delegate, created_at, envelope);

-- Neither a party nor a body counts twice, whatever the program believes.
CREATE TABLE envelope_consents (
    envelope TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    version BIGINT NOT NULL,
    party TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    by_whom TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    suite TEXT COLLATE "C" NOT NULL,
    x509 BYTEA NOT NULL,
    statement BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (envelope, version, party),
    UNIQUE (envelope, version, body)
);

CREATE TABLE envelope_events (
    position BIGINT NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    envelope TEXT COLLATE "C" NOT NULL REFERENCES envelopes (id),
    revision BIGINT NOT NULL,
    version BIGINT NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    department TEXT COLLATE "C",
    stage TEXT COLLATE "C",
    party TEXT COLLATE "C",
    reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX envelope_events_by_envelope ON envelope_events (envelope, revision, position);

-- Bodies are looked up by place and responsibility when a stage opens.
CREATE INDEX departments_by_place ON departments (area_code, responsibility, code);
