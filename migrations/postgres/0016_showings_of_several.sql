-- A showing may hold several licenses, each with the fields that are seen of it, and need not have a code: whoever
-- asked and was let in sees it without one. Why sensitive fields are shown in full stands beside what they are shown for.
CREATE TABLE showings_now (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    code_hash BYTEA UNIQUE,
    parts TEXT COLLATE "C" NOT NULL,
    way TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    shown_by TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    redeemed_by TEXT COLLATE "C",
    redeemed_label TEXT COLLATE "C",
    redeemed_at BIGINT,
    redeemed_matter TEXT COLLATE "C"
);
INSERT INTO showings_now (id, code_hash, parts, way, holder, shown_by, purpose, created_at, expires_at, withdrawn_at,
        redeemed_by, redeemed_label, redeemed_at, redeemed_matter)
    SELECT id, code_hash, '[{"license":"' || license || '","fields":' || fields || '}]', 'rolling', holder, shown_by, purpose,
        created_at, expires_at, withdrawn_at, redeemed_by, redeemed_label, redeemed_at, redeemed_matter
    FROM showings;
DROP TABLE showings;
ALTER TABLE showings_now RENAME TO showings;
CREATE INDEX showings_by_holder ON showings (holder, created_at, id);
