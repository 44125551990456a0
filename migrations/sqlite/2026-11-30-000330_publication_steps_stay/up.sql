-- Steps go with a draft that is discarded, whose row is gone by then, and in no other way.
CREATE TRIGGER publication_events_are_kept BEFORE DELETE ON publication_events
WHEN EXISTS (SELECT 1 FROM publications WHERE id = OLD.publication_id)
BEGIN
    SELECT RAISE(ABORT, 'what was done is not rewritten');
END;
