-- Moments are microseconds since 1970, UTC.

CREATE TABLE store (
    store_id TEXT NOT NULL,
    next_id BIGINT NOT NULL,
    pings BIGINT NOT NULL
);

CREATE TABLE accounts (
    account_key TEXT PRIMARY KEY,  -- account_id without case
    account_id TEXT NOT NULL,
    api_key_hash TEXT NOT NULL,
    token_sealed BYTEA,
    token_file TEXT,
    token_fingerprint BYTEA,
    created_at BIGINT NOT NULL
);

CREATE INDEX accounts_by_token ON accounts (token_fingerprint) WHERE token_fingerprint IS NOT NULL;

-- An intent's messages have the ids from its own on, message_count of them: no index leads from one to the other.
CREATE TABLE intents (
    id INTEGER PRIMARY KEY,
    bundle_id INTEGER,
    account_id TEXT NOT NULL,
    interface TEXT NOT NULL,
    sender TEXT NOT NULL,
    body TEXT,
    priority INTEGER NOT NULL,
    template_values TEXT,  -- JSON
    opens_at BIGINT,
    created_at BIGINT NOT NULL,
    message_count INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,  -- messages without a final status
    outcome TEXT NOT NULL,
    outcome_at BIGINT NOT NULL,
    batch_id TEXT,
    reason TEXT,
    price DOUBLE PRECISION,
    currency TEXT,
    attempted_at BIGINT,
    owner TEXT NOT NULL,
    due_at BIGINT,
    erased INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX intents_by_account ON intents (account_id, id);
CREATE INDEX intents_by_bundle ON intents (bundle_id) WHERE bundle_id IS NOT NULL;
CREATE INDEX intents_by_batch ON intents (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX intents_due ON intents (outcome, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX intents_pending ON intents (outcome, id) WHERE outcome IN ('open', 'queued', 'unknown');
CREATE INDEX intents_by_age ON intents (erased, created_at);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    intent_id INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    refused INTEGER,
    status INTEGER,
    status_at BIGINT,
    segments INTEGER,
    price DOUBLE PRECISION,
    currency TEXT
);

CREATE TABLE repeats (
    account_id TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    first_id INTEGER NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, fingerprint)
);

CREATE INDEX repeats_by_expiry ON repeats (expires_at);

CREATE TABLE reports (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at BIGINT NOT NULL,
    looked_at BIGINT NOT NULL,  -- when its message was last looked for; received_at before the first time
    upstream_message_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    status INTEGER NOT NULL,
    status_at BIGINT NOT NULL,
    segments INTEGER,
    price DOUBLE PRECISION,
    currency TEXT,
    reference TEXT,
    raw BYTEA NOT NULL,
    fate TEXT,  -- NULL: not worked off yet
    message_id INTEGER
);

CREATE INDEX reports_waiting ON reports (looked_at, id) WHERE fate IS NULL;
CREATE INDEX reports_orphaned ON reports (received_at) WHERE fate = 'orphaned';
CREATE INDEX reports_by_message ON reports (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE incoming (
    id INTEGER PRIMARY KEY,
    upstream_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    body TEXT,
    segments INTEGER NOT NULL,
    received_at BIGINT NOT NULL,
    raw BYTEA NOT NULL,
    erased INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX incoming_by_account ON incoming (account_id, id);
CREATE INDEX incoming_by_age ON incoming (erased, received_at);

-- What has been delivered is deleted: only waiting and dead ones are here.
CREATE TABLE forwards (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    status INTEGER,
    status_at BIGINT,
    created_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    dead INTEGER NOT NULL,
    problem TEXT,
    due_at BIGINT
);

CREATE INDEX forwards_due ON forwards (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX forwards_dead ON forwards (id) WHERE dead = 1;
CREATE INDEX forwards_by_subject ON forwards (subject_id);
