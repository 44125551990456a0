-- Steps go with a draft that is discarded, whose row is gone by then, and in no other way.
CREATE FUNCTION publication_events_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM publications WHERE id = OLD.publication_id) THEN
        RAISE EXCEPTION 'what was done is not rewritten';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER publication_events_are_kept BEFORE DELETE ON publication_events
    FOR EACH ROW EXECUTE FUNCTION publication_events_are_kept();

CREATE FUNCTION refuse_to_empty_publications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published figure does not change';
END
$$;
CREATE TRIGGER publications_are_not_emptied BEFORE TRUNCATE ON publications
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_empty_publications();
CREATE TRIGGER publication_events_are_not_emptied BEFORE TRUNCATE ON publication_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_empty_publications();
