-- Answers on paper and from interviews, keyed in batch by batch. Zero as link: the counter has no code of
-- that kind. The ids of the answers follow from the seed and the number of the sheet.
CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    unit_id INTEGER NOT NULL REFERENCES units (id),
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    counter_id INTEGER NOT NULL REFERENCES counters (id),
    link_id INTEGER NOT NULL,
    questionnaire_id INTEGER NOT NULL REFERENCES questionnaires (id),
    field_id INTEGER REFERENCES fields (id),
    procedure_id INTEGER REFERENCES procedures (id),
    deciding_unit_id INTEGER NOT NULL REFERENCES units (id),
    stage INTEGER NOT NULL,
    answered_on TEXT NOT NULL,
    announced INTEGER NOT NULL CHECK (announced > 0),
    keyed INTEGER NOT NULL CHECK (keyed >= 0),
    seed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'checking', 'closed')),
    opened_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    closed_at TEXT,
    remark TEXT NOT NULL,
    compared INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    UNIQUE (unit_id, year, number)
) STRICT;

-- The sheets drawn for the second key-in, with what was keyed first and second.
CREATE TABLE batch_checks (
    batch_id INTEGER NOT NULL REFERENCES batches (id),
    sheet INTEGER NOT NULL,
    first TEXT,
    second TEXT,
    PRIMARY KEY (batch_id, sheet)
) STRICT, WITHOUT ROWID;
