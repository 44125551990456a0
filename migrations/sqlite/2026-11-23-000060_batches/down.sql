DROP TABLE batch_checks;
DROP TABLE batches;
