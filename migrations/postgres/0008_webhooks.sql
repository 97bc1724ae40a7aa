-- Webhooks: who is told of what happens, and how far the telling of each event has got. An outbox event says which
-- departments it concerns (JSON list of credit codes).

ALTER TABLE outbox ADD COLUMN concerns TEXT COLLATE "C" NOT NULL DEFAULT '[]';
CREATE INDEX outbox_by_time ON outbox (at, position);

CREATE TABLE webhooks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C",
    url TEXT COLLATE "C" NOT NULL,
    topics TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    failing_since BIGINT,
    resume_at BIGINT,
    secret BYTEA NOT NULL,
    old_secret BYTEA,
    old_secret_until BIGINT,
    position BIGINT NOT NULL,
    next_number BIGINT NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX webhooks_by_owner ON webhooks (owner, id);
CREATE INDEX webhooks_by_state ON webhooks (state, id);

-- Of the deliveries about one subject only the first that is not over is due; the others are queued, with no time.
CREATE TABLE webhook_deliveries (
    webhook TEXT COLLATE "C" NOT NULL REFERENCES webhooks (id),
    number BIGINT NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    leased_until BIGINT,
    last_at BIGINT,
    last_status BIGINT,
    last_error TEXT COLLATE "C",
    ended_at BIGINT,
    PRIMARY KEY (webhook, number)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_unfinished ON webhook_deliveries (webhook, subject, number) WHERE ended_at IS NULL;
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (webhook, ended_at, number) WHERE ended_at IS NOT NULL;
