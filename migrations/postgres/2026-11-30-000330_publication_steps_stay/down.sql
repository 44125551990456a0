DROP TRIGGER publication_events_are_not_emptied ON publication_events;
DROP TRIGGER publications_are_not_emptied ON publications;
DROP FUNCTION refuse_to_empty_publications();
DROP TRIGGER publication_events_are_kept ON publication_events;
DROP FUNCTION publication_events_are_kept();
