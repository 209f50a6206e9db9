-- What was done and what was refused, one line each, in the order in which it was written. There is no foreign key to users:
-- a line outlives the account it tells of. Details are canonical JSON (RFC 8785), kept as text to the byte. What tells of a
-- person stands in a table of its own, so that it can be erased while the lines stay.
CREATE TABLE audit_events (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text,
    account_id uuid,
    outcome text NOT NULL,
    correlation_id text NOT NULL,
    details text NOT NULL,
    CONSTRAINT audit_events_pkey PRIMARY KEY (seq),
    CONSTRAINT audit_events_id_key UNIQUE (id)
);
CREATE INDEX audit_events_by_account ON audit_events (account_id, id);

CREATE FUNCTION refuse_to_change_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_events();

CREATE TABLE audit_personal_details (
    event_id uuid NOT NULL REFERENCES audit_events (id) ON DELETE RESTRICT,
    account_id uuid,
    address text,
    user_agent text,
    CONSTRAINT audit_personal_details_pkey PRIMARY KEY (event_id)
);
CREATE INDEX audit_personal_details_by_account ON audit_personal_details (account_id);
