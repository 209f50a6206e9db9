-- How far each reader of the audit log has come: the number of the last line that it has dealt with.
CREATE TABLE audit_readers (
    name TEXT NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL CHECK (seq > 0),
    moved_at TEXT NOT NULL CHECK (length(moved_at) = 27)
) STRICT, WITHOUT ROWID;
