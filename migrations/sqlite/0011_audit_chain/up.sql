-- The chain of the audit log. A line is written without a number. Soon after its commit, the sealer gives it the next number
-- and its link to all lines before it, and adds a signed seal. Lines can be deleted only up to a signed anchor. Lines from
-- before this migration are sealed again, in the order of their ids.
CREATE TABLE audit_events_new (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    occurred_at TEXT NOT NULL CHECK (length(occurred_at) = 27),
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    account_id BLOB CHECK (length(account_id) = 16),
    outcome TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    details TEXT NOT NULL,
    seq INTEGER UNIQUE,
    link BLOB,
    personal_digest BLOB,
    CHECK ((seq IS NULL) = (link IS NULL)),
    CHECK (seq IS NOT NULL OR personal_digest IS NULL)
) STRICT;
INSERT INTO audit_events_new
    SELECT id, occurred_at, actor, action, subject, account_id, outcome, correlation_id, details, NULL, NULL, NULL
    FROM audit_events ORDER BY id;

-- The salt keeps the digest of personal data from revealing it, and is erased with it.
CREATE TABLE audit_personal_details_new (
    event_id BLOB NOT NULL PRIMARY KEY REFERENCES audit_events_new (id) ON DELETE RESTRICT,
    account_id BLOB CHECK (length(account_id) = 16),
    address TEXT,
    user_agent TEXT,
    salt BLOB NOT NULL DEFAULT (randomblob(16))
) STRICT, WITHOUT ROWID;
INSERT INTO audit_personal_details_new (event_id, account_id, address, user_agent)
    SELECT event_id, account_id, address, user_agent FROM audit_personal_details;

DROP TABLE audit_personal_details;
DROP TABLE audit_events;
ALTER TABLE audit_events_new RENAME TO audit_events;
ALTER TABLE audit_personal_details_new RENAME TO audit_personal_details;
CREATE INDEX audit_events_by_account ON audit_events (account_id, id);
CREATE INDEX audit_events_unsealed ON audit_events (id) WHERE seq IS NULL;
CREATE INDEX audit_personal_details_by_account ON audit_personal_details (account_id);

CREATE TABLE audit_keys (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    public_key BLOB NOT NULL,
    sealed_private BLOB NOT NULL
) STRICT;

-- Of two sealers at once, one succeeds: no two seals begin with the same line.
CREATE TABLE audit_seals (
    last_seq INTEGER NOT NULL PRIMARY KEY,
    first_seq INTEGER NOT NULL UNIQUE,
    link BLOB NOT NULL,
    sealed_at TEXT NOT NULL CHECK (length(sealed_at) = 27),
    key_id TEXT NOT NULL,
    signature BLOB NOT NULL,
    CHECK (first_seq BETWEEN 1 AND last_seq)
) STRICT;

-- The last line that was deleted: one row at most.
CREATE TABLE audit_anchors (
    last_seq INTEGER NOT NULL PRIMARY KEY,
    link BLOB NOT NULL,
    pruned_at TEXT NOT NULL CHECK (length(pruned_at) = 27),
    key_id TEXT NOT NULL,
    signature BLOB NOT NULL
) STRICT;

CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
WHEN OLD.seq IS NOT NULL OR NEW.seq IS NULL OR NEW.id IS NOT OLD.id OR NEW.occurred_at IS NOT OLD.occurred_at
    OR NEW.actor IS NOT OLD.actor OR NEW.action IS NOT OLD.action OR NEW.subject IS NOT OLD.subject
    OR NEW.account_id IS NOT OLD.account_id OR NEW.outcome IS NOT OLD.outcome
    OR NEW.correlation_id IS NOT OLD.correlation_id OR NEW.details IS NOT OLD.details
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
WHEN (OLD.seq <= (SELECT max(last_seq) FROM audit_anchors)) IS NOT TRUE
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;
-- INSERT OR REPLACE deletes the old row without firing the trigger above.
CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events
WHEN NEW.seq IS NOT NULL OR EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;

-- One at a time creates an audit key, or deletes lines.
INSERT INTO guards (name, n) VALUES ('audit_chain', 0);
