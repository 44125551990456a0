ALTER TABLE fields DROP COLUMN reopened_from;
ALTER TABLE fields DROP COLUMN closed_from;
ALTER TABLE counters DROP COLUMN reopened_from;
