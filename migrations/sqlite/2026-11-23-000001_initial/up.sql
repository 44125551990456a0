CREATE TABLE units (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('territory', 'body'))
) STRICT;

CREATE TABLE unit_versions (
    id INTEGER PRIMARY KEY,
    unit_id INTEGER NOT NULL REFERENCES units (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    parent_id INTEGER REFERENCES units (id),
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    UNIQUE (code, valid_from),
    UNIQUE (unit_id, valid_from),
    CHECK (valid_to IS NULL OR valid_to > valid_from)
) STRICT;

CREATE TABLE unit_successions (
    old_unit_id INTEGER NOT NULL REFERENCES units (id),
    new_unit_id INTEGER NOT NULL REFERENCES units (id),
    extent TEXT NOT NULL CHECK (extent IN ('whole', 'part')),
    since TEXT NOT NULL,
    PRIMARY KEY (old_unit_id, new_unit_id)
) STRICT;

CREATE TABLE counters (
    id INTEGER PRIMARY KEY,
    unit_id INTEGER NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    opens TEXT NOT NULL,
    closes TEXT NOT NULL,
    UNIQUE (unit_id, name)
) STRICT;

CREATE TABLE fields (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE unit_fields (
    unit_id INTEGER NOT NULL REFERENCES units (id),
    field_id INTEGER NOT NULL REFERENCES fields (id),
    PRIMARY KEY (unit_id, field_id)
) STRICT;

CREATE TABLE procedures (
    id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE procedure_versions (
    id INTEGER PRIMARY KEY,
    procedure_id INTEGER NOT NULL REFERENCES procedures (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    field_id INTEGER NOT NULL REFERENCES fields (id),
    confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    UNIQUE (code, valid_from),
    UNIQUE (procedure_id, valid_from),
    CHECK (valid_to IS NULL OR valid_to > valid_from)
) STRICT;

CREATE TABLE questionnaires (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'retired')),
    texts TEXT NOT NULL,
    UNIQUE (kind, version)
) STRICT;

CREATE TABLE questions (
    id INTEGER PRIMARY KEY,
    questionnaire_id INTEGER NOT NULL REFERENCES questionnaires (id),
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('headline', 'element', 'complete')),
    required INTEGER NOT NULL CHECK (required IN (0, 1)),
    result_only INTEGER NOT NULL CHECK (result_only IN (0, 1)),
    allows_na INTEGER NOT NULL CHECK (allows_na IN (0, 1)),
    texts TEXT NOT NULL,
    UNIQUE (questionnaire_id, key)
) STRICT;

CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    counter_id INTEGER NOT NULL REFERENCES counters (id),
    kind TEXT NOT NULL,
    field_id INTEGER REFERENCES fields (id),
    procedure_id INTEGER REFERENCES procedures (id),
    deciding_unit_id INTEGER REFERENCES units (id),
    stage INTEGER NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    created_at TEXT NOT NULL,
    revoked_at TEXT,
    replaces_id INTEGER REFERENCES links (id),
    printed_at TEXT
) STRICT;
CREATE INDEX links_by_counter ON links (counter_id);

CREATE TABLE responses (
    served_unit_id INTEGER NOT NULL,
    id BLOB NOT NULL,
    deciding_unit_id INTEGER NOT NULL,
    counter_id INTEGER NOT NULL,
    link_id INTEGER NOT NULL,
    questionnaire_id INTEGER NOT NULL,
    field_id INTEGER NOT NULL,
    procedure_id INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    respondent INTEGER NOT NULL,
    language TEXT NOT NULL,
    answered_on TEXT NOT NULL,
    half_day INTEGER NOT NULL,
    scores TEXT NOT NULL,
    comment_id BLOB,
    flags INTEGER NOT NULL,
    PRIMARY KEY (served_unit_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE comments (
    served_unit_id INTEGER NOT NULL,
    id BLOB NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (served_unit_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
    served_unit_id INTEGER NOT NULL,
    question_id INTEGER NOT NULL,
    day INTEGER NOT NULL,
    counter_id INTEGER NOT NULL,
    field_id INTEGER NOT NULL,
    procedure_id INTEGER NOT NULL,
    deciding_unit_id INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    n5 INTEGER NOT NULL,
    n4 INTEGER NOT NULL,
    n3 INTEGER NOT NULL,
    n2 INTEGER NOT NULL,
    n1 INTEGER NOT NULL,
    na INTEGER NOT NULL,
    PRIMARY KEY (served_unit_id, question_id, day, counter_id, field_id, procedure_id,
                 deciding_unit_id, stage, channel, flags)
) STRICT, WITHOUT ROWID;

CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    fields TEXT NOT NULL,
    threshold INTEGER NOT NULL CHECK (threshold BETWEEN 0 AND 10000),
    source TEXT NOT NULL CHECK (source IN ('measured', 'imported')),
    legal_basis TEXT NOT NULL,
    position INTEGER NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    UNIQUE (key, valid_from)
) STRICT;

CREATE TABLE imported_figures (
    target_key TEXT NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    index_value INTEGER NOT NULL CHECK (index_value BETWEEN 0 AND 10000),
    respondents INTEGER,
    source TEXT NOT NULL,
    PRIMARY KEY (target_key, period_from, period_to)
) STRICT;

CREATE TABLE dossiers (
    unit_id INTEGER NOT NULL REFERENCES units (id),
    field_id INTEGER NOT NULL REFERENCES fields (id),
    month INTEGER NOT NULL,
    settled INTEGER NOT NULL CHECK (settled >= 0),
    PRIMARY KEY (unit_id, field_id, month)
) STRICT;

CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    role TEXT NOT NULL,
    unit_id INTEGER REFERENCES units (id),
    language TEXT NOT NULL,
    created_at TEXT NOT NULL,
    disabled_at TEXT
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES people (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, id);

-- One row: it grows by one with each change to what the catalogue snapshot holds.
CREATE TABLE catalogue_revision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
INSERT INTO catalogue_revision (id, revision, simulated) VALUES (1, 0, 0);
