-- What no process may go on remembering, in the order in which it was written, which is not that of the commits. Each reads
-- the end of it several times a second. Old lines are of no use to anybody and are removed.
CREATE TABLE invalidations (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    subject_id uuid,
    written_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT invalidations_pkey PRIMARY KEY (seq)
);
CREATE INDEX invalidations_by_time ON invalidations (written_at);
