-- A license may be released as several files, one a format.
ALTER TABLE licenses ADD COLUMN files TEXT COLLATE "C" NOT NULL DEFAULT '[]';
UPDATE licenses SET files = '[{"format":"pdf","suite":"p256","sha256":"' || encode(pdf, 'hex') || '"}]';
ALTER TABLE licenses DROP COLUMN pdf;
