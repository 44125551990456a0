-- The job that made a link in bulk, so that its codes can be listed and printed together; jobs themselves are
-- forgotten after a while.
ALTER TABLE links ADD COLUMN job_id BLOB;
CREATE INDEX links_by_job ON links (job_id);
