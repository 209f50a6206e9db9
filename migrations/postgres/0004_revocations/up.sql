-- What no node may go on remembering, in the order in which it was written (not in that of the commits). Each node reads
-- the end of it several times a second; old lines are of no use to anybody and are removed.
CREATE TABLE revocations (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    subject_id uuid,
    written_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT revocations_pkey PRIMARY KEY (seq)
);
CREATE INDEX revocations_by_time ON revocations (written_at);
