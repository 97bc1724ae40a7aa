-- Who stands behind a credential, where the operator who gave it said so: two credentials of one person count as one.
ALTER TABLE credentials ADD COLUMN person TEXT;

-- An approval is by a credential and counts for a person: `person:` and the reference that the credential has, or the
-- credential itself where it has none. Until now every credential was a person.
ALTER TABLE seal_approvals ADD COLUMN by_whom TEXT NOT NULL DEFAULT '';
UPDATE seal_approvals SET by_whom = person;
