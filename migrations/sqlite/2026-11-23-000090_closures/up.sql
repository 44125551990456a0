-- From this day on a closed counter is open again.
ALTER TABLE counters ADD COLUMN reopened_from TEXT;

-- A field is closed from a day on, and perhaps opened again; what was answered in it stays.
ALTER TABLE fields ADD COLUMN closed_from TEXT;
ALTER TABLE fields ADD COLUMN reopened_from TEXT;
