-- Trust lists of other regions: whose signature is taken, and every version that was; and our own as it was published.

CREATE TABLE trust_list_signers (
    territory TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    x509 BLOB NOT NULL,
    pinned_by TEXT NOT NULL,
    pinned_at INTEGER NOT NULL,
    confirmed_by TEXT,
    confirmed_at INTEGER,
    ended_by TEXT,
    ended_at INTEGER,
    PRIMARY KEY (territory, sha256)
) STRICT;

CREATE TABLE trust_list_versions (
    territory TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    signer BLOB NOT NULL,
    issued INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (territory, sequence)
) STRICT;

CREATE TABLE own_trust_lists (
    sequence INTEGER NOT NULL PRIMARY KEY,
    content BLOB NOT NULL,
    issued INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    json BLOB NOT NULL,
    p256 BLOB,
    sm2 BLOB
) STRICT;
