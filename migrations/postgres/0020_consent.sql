-- "This was not me": once a use, answered in words that its owner reads.
CREATE TABLE use_disputes (
    used TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES uses (id),
    owner TEXT COLLATE "C" NOT NULL,
    used_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    answered_at BIGINT,
    answered_by TEXT COLLATE "C",
    answer TEXT COLLATE "C"
);
CREATE INDEX use_disputes_by_owner ON use_disputes (owner, used_at, used);
CREATE INDEX use_disputes_by_time ON use_disputes (at, used);

-- Who came with a show code after somebody else had used it; each once.
CREATE TABLE show_tries (
    showing TEXT COLLATE "C" NOT NULL REFERENCES showings (id),
    by_whom TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (showing, by_whom)
);
CREATE INDEX show_tries_by_time ON show_tries (showing, at, by_whom);

-- Who may show another's licenses on behalf of that one, and which showings were drawn so.
CREATE TABLE deputies (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    owner_name TEXT COLLATE "C" NOT NULL,
    deputy TEXT COLLATE "C" NOT NULL,
    deputy_name TEXT COLLATE "C" NOT NULL,
    licenses TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX deputies_by_owner ON deputies (owner, created_at, id);
CREATE INDEX deputies_by_deputy ON deputies (deputy, created_at, id);
CREATE TABLE showing_deputies (
    showing TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES showings (id),
    deputy TEXT COLLATE "C" NOT NULL REFERENCES deputies (id)
);

-- Codes that phones keep for a bad network and nobody has used: few, and withdrawn together.
CREATE INDEX showings_prefetched ON showings (shown_by)
    WHERE way = 'prefetched' AND redeemed_at IS NULL AND withdrawn_at IS NULL;
