-- Webhooks: who is told of what happens, and how far the telling of each event has got. An outbox event says which
-- departments it concerns (JSON list of credit codes).

ALTER TABLE outbox ADD COLUMN concerns TEXT NOT NULL DEFAULT '[]';
CREATE INDEX outbox_by_time ON outbox (at, position);

CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT,
    url TEXT NOT NULL,
    topics TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    failing_since INTEGER,
    resume_at INTEGER,
    secret BLOB NOT NULL,
    old_secret BLOB,
    old_secret_until INTEGER,
    position INTEGER NOT NULL,
    next_number INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_by_owner ON webhooks (owner, id);
CREATE INDEX webhooks_by_state ON webhooks (state, id);

-- Of the deliveries about one subject only the first that is not over is due; the others are queued, with no time.
CREATE TABLE webhook_deliveries (
    webhook TEXT NOT NULL REFERENCES webhooks (id),
    number INTEGER NOT NULL,
    message TEXT NOT NULL,
    topic TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    leased_until INTEGER,
    last_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    ended_at INTEGER,
    PRIMARY KEY (webhook, number)
) STRICT;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_unfinished ON webhook_deliveries (webhook, subject, number) WHERE ended_at IS NULL;
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (webhook, ended_at, number) WHERE ended_at IS NOT NULL;
