DROP TABLE publication_events;
DROP TABLE publications;
DROP FUNCTION publication_events_stay();
DROP FUNCTION publications_stay();
