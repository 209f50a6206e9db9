-- What was done and what was refused, one line each, in the order in which it was written. There is no foreign key to users:
-- a line outlives the account it tells of. Details are canonical JSON (RFC 8785), kept as text to the byte. What tells of a
-- person stands in a table of its own, so that it can be erased while the lines stay.
CREATE TABLE audit_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    occurred_at TEXT NOT NULL CHECK (length(occurred_at) = 27),
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    account_id BLOB CHECK (length(account_id) = 16),
    outcome TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_by_account ON audit_events (account_id, id);

CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;
-- INSERT OR REPLACE deletes the old row without firing the trigger above.
CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id OR seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'audit_events is append-only');
END;

CREATE TABLE audit_personal_details (
    event_id BLOB NOT NULL PRIMARY KEY REFERENCES audit_events (id) ON DELETE RESTRICT,
    account_id BLOB CHECK (length(account_id) = 16),
    address TEXT,
    user_agent TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_personal_details_by_account ON audit_personal_details (account_id);
