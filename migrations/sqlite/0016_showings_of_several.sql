-- A showing may hold several licenses, each with the fields that are seen of it, and need not have a code: whoever
-- asked and was let in sees it without one. Why sensitive fields are shown in full stands beside what they are shown for.
CREATE TABLE showings_now (
    id TEXT NOT NULL PRIMARY KEY,
    code_hash BLOB UNIQUE,
    parts TEXT NOT NULL,
    way TEXT NOT NULL,
    holder TEXT NOT NULL,
    shown_by TEXT NOT NULL,
    purpose TEXT NOT NULL,
    reason TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    redeemed_by TEXT,
    redeemed_label TEXT,
    redeemed_at INTEGER,
    redeemed_matter TEXT
) STRICT;
INSERT INTO showings_now (id, code_hash, parts, way, holder, shown_by, purpose, created_at, expires_at, withdrawn_at,
        redeemed_by, redeemed_label, redeemed_at, redeemed_matter)
    SELECT id, code_hash, '[{"license":"' || license || '","fields":' || fields || '}]', 'rolling', holder, shown_by, purpose,
        created_at, expires_at, withdrawn_at, redeemed_by, redeemed_label, redeemed_at, redeemed_matter
    FROM showings;
DROP TABLE showings;
ALTER TABLE showings_now RENAME TO showings;
CREATE INDEX showings_by_holder ON showings (holder, created_at, id);
