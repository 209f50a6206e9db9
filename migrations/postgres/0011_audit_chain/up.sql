-- The chain of the audit log. A line is written without a number. Soon after its commit, the sealer gives it the next number
-- and its link to all lines before it, and adds a signed seal. Lines can be deleted only up to a signed anchor. Lines from
-- before this migration are sealed again, in the order of their ids.
DROP TRIGGER audit_events_append_only ON audit_events;
DROP FUNCTION refuse_to_change_audit_events();
ALTER TABLE audit_personal_details DROP CONSTRAINT audit_personal_details_event_id_fkey;
ALTER TABLE audit_events DROP COLUMN seq, DROP CONSTRAINT audit_events_id_key;
ALTER TABLE audit_events
    ADD COLUMN seq bigint,
    ADD COLUMN link bytea,
    ADD COLUMN personal_digest bytea,
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (id),
    ADD CONSTRAINT audit_events_seq_key UNIQUE (seq),
    ADD CONSTRAINT audit_events_link_check CHECK ((seq IS NULL) = (link IS NULL)),
    ADD CONSTRAINT audit_events_personal_digest_check CHECK (seq IS NOT NULL OR personal_digest IS NULL);
CREATE INDEX audit_events_unsealed ON audit_events (id) WHERE seq IS NULL;

-- The salt keeps the digest of personal data from revealing it, and is erased with it.
ALTER TABLE audit_personal_details
    ADD COLUMN salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()),
    ADD CONSTRAINT audit_personal_details_event_id_fkey FOREIGN KEY (event_id) REFERENCES audit_events (id) ON DELETE RESTRICT;

CREATE TABLE audit_keys (
    id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    public_key bytea NOT NULL,
    sealed_private bytea NOT NULL,
    CONSTRAINT audit_keys_pkey PRIMARY KEY (id)
);

-- Of two sealers at once, one succeeds: no two seals begin with the same line.
CREATE TABLE audit_seals (
    last_seq bigint NOT NULL,
    first_seq bigint NOT NULL,
    link bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT audit_seals_pkey PRIMARY KEY (last_seq),
    CONSTRAINT audit_seals_first_seq_key UNIQUE (first_seq),
    CONSTRAINT audit_seals_first_seq_check CHECK (first_seq BETWEEN 1 AND last_seq)
);

-- The last line that was deleted: one row at most.
CREATE TABLE audit_anchors (
    last_seq bigint NOT NULL,
    link bytea NOT NULL,
    pruned_at timestamptz NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT audit_anchors_pkey PRIMARY KEY (last_seq)
);

CREATE FUNCTION refuse_to_change_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_events();
CREATE TRIGGER audit_events_unsealed_first BEFORE INSERT ON audit_events
    FOR EACH ROW WHEN (NEW.seq IS NOT NULL) EXECUTE FUNCTION refuse_to_change_audit_events();
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
    FOR EACH ROW
    WHEN (OLD.seq IS NOT NULL OR NEW.seq IS NULL OR (NEW.id, NEW.occurred_at, NEW.actor, NEW.action, NEW.subject,
        NEW.account_id, NEW.outcome, NEW.correlation_id, NEW.details) IS DISTINCT FROM (OLD.id, OLD.occurred_at, OLD.actor,
        OLD.action, OLD.subject, OLD.account_id, OLD.outcome, OLD.correlation_id, OLD.details))
    EXECUTE FUNCTION refuse_to_change_audit_events();

CREATE FUNCTION refuse_to_delete_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq <= (SELECT max(last_seq) FROM audit_anchors) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_to_delete_audit_events();

-- One at a time creates an audit key, or deletes lines.
INSERT INTO guards (name, n) VALUES ('audit_chain', 0);
