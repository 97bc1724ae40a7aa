-- A seal's picture never changes and is large, and most who read a seal do not want it: in a table of its own.

CREATE TABLE seal_pictures (
    seal TEXT NOT NULL PRIMARY KEY REFERENCES seals (code),
    picture TEXT NOT NULL
) STRICT;
INSERT INTO seal_pictures (seal, picture) SELECT code, picture FROM seals;
ALTER TABLE seals ADD COLUMN look TEXT NOT NULL DEFAULT 'drawn';
UPDATE seals SET look = 'uploaded' WHERE picture LIKE '{"uploaded"%';
ALTER TABLE seals DROP COLUMN picture;
