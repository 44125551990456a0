DROP TRIGGER audit_is_never_deleted;
DROP TRIGGER audit_is_never_changed;
ALTER TABLE audit DROP COLUMN hash;
ALTER TABLE audit DROP COLUMN previous;
