-- Who stands behind a credential, where the operator who gave it said so: two credentials of one person count as one.
ALTER TABLE credentials ADD COLUMN person TEXT COLLATE "C";

-- An approval is by a credential and counts for a person: `person:` and the reference that the credential has, or the
-- credential itself where it has none. Until now every credential was a person.
ALTER TABLE seal_approvals ADD COLUMN by_whom TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE seal_approvals SET by_whom = person;

-- Papers of an application for a seal whose bytes are kept here, in the file store under their digest; those that the
-- applicant keeps have no row. Once there, a row never changes.
CREATE TABLE seal_papers (
    seal TEXT COLLATE "C" NOT NULL REFERENCES seals (code),
    sha256 BYTEA NOT NULL,
    media TEXT COLLATE "C" NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (seal, sha256)
);

-- The newest revocation list of somebody in another place's trust list that was brought apart from it.
CREATE TABLE foreign_crls (
    territory TEXT COLLATE "C" NOT NULL,
    issuer BYTEA NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der BYTEA NOT NULL,
    imported_by TEXT COLLATE "C" NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (territory, issuer)
);
