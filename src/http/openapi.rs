//! The API description (OpenAPI 3.1), made from the table of routes and the types they take and give.

use super::api;
use super::problem::{MEDIA_TYPE, Problem9457};
use super::route::{Access, Content, Description, Route, SchemaOf};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The whole description.
pub fn document() -> Value {
    let mut schemas = Map::new();
    register(&SchemaOf::new::<Problem9457>(), &mut schemas);
    let mut paths = Map::new();
    for route in api::routes() {
        let Some(description) = &route.description else { continue };
        let operation = operation(&route, description, &mut schemas);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Yinzheng 印证",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Electronic licenses (电子证照, GB/T 36901) and electronic seals (电子印章). \
                \"License\" means electronic certificate in the sense of GB/T 36901. Every refusal is a problem \
                (RFC 9457) with a stable `code`, worded by Accept-Language and in both languages under `details`.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "A credential's token." },
            },
        },
    })
}

/// The description as it is served and kept in `api-spec/openapi.json`.
pub fn text() -> String {
    // A tree of JSON values always has a text.
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

fn operation(route: &Route, description: &Description, schemas: &mut Map<String, Value>) -> Value {
    let mut operation = json!({
        "summary": description.summary,
        "tags": [description.tag],
        "operationId": operation_id(route),
        "parameters": parameters(route, description),
        "responses": responses(route, description, schemas),
    });
    match route.access {
        Access::Public => operation["security"] = json!([]),
        Access::Roles(roles) => {
            let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
            operation["security"] = json!([{ "token": [] }]);
            operation["description"] = json!(format!("Roles: {}.", names.join(", ")));
        }
    }
    let content = content(&description.takes, schemas);
    if !content.is_null() {
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

fn operation_id(route: &Route) -> String {
    let path = route.path.replace(['/', ':', '.'], "_").replace(['{', '}', '-'], "");
    format!("{}{path}", route.method.as_str().to_ascii_lowercase())
}

fn parameters(route: &Route, description: &Description) -> Vec<Value> {
    let mut parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            let schema = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    if description.idempotent {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "Repeating a request with the same key gives the same license.",
            "schema": { "type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$" },
        }));
    }
    if let Some(query) = &description.query {
        let schema = value((query.schema)());
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let mut property = property.clone();
            // A parameter that is not given is absent; it has no null.
            if let Some(first) = property["type"].as_array().and_then(|types| types.first().cloned()) {
                property["type"] = first;
            }
            let about = property.as_object_mut().and_then(|members| members.remove("description"));
            parameters.push(json!({
                "name": name, "in": "query", "required": required.contains(name.as_str()),
                "description": about, "schema": property,
            }));
        }
    }
    parameters
}

fn responses(route: &Route, description: &Description, schemas: &mut Map<String, Value>) -> Value {
    let (status, gives) = &description.gives;
    let mut responses = Map::new();
    let good = match content(gives, schemas) {
        Value::Null => json!({ "description": "Done." }),
        content => json!({ "description": "Done.", "content": content }),
    };
    responses.insert(status.to_string(), good);
    // Overload, a failure of ours and a wrong method can meet any request.
    let mut problems = BTreeSet::from([405, 500, 503]);
    problems.extend(description.refuses.iter().copied());
    if route.access != Access::Public {
        problems.extend([401, 403]);
    }
    match description.takes {
        Content::Nothing => {}
        Content::Json(_) => problems.extend([400, 413, 415, 422]),
        Content::Bytes(_) | Content::Upload(_) => problems.extend([400, 413, 415]),
    }
    if description.idempotent || description.query.is_some() || route.path.contains('{') {
        problems.insert(400);
    }
    for status in problems {
        responses.entry(status.to_string()).or_insert_with(|| {
            json!({
                "description": "A problem (RFC 9457).",
                "content": { MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem9457" } } },
            })
        });
    }
    Value::Object(responses)
}

fn content(content: &Content, schemas: &mut Map<String, Value>) -> Value {
    let bytes = json!({ "type": "string", "format": "binary" });
    match content {
        Content::Nothing => Value::Null,
        Content::Json(schema) => json!({ "application/json": { "schema": register(schema, schemas) } }),
        Content::Bytes(types) => {
            // What is JSON and described elsewhere is an object here.
            let schema = |name: &str| {
                if name == "application/json" { json!({ "type": "object" }) } else { bytes.clone() }
            };
            types.iter().map(|name| ((*name).to_owned(), json!({ "schema": schema(name) }))).collect()
        }
        Content::Upload(types) => {
            let form = json!({ "schema": {
                "type": "object", "required": ["file"], "properties": { "file": bytes },
            } });
            let plain = types.iter().map(|name| ((*name).to_owned(), json!({ "schema": bytes })));
            plain.chain([("multipart/form-data".to_owned(), form)]).collect()
        }
    }
}

/// Adds a type and those it refers to, and returns the reference to it.
fn register(schema: &SchemaOf, schemas: &mut Map<String, Value>) -> Value {
    let mut others = Vec::new();
    (schema.others)(&mut others);
    let name = (schema.name)().into_owned();
    schemas.entry(name.clone()).or_insert_with(|| value((schema.schema)()));
    for (name, other) in others {
        schemas.entry(name).or_insert_with(|| value(other));
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn value(schema: impl serde::Serialize) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}
