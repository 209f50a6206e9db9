-- The filters of the audit log. A page is read newest first by its ids, so every index ends with the id.
-- Most lines are successes, so only refusals have an index, which successes do not pay for.
CREATE INDEX audit_events_by_actor ON audit_events (actor, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
CREATE INDEX audit_events_refused ON audit_events (id) WHERE outcome = 'failure';
