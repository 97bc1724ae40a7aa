-- An envelope may bring a new edition of a license: which it replaces, and why.
ALTER TABLE envelopes ADD COLUMN replaces TEXT COLLATE "C";
ALTER TABLE envelopes ADD COLUMN replaces_reason TEXT COLLATE "C";

-- A consent may be given by somebody to whom the party granted its seal; it is a use of the grant, as a license is.
ALTER TABLE envelope_consents ADD COLUMN seal_grant TEXT COLLATE "C" REFERENCES seal_grants (id);
ALTER TABLE seal_grant_uses RENAME COLUMN license TO subject;

-- What an intent that was given up would have been called is free again: a new edition has no other identifier to take.
ALTER TABLE issuances DROP CONSTRAINT issuances_license_key;
CREATE UNIQUE INDEX issuances_by_license ON issuances (license) WHERE state <> 'cancelled';
