-- "This was not me": once a use, answered in words that its owner reads.
CREATE TABLE use_disputes (
    used TEXT NOT NULL PRIMARY KEY REFERENCES uses (id),
    owner TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    words TEXT NOT NULL,
    answered_at INTEGER,
    answered_by TEXT,
    answer TEXT
) STRICT;
CREATE INDEX use_disputes_by_owner ON use_disputes (owner, used_at, used);
CREATE INDEX use_disputes_by_time ON use_disputes (at, used);

-- Who came with a show code after somebody else had used it; each once.
CREATE TABLE show_tries (
    showing TEXT NOT NULL REFERENCES showings (id),
    by_whom TEXT NOT NULL,
    label TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (showing, by_whom)
) STRICT;
CREATE INDEX show_tries_by_time ON show_tries (showing, at, by_whom);

-- Who may show another's licenses on behalf of that one, and which showings were drawn so.
CREATE TABLE deputies (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    deputy TEXT NOT NULL,
    deputy_name TEXT NOT NULL,
    licenses TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;
CREATE INDEX deputies_by_owner ON deputies (owner, created_at, id);
CREATE INDEX deputies_by_deputy ON deputies (deputy, created_at, id);
CREATE TABLE showing_deputies (
    showing TEXT NOT NULL PRIMARY KEY REFERENCES showings (id),
    deputy TEXT NOT NULL REFERENCES deputies (id)
) STRICT;

-- Codes that phones keep for a bad network and nobody has used: few, and withdrawn together.
CREATE INDEX showings_prefetched ON showings (shown_by)
    WHERE way = 'prefetched' AND redeemed_at IS NULL AND withdrawn_at IS NULL;
