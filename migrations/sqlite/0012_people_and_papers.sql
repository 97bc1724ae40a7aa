-- Who stands behind a credential, where the operator who gave it said so: two credentials of one person count as one.
ALTER TABLE credentials ADD COLUMN person TEXT;

-- An approval is by a credential and counts for a person: `person:` and the reference that the credential has, or the
-- credential itself where it has none. Until now every credential was a person.
ALTER TABLE seal_approvals ADD COLUMN by_whom TEXT NOT NULL DEFAULT '';
UPDATE seal_approvals SET by_whom = person;

-- Papers of an application for a seal whose bytes are kept here, in the file store under their digest; those that the
-- applicant keeps have no row. Once there, a row never changes.
CREATE TABLE seal_papers (
    seal TEXT NOT NULL REFERENCES seals (code),
    sha256 BLOB NOT NULL,
    media TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (seal, sha256)
) STRICT;

-- The newest revocation list of somebody in another place's trust list that was brought apart from it.
CREATE TABLE foreign_crls (
    territory TEXT NOT NULL,
    issuer BLOB NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    der BLOB NOT NULL,
    imported_by TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (territory, issuer)
) STRICT;
