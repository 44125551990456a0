ALTER TABLE questionnaires ADD COLUMN created_at TIMESTAMP;
ALTER TABLE questionnaires ADD COLUMN created_by TEXT;
ALTER TABLE questionnaires ADD COLUMN published_at TIMESTAMP;
ALTER TABLE questionnaires ADD COLUMN published_by TEXT;
ALTER TABLE questionnaires ADD COLUMN retired_at TIMESTAMP;
ALTER TABLE questionnaires ADD COLUMN retired_by TEXT;

-- One version of a kind is published and one is being written, at most.
CREATE UNIQUE INDEX questionnaires_published ON questionnaires (kind) WHERE status = 'published';
CREATE UNIQUE INDEX questionnaires_draft ON questionnaires (kind) WHERE status = 'draft';

-- What citizens were asked with stays as it was; of a published version only its end may still be written.
CREATE FUNCTION questionnaires_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' AND NEW.status = 'retired'
        AND (NEW.id, NEW.kind, NEW.version, NEW.texts) = (OLD.id, OLD.kind, OLD.version, OLD.texts)
        AND (NEW.created_at, NEW.created_by, NEW.published_at, NEW.published_by)
            IS NOT DISTINCT FROM (OLD.created_at, OLD.created_by, OLD.published_at, OLD.published_by)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published questionnaire does not change';
END
$$;
CREATE TRIGGER questionnaires_stay BEFORE UPDATE OR DELETE ON questionnaires
    FOR EACH ROW EXECUTE FUNCTION questionnaires_stay();

CREATE FUNCTION questions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT 1 FROM questionnaires WHERE id = OLD.questionnaire_id AND status <> 'draft'
    ) THEN
        RAISE EXCEPTION 'a published questionnaire does not change';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF EXISTS (SELECT 1 FROM questionnaires WHERE id = NEW.questionnaire_id AND status <> 'draft') THEN
        RAISE EXCEPTION 'a published questionnaire does not change';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER questions_stay BEFORE INSERT OR UPDATE OR DELETE ON questions
    FOR EACH ROW EXECUTE FUNCTION questions_stay();
