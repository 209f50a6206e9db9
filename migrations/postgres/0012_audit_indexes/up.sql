-- The filters of the audit log. A page is read newest first by its ids, so every index ends with the id. Texts in an index are
-- compared byte by byte, as SQLite does. No type of a column changes while a trigger names the column, so the trigger is
-- created again, as it was. Most lines are successes, so only refusals have an index, which successes do not pay for.
DROP TRIGGER audit_events_no_update ON audit_events;
ALTER TABLE audit_events
    ALTER COLUMN actor TYPE text COLLATE "C",
    ALTER COLUMN subject TYPE text COLLATE "C",
    ALTER COLUMN action TYPE text COLLATE "C",
    ALTER COLUMN outcome TYPE text COLLATE "C";
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
    FOR EACH ROW
    WHEN (OLD.seq IS NOT NULL OR NEW.seq IS NULL OR (NEW.id, NEW.occurred_at, NEW.actor, NEW.action, NEW.subject,
        NEW.account_id, NEW.outcome, NEW.correlation_id, NEW.details) IS DISTINCT FROM (OLD.id, OLD.occurred_at, OLD.actor,
        OLD.action, OLD.subject, OLD.account_id, OLD.outcome, OLD.correlation_id, OLD.details))
    EXECUTE FUNCTION refuse_to_change_audit_events();
CREATE INDEX audit_events_by_actor ON audit_events (actor, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
CREATE INDEX audit_events_refused ON audit_events (id) WHERE outcome = 'failure';
