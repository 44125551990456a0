//! Tables as both databases have them; the migrations are the truth.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    units (id) {
        id -> BigInt,
        kind -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    unit_versions (id) {
        id -> BigInt,
        unit_id -> BigInt,
        code -> Text,
        name -> Text,
        level -> Text,
        parent_id -> Nullable<BigInt>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    unit_successions (old_unit_id, new_unit_id) {
        old_unit_id -> BigInt,
        new_unit_id -> BigInt,
        extent -> Text,
        since -> Date,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    counters (id) {
        id -> BigInt,
        unit_id -> BigInt,
        name -> Text,
        opens -> Time,
        closes -> Time,
        closed_from -> Nullable<Date>,
        reopened_from -> Nullable<Date>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    fields (id) {
        id -> BigInt,
        key -> Text,
        name -> Text,
        name_en -> Text,
        position -> Integer,
        closed_from -> Nullable<Date>,
        reopened_from -> Nullable<Date>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    unit_fields (unit_id, field_id) {
        unit_id -> BigInt,
        field_id -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    procedures (id) {
        id -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    procedure_versions (id) {
        id -> BigInt,
        procedure_id -> BigInt,
        code -> Text,
        name -> Text,
        field_id -> BigInt,
        confirmed -> SmallInt,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    questionnaires (id) {
        id -> BigInt,
        kind -> Text,
        version -> Integer,
        status -> Text,
        texts -> Document,
        created_at -> Nullable<Timestamp>,
        created_by -> Nullable<Text>,
        published_at -> Nullable<Timestamp>,
        published_by -> Nullable<Text>,
        retired_at -> Nullable<Timestamp>,
        retired_by -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    questions (id) {
        id -> BigInt,
        questionnaire_id -> BigInt,
        key -> Text,
        position -> Integer,
        role -> Text,
        required -> SmallInt,
        result_only -> SmallInt,
        allows_na -> SmallInt,
        texts -> Document,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    links (id) {
        id -> BigInt,
        code -> Text,
        counter_id -> BigInt,
        kind -> Text,
        field_id -> Nullable<BigInt>,
        procedure_id -> Nullable<BigInt>,
        deciding_unit_id -> Nullable<BigInt>,
        stage -> SmallInt,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        replaces_id -> Nullable<BigInt>,
        printed_at -> Nullable<Timestamp>,
        job_id -> Nullable<Id>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    responses (served_unit_id, id) {
        served_unit_id -> BigInt,
        id -> Id,
        deciding_unit_id -> BigInt,
        counter_id -> BigInt,
        link_id -> BigInt,
        questionnaire_id -> BigInt,
        field_id -> BigInt,
        procedure_id -> BigInt,
        stage -> SmallInt,
        channel -> SmallInt,
        respondent -> SmallInt,
        language -> Text,
        answered_on -> Date,
        half_day -> SmallInt,
        scores -> Document,
        comment_id -> Nullable<Id>,
        flags -> SmallInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    comments (served_unit_id, id) {
        served_unit_id -> BigInt,
        id -> Id,
        body -> Text,
        folded -> Nullable<Text>,
        day -> Integer,
        level -> SmallInt,
        scores -> Document,
        questionnaire_id -> BigInt,
        counter_id -> BigInt,
        field_id -> BigInt,
        procedure_id -> BigInt,
        stage -> SmallInt,
        channel -> SmallInt,
        state -> SmallInt,
        assignee_id -> Nullable<BigInt>,
        due_on -> Date,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    comment_events (id) {
        id -> BigInt,
        comment_id -> Id,
        at -> Timestamp,
        actor -> Text,
        step -> Text,
        body -> Text,
        assignee -> Text,
        due_on -> Nullable<Date>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    tallies (served_unit_id, question_id, day, counter_id, field_id, procedure_id, deciding_unit_id, stage, channel, flags) {
        served_unit_id -> BigInt,
        question_id -> BigInt,
        day -> Integer,
        counter_id -> BigInt,
        field_id -> BigInt,
        procedure_id -> BigInt,
        deciding_unit_id -> BigInt,
        stage -> SmallInt,
        channel -> SmallInt,
        flags -> SmallInt,
        n5 -> BigInt,
        n4 -> BigInt,
        n3 -> BigInt,
        n2 -> BigInt,
        n1 -> BigInt,
        na -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    rollups (cut, question_id, month, unit_id, field_id, procedure_id, counter_id, stage, channel, flagged) {
        cut -> SmallInt,
        question_id -> BigInt,
        month -> Integer,
        unit_id -> BigInt,
        field_id -> BigInt,
        procedure_id -> BigInt,
        counter_id -> BigInt,
        stage -> SmallInt,
        channel -> SmallInt,
        flagged -> SmallInt,
        n5 -> BigInt,
        n4 -> BigInt,
        n3 -> BigInt,
        n2 -> BigInt,
        n1 -> BigInt,
        na -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    targets (id) {
        id -> BigInt,
        key -> Text,
        name -> Text,
        name_en -> Text,
        kind -> Text,
        fields -> Text,
        threshold -> Integer,
        source -> Text,
        legal_basis -> Text,
        position -> Integer,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    imported_figures (target_key, period_from, period_to) {
        target_key -> Text,
        period_from -> Date,
        period_to -> Date,
        index_value -> Integer,
        respondents -> Nullable<BigInt>,
        source -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    dossiers (unit_id, field_id, month) {
        unit_id -> BigInt,
        field_id -> BigInt,
        month -> Integer,
        settled -> BigInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    uploads (person, hash, kind) {
        person -> Text,
        hash -> Text,
        kind -> Text,
        content -> Binary,
        created_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    people (id) {
        id -> BigInt,
        login -> Text,
        name -> Text,
        password_hash -> Text,
        must_change_password -> SmallInt,
        role -> Text,
        unit_id -> Nullable<BigInt>,
        language -> Text,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
        totp_secret -> Nullable<Text>,
        totp_confirmed_at -> Nullable<Timestamp>,
        totp_last_step -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    sessions (token_hash) {
        token_hash -> Text,
        person_id -> BigInt,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        last_used_at -> Timestamp,
        awaits_code -> SmallInt,
        device -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    invitations (token_hash) {
        token_hash -> Text,
        person_id -> BigInt,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    recovery_codes (person_id, code_hash) {
        person_id -> BigInt,
        code_hash -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    api_keys (id) {
        id -> BigInt,
        name -> Text,
        key_hash -> Text,
        unit_id -> Nullable<BigInt>,
        reads -> Text,
        created_at -> Timestamp,
        created_by -> Text,
        valid_to -> Date,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    audit (id) {
        id -> BigInt,
        at -> Timestamp,
        actor -> Text,
        action -> Text,
        subject -> Text,
        details -> Document,
        previous -> Nullable<Text>,
        hash -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    catalogue_revision (id) {
        id -> SmallInt,
        revision -> BigInt,
        simulated -> SmallInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    batches (id) {
        id -> BigInt,
        unit_id -> BigInt,
        year -> Integer,
        number -> Integer,
        channel -> SmallInt,
        counter_id -> BigInt,
        link_id -> BigInt,
        questionnaire_id -> BigInt,
        field_id -> Nullable<BigInt>,
        procedure_id -> Nullable<BigInt>,
        deciding_unit_id -> BigInt,
        stage -> SmallInt,
        answered_on -> Date,
        announced -> Integer,
        keyed -> Integer,
        seed -> Id,
        state -> Text,
        opened_by -> Text,
        created_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        remark -> Text,
        compared -> Integer,
        differing -> Integer,
        struck -> Integer,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    batch_checks (batch_id, sheet) {
        batch_id -> BigInt,
        sheet -> Integer,
        first -> Nullable<Document>,
        second -> Nullable<Document>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    batch_sheets (batch_id, sheet) {
        batch_id -> BigInt,
        sheet -> Integer,
        scores -> Document,
        comment -> Text,
        struck -> SmallInt,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    publications (id) {
        id -> BigInt,
        period_from -> Date,
        period_to -> Date,
        version -> Integer,
        state -> Text,
        frozen_at -> Timestamp,
        complete -> Binary,
        number -> Nullable<BigInt>,
        published_at -> Nullable<Timestamp>,
        sha256 -> Nullable<Text>,
        file -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    publication_events (id) {
        id -> BigInt,
        publication_id -> BigInt,
        at -> Timestamp,
        actor -> Text,
        step -> Text,
        remark -> Text,
    }
}

table! {
    use diesel::sql_types::*;
    use crate::db::types::{Document, Id};

    jobs (id) {
        id -> Id,
        kind -> Text,
        person -> Text,
        subject -> Text,
        state -> Text,
        step -> Text,
        done -> BigInt,
        total -> BigInt,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        beat_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        report -> Nullable<Document>,
        error -> Text,
        file_name -> Nullable<Text>,
        file -> Nullable<Binary>,
    }
}

table! {
    submissions (id) {
        id -> Text,
        person -> Text,
        sent_at -> Timestamp,
        place -> Text,
    }
}

allow_tables_to_appear_in_same_query!(
    units,
    unit_versions,
    unit_successions,
    counters,
    fields,
    unit_fields,
    procedures,
    procedure_versions,
    questionnaires,
    questions,
    links,
    responses,
    comments,
    comment_events,
    tallies,
    rollups,
    targets,
    imported_figures,
    dossiers,
    uploads,
    people,
    sessions,
    invitations,
    recovery_codes,
    api_keys,
    audit,
    catalogue_revision,
    batches,
    batch_checks,
    batch_sheets,
    publications,
    publication_events,
    jobs,
    submissions
);
