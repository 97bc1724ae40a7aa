-- A business and what was made with its license. The rows say what is bound together; the acts that change them do so in
-- one transaction with licenses and seals.
CREATE TABLE businesses (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    registry TEXT COLLATE "C" NOT NULL REFERENCES departments (code),
    license TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    manager TEXT COLLATE "C" REFERENCES credentials (id),
    revision BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX businesses_by_registry ON businesses (registry, code);

-- One seal of each purpose at a time.
CREATE TABLE business_seals (
    business TEXT COLLATE "C" NOT NULL REFERENCES businesses (code),
    purpose TEXT COLLATE "C" NOT NULL,
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    license TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (business, purpose)
);
CREATE UNIQUE INDEX business_seals_by_seal ON business_seals (seal);

-- What two people approved once, so that seals of businesses are made without asking them each time.
CREATE TABLE standing_rules (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    registry TEXT COLLATE "C" NOT NULL REFERENCES departments (code),
    purposes TEXT COLLATE "C" NOT NULL,
    days BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    proposed_at BIGINT NOT NULL,
    approved_by TEXT COLLATE "C",
    approved_at BIGINT,
    withdrawn_at BIGINT,
    withdrawn_by TEXT COLLATE "C",
    withdrawn_reason TEXT COLLATE "C",
    CHECK (approved_by IS NULL OR approved_by <> proposed_by)
);
CREATE INDEX standing_rules_by_registry ON standing_rules (registry, id);

ALTER TABLE credentials ADD COLUMN business TEXT COLLATE "C";
CREATE INDEX credentials_by_business ON credentials (business, id) WHERE business IS NOT NULL;
CREATE INDEX seal_grants_by_owner ON seal_grants (owner, id);
