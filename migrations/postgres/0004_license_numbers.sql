-- Whose a printed number is: the serial of the licenses that carry it, in whatever edition. A row stays for good.

CREATE TABLE license_numbers (
    kind TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    serial TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, issuer, number)
);

-- The serial stands in the identifier behind root, type code (21) and issuer code (18), before version and check.
INSERT INTO license_numbers (kind, issuer, number, serial)
    SELECT kind, issuer, number, substr(id, 57, length(id) - 62) FROM licenses WHERE TRUE ORDER BY released_at, id
    ON CONFLICT DO NOTHING;
