-- The whole life of a seal: owners of every kind, papers, seals that take the place of others, and approvals by different
-- people. What was called revoked is a cancelled seal (注销): what it sealed stays good, unlike that of a void one.

ALTER TABLE seals ADD COLUMN owner_kind TEXT NOT NULL DEFAULT 'organ';
UPDATE seals SET owner_kind = CASE
    WHEN owner_code LIKE '12%' THEN 'institution'
    WHEN owner_code LIKE '13%' OR owner_code LIKE '5%' THEN 'social-organisation'
    WHEN owner_code LIKE '1%' THEN 'organ'
    WHEN owner_code LIKE '9%' THEN 'enterprise'
    ELSE 'other' END;
ALTER TABLE seals ADD COLUMN person_salt BLOB;
ALTER TABLE seals ADD COLUMN person_hash BLOB;
ALTER TABLE seals ADD COLUMN papers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE seals ADD COLUMN replaces TEXT;
ALTER TABLE seals ADD COLUMN replaced_by TEXT;
UPDATE seals SET state = 'cancelled' WHERE state = 'revoked';
UPDATE seal_events SET state = 'cancelled' WHERE state = 'revoked';

-- Nobody counts twice for one act on a seal as it stood at one revision, whatever the program believes.
CREATE TABLE seal_approvals (
    seal TEXT NOT NULL REFERENCES seals (code),
    act TEXT NOT NULL,
    revision INTEGER NOT NULL,
    person TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (seal, act, revision, person)
) STRICT;
