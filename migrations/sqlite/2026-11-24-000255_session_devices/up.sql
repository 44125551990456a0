-- The browser and system of each session in words, so that people know their own devices from others.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
