-- A business and what was made with its license. The rows say what is bound together; the acts that change them do so in
-- one transaction with licenses and seals.
CREATE TABLE businesses (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    registry TEXT NOT NULL REFERENCES departments (code),
    license TEXT NOT NULL,
    state TEXT NOT NULL,
    manager TEXT REFERENCES credentials (id),
    revision INTEGER NOT NULL,
    registered_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX businesses_by_registry ON businesses (registry, code);

-- One seal of each purpose at a time.
CREATE TABLE business_seals (
    business TEXT NOT NULL REFERENCES businesses (code),
    purpose TEXT NOT NULL,
    seal TEXT NOT NULL REFERENCES seals (code),
    license TEXT NOT NULL,
    PRIMARY KEY (business, purpose)
) STRICT;
CREATE UNIQUE INDEX business_seals_by_seal ON business_seals (seal);

-- What two people approved once, so that seals of businesses are made without asking them each time.
CREATE TABLE standing_rules (
    id TEXT NOT NULL PRIMARY KEY,
    registry TEXT NOT NULL REFERENCES departments (code),
    purposes TEXT NOT NULL,
    days INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    approved_by TEXT,
    approved_at INTEGER,
    withdrawn_at INTEGER,
    withdrawn_by TEXT,
    withdrawn_reason TEXT,
    CHECK (approved_by IS NULL OR approved_by <> proposed_by)
) STRICT;
CREATE INDEX standing_rules_by_registry ON standing_rules (registry, id);

ALTER TABLE credentials ADD COLUMN business TEXT;
CREATE INDEX credentials_by_business ON credentials (business, id) WHERE business IS NOT NULL;
CREATE INDEX seal_grants_by_owner ON seal_grants (owner, id);
