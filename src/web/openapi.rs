//! The description of the programming interface by OpenAPI 3.1.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde_json::{Value, json};

use crate::app::open_data::indexes::SCHEMA;

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
            "description": "Satisfaction indexes for other programs. Errors follow RFC 9457.",
        },
        "paths": {
            "/api/v1/scores": { "get": scores() },
            "/api/v1/indexes": { "get": indexes() },
            "/api/v1/openapi.json": { "get": {
                "summary": "This description",
                "security": [],
                "responses": { "200": { "description": "OpenAPI 3.1" } },
            } },
        },
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": problem(), "Indexes": schema(), "Index": index() },
        },
        "security": [{ "key": [] }],
    })
}

fn scores() -> Value {
    json!({
        "summary": "Current scores, by any cut",
        "description": "The rows that the console exports; hidden values are the text \"…\".",
        "parameters": [
            parameter("period", true, "2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30"),
            parameter("by", false, "Cuts with commas between: unit, deciding, counter, field, procedure, stage, channel, element, month, quarter"),
            parameter("unit", false, "Id of a unit; it and all below it are counted"),
            parameter("lang", false, "vi or en"),
        ],
        "responses": responses(json!({ "type": "array", "items": { "type": "object" } })),
    })
}

fn indexes() -> Value {
    let mut responses = responses(json!({ "$ref": "#/components/schemas/Indexes" }));
    if let Some(members) = responses.as_object_mut() {
        members.insert("404".to_owned(), failure("The period is not published"));
    }
    json!({
        "summary": "Published indexes of a period",
        "description": "The newest published version. A key that is bound to a unit gets the figures of the province and of its units.",
        "parameters": [
            parameter("period", true, "2026, 2026-H1, 2026-Q3, 2026-09 or 2026-09-01..2026-09-30"),
            parameter("lang", false, "vi or en, for the words of errors"),
        ],
        "responses": responses,
    })
}

fn parameter(name: &str, is_required: bool, description: &str) -> Value {
    json!({
        "name": name, "in": "query", "required": is_required, "description": description,
        "schema": { "type": "string" },
    })
}

fn responses(body: Value) -> Value {
    json!({
        "200": {
            "description": "Figures, with a strong ETag",
            "headers": { "ETag": { "schema": { "type": "string" } } },
            "content": { "application/json": { "schema": body } },
        },
        "304": { "description": "Not changed since the ETag of If-None-Match" },
        "401": failure("No key, or one that is not in force"),
        "403": failure("A key that may not read this"),
        "422": failure("A parameter that cannot be read"),
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
            "errors": { "type": "array", "items": { "type": "object" } },
        },
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
            "imported": { "type": "array", "description": "Figures of other ministries' methods", "items": { "type": "object" } },
            "fields": list(),
            "units": list(),
        },
    })
}

fn index() -> Value {
    let or_null =
        |form: &str, description: &str| json!({ "type": [form, "null"], "description": description });
    let percent = |description: &str| or_null("number", description);
    json!({
        "type": "object",
        "properties": {
            "kind": { "enum": ["tthc", "agency-service"] },
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
            "marks": { "type": "array", "items": { "enum": ["split", "ended", "changed", "retargeted"] } },
            "legal_basis": or_null("string", "For targets"),
        },
    })
}
