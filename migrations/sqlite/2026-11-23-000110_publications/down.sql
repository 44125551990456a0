DROP TABLE publication_events;
DROP TABLE publications;
