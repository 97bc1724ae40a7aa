-- Trust lists of other regions: whose signature is taken, and every version that was; and our own as it was published.

CREATE TABLE trust_list_signers (
    territory TEXT COLLATE "C" NOT NULL,
    sha256 BYTEA NOT NULL,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL,
    x509 BYTEA NOT NULL,
    pinned_by TEXT COLLATE "C" NOT NULL,
    pinned_at BIGINT NOT NULL,
    confirmed_by TEXT COLLATE "C",
    confirmed_at BIGINT,
    ended_by TEXT COLLATE "C",
    ended_at BIGINT,
    PRIMARY KEY (territory, sha256)
);

CREATE TABLE trust_list_versions (
    territory TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    signer BYTEA NOT NULL,
    issued BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    imported_by TEXT COLLATE "C" NOT NULL,
    imported_at BIGINT NOT NULL,
    der BYTEA NOT NULL,
    PRIMARY KEY (territory, sequence)
);

CREATE TABLE own_trust_lists (
    sequence BIGINT NOT NULL PRIMARY KEY,
    content BYTEA NOT NULL,
    issued BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    json BYTEA NOT NULL,
    p256 BYTEA,
    sm2 BYTEA
);
