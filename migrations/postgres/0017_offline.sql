-- Keys that sign offline codes; of a department's keys the newest one signs.
CREATE TABLE offline_keys (
    kid BYTEA NOT NULL PRIMARY KEY,
    issuer TEXT COLLATE "C" NOT NULL,
    handle TEXT COLLATE "C" NOT NULL,
    spki BYTEA NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_until BIGINT NOT NULL
);
CREATE INDEX offline_keys_by_issuer ON offline_keys (issuer, valid_until);
CREATE INDEX offline_keys_by_end ON offline_keys (valid_until, kid);

-- Status lists and who has which place in them. A place is drawn, taken once and never given to another.
CREATE TABLE status_lists (
    number BIGINT NOT NULL PRIMARY KEY,
    entries BIGINT NOT NULL
);
CREATE TABLE status_entries (
    list BIGINT NOT NULL REFERENCES status_lists (number),
    place BIGINT NOT NULL,
    license TEXT COLLATE "C" NOT NULL REFERENCES licenses (id),
    owner TEXT COLLATE "C" NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (list, place)
);
CREATE UNIQUE INDEX status_entries_by_owner ON status_entries (owner, license);
CREATE INDEX status_entries_by_license ON status_entries (license);
-- Few end: only those need an index to be found.
CREATE INDEX status_entries_ended ON status_entries (list, place) WHERE ended_at IS NOT NULL;

-- What was signed for everybody to fetch: the latest of each name.
CREATE TABLE published_files (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    content BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    bytes BYTEA NOT NULL
);

-- Codes on paper.
CREATE TABLE paper_codes (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    license TEXT COLLATE "C" NOT NULL REFERENCES licenses (id),
    holder TEXT COLLATE "C" NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    fields TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    recipient TEXT COLLATE "C",
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX paper_codes_by_holder ON paper_codes (holder, id);
CREATE INDEX paper_codes_by_license ON paper_codes (license, expires_at);
CREATE TABLE paper_code_uses (
    code TEXT COLLATE "C" NOT NULL REFERENCES paper_codes (id),
    at BIGINT NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (code, at, id)
);

-- Phones whose key the holder enrolled.
CREATE TABLE devices (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    spki BYTEA NOT NULL,
    added_by TEXT COLLATE "C" NOT NULL,
    added_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX devices_by_holder ON devices (holder, id);
CREATE UNIQUE INDEX devices_by_key ON devices (spki);
