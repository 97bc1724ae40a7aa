-- An envelope may bring a new edition of a license: which it replaces, and why.
ALTER TABLE envelopes ADD COLUMN replaces TEXT;
ALTER TABLE envelopes ADD COLUMN replaces_reason TEXT;

-- A consent may be given by somebody to whom the party granted its seal; it is a use of the grant, as a license is.
ALTER TABLE envelope_consents ADD COLUMN seal_grant TEXT REFERENCES seal_grants (id);
ALTER TABLE seal_grant_uses RENAME COLUMN license TO subject;

-- What an intent that was given up would have been called is free again: a new edition has no other identifier to take.
CREATE TABLE issuances_now (
    department TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    request TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    license TEXT NOT NULL,
    number TEXT NOT NULL,
    check_code TEXT NOT NULL,
    salt BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    refusal TEXT,
    PRIMARY KEY (department, idempotency_key)
) STRICT;
INSERT INTO issuances_now SELECT department, idempotency_key, request_hash, request, requested_by, license, number,
    check_code, salt, started_at, state, refusal FROM issuances;
DROP TABLE issuances;
ALTER TABLE issuances_now RENAME TO issuances;
CREATE INDEX issuances_open ON issuances (started_at, department, idempotency_key) WHERE state = 'open';
CREATE UNIQUE INDEX issuances_by_license ON issuances (license) WHERE state <> 'cancelled';
