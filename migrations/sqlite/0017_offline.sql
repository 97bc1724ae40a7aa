-- Keys that sign offline codes; of a department's keys the newest one signs.
CREATE TABLE offline_keys (
    kid BLOB NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL,
    handle TEXT NOT NULL,
    spki BLOB NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER NOT NULL
) STRICT;
CREATE INDEX offline_keys_by_issuer ON offline_keys (issuer, valid_until);
CREATE INDEX offline_keys_by_end ON offline_keys (valid_until, kid);

-- Status lists and who has which place in them. A place is drawn, taken once and never given to another.
CREATE TABLE status_lists (
    number INTEGER NOT NULL PRIMARY KEY,
    entries INTEGER NOT NULL
) STRICT;
CREATE TABLE status_entries (
    list INTEGER NOT NULL REFERENCES status_lists (number),
    place INTEGER NOT NULL,
    license TEXT NOT NULL REFERENCES licenses (id),
    owner TEXT NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (list, place)
) STRICT;
CREATE UNIQUE INDEX status_entries_by_owner ON status_entries (owner, license);
CREATE INDEX status_entries_by_license ON status_entries (license);
-- Few end: only those need an index to be found.
CREATE INDEX status_entries_ended ON status_entries (list, place) WHERE ended_at IS NOT NULL;

-- What was signed for everybody to fetch: the latest of each name.
CREATE TABLE published_files (
    name TEXT NOT NULL PRIMARY KEY,
    content BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- Codes on paper.
CREATE TABLE paper_codes (
    id TEXT NOT NULL PRIMARY KEY,
    license TEXT NOT NULL REFERENCES licenses (id),
    holder TEXT NOT NULL,
    made_by TEXT NOT NULL,
    fields TEXT NOT NULL,
    purpose TEXT NOT NULL,
    recipient TEXT,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX paper_codes_by_holder ON paper_codes (holder, id);
CREATE INDEX paper_codes_by_license ON paper_codes (license, expires_at);
CREATE TABLE paper_code_uses (
    code TEXT NOT NULL REFERENCES paper_codes (id),
    at INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (code, at, id)
) STRICT;

-- Phones whose key the holder enrolled.
CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    label TEXT NOT NULL,
    spki BLOB NOT NULL,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;
CREATE INDEX devices_by_holder ON devices (holder, id);
CREATE UNIQUE INDEX devices_by_key ON devices (spki);
