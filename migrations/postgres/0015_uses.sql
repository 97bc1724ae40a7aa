-- Who used what of whom: one line for each use of a license or a seal, in its owner's space.
CREATE TABLE uses (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL
);
CREATE INDEX uses_by_owner ON uses (owner, at, id);
