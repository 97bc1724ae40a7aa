-- Who used what of whom: one line for each use of a license or a seal, in its owner's space.
CREATE TABLE uses (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    label TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX uses_by_owner ON uses (owner, at, id);

-- Whose seals are whose, where the owner is a person: what stands for the identity number is keyed with a key that the
-- database does not hold.
CREATE TABLE person_seals (
    pseudonym BLOB NOT NULL,
    seal TEXT NOT NULL REFERENCES seals (code),
    PRIMARY KEY (pseudonym, seal)
) STRICT;
