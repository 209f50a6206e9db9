-- What one process does at a time, of all that share this database: which of them does it, and until when, unless it takes the
-- lease again.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until TEXT NOT NULL CHECK (length(held_until) = 27)
) STRICT, WITHOUT ROWID;
