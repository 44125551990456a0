DROP INDEX links_by_job;
ALTER TABLE links DROP COLUMN job_id;
