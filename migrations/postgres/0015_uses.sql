-- Who used what of whom: one line for each use of a license or a seal, in its owner's space.
CREATE TABLE uses (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL
);
CREATE INDEX uses_by_owner ON uses (owner, at, id);

-- Whose seals are whose, where the owner is a person: what stands for the identity number is keyed with a key that the
-- database does not hold.
CREATE TABLE person_seals (
    pseudonym BYTEA NOT NULL,
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    PRIMARY KEY (pseudonym, seal)
);
