//! The description of the programming interface by OpenAPI 3.1.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde_json::{Value, json};

use super::console::filters::{Sort, UNSTATED};
use super::parameters::{self, Allowed, Parameter};
use crate::app::exports::FIGURES;
use crate::app::open_data::indexes::SCHEMA;
use crate::app::scores::Dimension;
use crate::domain::dataset::Mark;
use crate::domain::questionnaire::Kind;

/// What errors speak, and the other rules of every address.
const RULES: &str = "Satisfaction indexes for other programs. Every address knows GET and HEAD. Errors are \
    problems of RFC 9457, whose title and detail are in the language of the parameter lang, else in the first of \
    the header Accept-Language that is vi or en, else in Vietnamese; Content-Language names it. A parameter \
    without a value counts as missing.";

/// Columns of scores that hold words; all others hold numbers.
const WORDS: [&str; 6] = ["verdict", "f5_capped", "split", "questionnaire_changed", "view", "method"];

/// GET /api/v1/openapi.json
pub async fn show() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(document())
}

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "hailong",
            "version": "1",
            "description": RULES,
        },
        "paths": {
            "/api/v1/scores": { "get": scores() },
            "/api/v1/indexes": { "get": indexes() },
            "/api/v1/openapi.json": { "get": {
                "summary": "This description",
                "security": [],
                "responses": {
                    "200": { "description": "OpenAPI 3.1", "content": { "application/json": { "schema": { "type": "object" } } } },
                    "405": failure("Another method than GET and HEAD"),
                },
            } },
        },
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Problem": problem(), "Score": score(), "Indexes": schema(), "Index": index(), "Imported": imported(),
            },
        },
        "security": [{ "key": [] }],
    })
}

fn scores() -> Value {
    json!({
        "summary": "Current scores, by any cut",
        "description": "The rows that the console exports, the last one the total; hidden values are the text \"…\".",
        "parameters": parameters(&parameters::of_scores()),
        "responses": responses(
            json!({ "type": "array", "items": { "$ref": "#/components/schemas/Score" } }),
            "There is no such unit, or none that the key may see",
        ),
    })
}

fn indexes() -> Value {
    json!({
        "summary": "Published indexes of a period",
        "description": "The newest published version. A key that is bound to a unit gets the figures of the province and of its units.",
        "parameters": parameters(&parameters::of_indexes()),
        "responses": responses(
            json!({ "$ref": "#/components/schemas/Indexes" }),
            "The period is not published",
        ),
    })
}

fn parameters(all: &[Parameter]) -> Vec<Value> {
    let one = |parameter: &Parameter| {
        let mut described = json!({
            "name": parameter.name, "in": "query", "required": parameter.is_required,
            "description": parameter.meaning, "schema": allowed(&parameter.allowed),
        });
        if let (Allowed::Several(_), Some(members)) = (&parameter.allowed, described.as_object_mut()) {
            members.insert("explode".to_owned(), Value::Bool(false));
        }
        described
    };
    all.iter().map(one).collect()
}

fn allowed(allowed: &Allowed) -> Value {
    match allowed {
        Allowed::Period => json!({
            "type": "string",
            "examples": ["2026", "2026-H1", "2026-Q3", "2026-09", "2026-09-01..2026-09-30"],
        }),
        Allowed::Several(keys) => json!({
            "type": "array", "items": { "enum": keys }, "maxItems": Dimension::MOST, "uniqueItems": true,
        }),
        Allowed::One(keys) => json!({ "enum": keys }),
        Allowed::Id => json!({ "type": "integer", "minimum": 1 }),
        Allowed::IdOrNone => json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": UNSTATED }] }),
        Allowed::Sort => json!({
            "anyOf": [
                { "enum": Sort::ALL.map(Sort::key) },
                { "type": "string", "pattern": "^element-[0-9]+$", "description": "With cuts by an element alone" },
            ],
        }),
    }
}

fn responses(body: Value, missing: &str) -> Value {
    json!({
        "200": {
            "description": "Figures, with a strong ETag",
            "headers": { "ETag": { "schema": { "type": "string" } } },
            "content": { "application/json": { "schema": body } },
        },
        "304": { "description": "Not changed since the ETag of If-None-Match" },
        "400": failure("An address that is no UTF-8 or holds a zero byte"),
        "401": failure("No key, or one that is not in force"),
        "403": failure("A key that may not read this"),
        "404": failure(missing),
        "405": failure("Another method than GET and HEAD"),
        "414": failure("An address of more than 8 KiB"),
        "422": failure("A parameter that cannot be read or is said twice; errors names each"),
        "500": failure("A fault of the service"),
        "503": failure("The service is busy; Retry-After says for how many seconds"),
    })
}

fn failure(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["parameter", "detail"],
                "properties": { "parameter": { "type": "string" }, "detail": { "type": "string" } },
            } },
        },
    })
}

fn score() -> Value {
    let word = || json!({ "type": "string" });
    let mut columns: serde_json::Map<String, Value> = FIGURES
        .iter()
        .map(|key| {
            let kind = if WORDS.contains(key) {
                json!(["string", "null"])
            } else {
                json!(["number", "string", "null"])
            };
            ((*key).to_owned(), json!({ "type": kind }))
        })
        .collect();
    let required: Vec<String> = ["kind", "period"].into_iter().chain(FIGURES).map(str::to_owned).collect();
    columns.extend([("kind".to_owned(), word()), ("period".to_owned(), word())]);
    for cut in Dimension::ALL.map(Dimension::key) {
        columns.extend([(format!("{cut}_code"), word()), (cut.to_owned(), word())]);
    }
    json!({
        "type": "object",
        "description": "Two members for each cut, and the figures of the row; docs/exports.md explains each",
        "required": required,
        "properties": columns,
    })
}

fn schema() -> Value {
    let list = || json!({ "type": "array", "items": { "$ref": "#/components/schemas/Index" } });
    json!({
        "type": "object",
        "required": ["schema", "period", "publication", "method", "hidden_below", "simulated", "targets", "imported", "fields", "units"],
        "properties": {
            "schema": { "const": SCHEMA },
            "period": { "type": "object", "description": "key, from, to" },
            "publication": { "type": "object", "description": "number, version, published_at, frozen_at, sha256, previous_sha256, corrects_sha256" },
            "method": { "type": "object", "description": "id, version, z, enough" },
            "hidden_below": { "type": "integer", "description": "Figures over fewer answers are hidden" },
            "simulated": { "type": "boolean" },
            "targets": list(),
            "imported": { "type": "array", "description": "Figures of other ministries' methods", "items": { "$ref": "#/components/schemas/Imported" } },
            "fields": list(),
            "units": list(),
        },
    })
}

fn index() -> Value {
    let percent = |description: &str| or_null("number", description);
    json!({
        "type": "object",
        "required": ["kind", "key", "name", "name_en", "target", "hidden", "n", "k", "index", "low", "high", "verdict", "marks"],
        "properties": {
            "kind": { "enum": Kind::ALL.map(Kind::key) },
            "key": { "type": "string", "description": "Key of the target or field, code of the unit" },
            "name": { "type": "string" },
            "name_en": { "type": "string" },
            "target": percent("Percent"),
            "hidden": { "type": "boolean", "description": "Over too few answers to be shown" },
            "n": or_null("integer", "Valid answers"),
            "k": or_null("integer", "Satisfied and very satisfied"),
            "index": percent("100·k/n with two decimals"),
            "low": percent("Lower end of the 95% Wilson interval"),
            "high": percent("Upper end"),
            "verdict": { "enum": ["too-few", "missed-surely", "missed-unsurely", "met-unsurely", "met-surely", null] },
            "marks": { "type": "array", "items": { "enum": Mark::ALL.map(Mark::key) } },
            "legal_basis": or_null("string", "For targets"),
        },
    })
}

fn imported() -> Value {
    json!({
        "type": "object",
        "required": ["key", "name", "name_en", "target", "index", "respondents", "source"],
        "properties": {
            "key": { "type": "string", "description": "Key of the target" },
            "name": or_null("string", "Name of the target"),
            "name_en": or_null("string", "The same in English"),
            "target": or_null("number", "Percent"),
            "index": or_null("number", "Percent; null where nobody has given it"),
            "respondents": or_null("integer", "Where the source says it"),
            "source": or_null("string", "Where it was read"),
        },
    })
}

fn or_null(form: &str, description: &str) -> Value {
    json!({ "type": [form, "null"], "description": description })
}
