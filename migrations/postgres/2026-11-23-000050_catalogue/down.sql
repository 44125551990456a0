DROP TABLE uploads;
DROP INDEX responses_by_link;
ALTER TABLE counters DROP COLUMN closed_from;
