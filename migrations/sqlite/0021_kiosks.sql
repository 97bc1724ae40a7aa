-- Sessions at kiosks: who was recognised, what was offered, what was printed; forgotten a day after their end.
CREATE TABLE kiosk_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    by_whom TEXT NOT NULL,
    place TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    holder TEXT,
    verifier TEXT,
    recognised_at INTEGER,
    offered TEXT NOT NULL,
    paper_code TEXT,
    printed_at INTEGER
) STRICT;
CREATE INDEX kiosk_sessions_by_end ON kiosk_sessions (expires_at);

-- At which kiosk a code on paper was made; none where its holder made it.
ALTER TABLE paper_codes ADD COLUMN place TEXT;
