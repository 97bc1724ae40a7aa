-- Sessions at kiosks: who was recognised, what was offered, what was printed; forgotten a day after their end.
CREATE TABLE kiosk_sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    by_whom TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    holder TEXT COLLATE "C",
    verifier TEXT COLLATE "C",
    recognised_at BIGINT,
    offered TEXT COLLATE "C" NOT NULL,
    paper_code TEXT COLLATE "C",
    printed_at BIGINT
);
CREATE INDEX kiosk_sessions_by_end ON kiosk_sessions (expires_at);

-- At which kiosk a code on paper was made; none where its holder made it.
ALTER TABLE paper_codes ADD COLUMN place TEXT COLLATE "C";
