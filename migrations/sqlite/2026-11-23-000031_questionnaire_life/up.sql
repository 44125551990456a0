ALTER TABLE questionnaires ADD COLUMN created_at TEXT;
ALTER TABLE questionnaires ADD COLUMN created_by TEXT;
ALTER TABLE questionnaires ADD COLUMN published_at TEXT;
ALTER TABLE questionnaires ADD COLUMN published_by TEXT;
ALTER TABLE questionnaires ADD COLUMN retired_at TEXT;
ALTER TABLE questionnaires ADD COLUMN retired_by TEXT;

-- One version of a kind is published and one is being written, at most.
CREATE UNIQUE INDEX questionnaires_published ON questionnaires (kind) WHERE status = 'published';
CREATE UNIQUE INDEX questionnaires_draft ON questionnaires (kind) WHERE status = 'draft';

-- What citizens were asked with stays as it was; of a published version only its end may still be written.
CREATE TRIGGER questionnaires_stay BEFORE UPDATE ON questionnaires
WHEN OLD.status <> 'draft' AND NOT (
    OLD.status = 'published' AND NEW.status = 'retired'
    AND NEW.id = OLD.id AND NEW.kind = OLD.kind AND NEW.version = OLD.version AND NEW.texts = OLD.texts
    AND NEW.created_at IS OLD.created_at AND NEW.created_by IS OLD.created_by
    AND NEW.published_at IS OLD.published_at AND NEW.published_by IS OLD.published_by
)
BEGIN
    SELECT RAISE(ABORT, 'a published questionnaire does not change');
END;

CREATE TRIGGER questionnaires_are_kept BEFORE DELETE ON questionnaires
WHEN OLD.status <> 'draft'
BEGIN
    SELECT RAISE(ABORT, 'a published questionnaire does not change');
END;

CREATE TRIGGER questions_are_not_added BEFORE INSERT ON questions
WHEN EXISTS (SELECT 1 FROM questionnaires WHERE id = NEW.questionnaire_id AND status <> 'draft')
BEGIN
    SELECT RAISE(ABORT, 'a published questionnaire does not change');
END;

CREATE TRIGGER questions_stay BEFORE UPDATE ON questions
WHEN EXISTS (
    SELECT 1 FROM questionnaires WHERE id IN (OLD.questionnaire_id, NEW.questionnaire_id) AND status <> 'draft'
)
BEGIN
    SELECT RAISE(ABORT, 'a published questionnaire does not change');
END;

CREATE TRIGGER questions_are_kept BEFORE DELETE ON questions
WHEN EXISTS (SELECT 1 FROM questionnaires WHERE id = OLD.questionnaire_id AND status <> 'draft')
BEGIN
    SELECT RAISE(ABORT, 'a published questionnaire does not change');
END;
