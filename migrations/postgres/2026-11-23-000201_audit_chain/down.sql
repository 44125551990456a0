DROP TRIGGER audit_is_never_changed ON audit;
DROP FUNCTION refuse_change_of_audit;
ALTER TABLE audit DROP COLUMN hash;
ALTER TABLE audit DROP COLUMN previous;
