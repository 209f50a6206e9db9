-- How far each reader of the audit log has come: the number of the last line that it has dealt with.
CREATE TABLE audit_readers (
    name text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    moved_at timestamptz NOT NULL,
    CONSTRAINT audit_readers_pkey PRIMARY KEY (name),
    CONSTRAINT audit_readers_seq_check CHECK (seq > 0)
);
