-- A seal is of one suite; every seal until now is of P-256. In SM2 it is an object of GB/T 38540 besides.

ALTER TABLE seals ADD COLUMN suite TEXT NOT NULL DEFAULT 'p256';
ALTER TABLE seals ADD COLUMN object BLOB;
