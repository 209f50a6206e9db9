-- What no process may go on remembering, in the order in which it was written, which is not that of the commits. Each reads
-- the end of it several times a second. Old lines are of no use to anybody and are removed.
CREATE TABLE invalidations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject_id BLOB CHECK (length(subject_id) = 16),
    written_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')) CHECK (length(written_at) = 27)
) STRICT;
CREATE INDEX invalidations_by_time ON invalidations (written_at);
