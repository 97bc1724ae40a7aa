-- A seal signs in one suite or more, with a key and an X.509 certificate of each; in SM2 it is an object of GB/T 38540
-- besides. Every seal until now is of P-256. In a table of its own, since none of it ever changes and it is large.

CREATE TABLE seal_credentials (
    seal TEXT NOT NULL REFERENCES seals (code),
    suite TEXT NOT NULL,
    key_handle TEXT NOT NULL,
    x509 BLOB NOT NULL,
    object BLOB,
    PRIMARY KEY (seal, suite)
) STRICT;
INSERT INTO seal_credentials (seal, suite, key_handle, x509)
    SELECT code, 'p256', key_handle, x509 FROM seals WHERE key_handle IS NOT NULL AND x509 IS NOT NULL;
ALTER TABLE seals ADD COLUMN suites TEXT NOT NULL DEFAULT '["p256"]';
ALTER TABLE seals DROP COLUMN x509;
ALTER TABLE seals DROP COLUMN key_handle;
