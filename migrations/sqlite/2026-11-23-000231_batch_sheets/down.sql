ALTER TABLE batches DROP COLUMN struck;
DROP TABLE batch_sheets;
