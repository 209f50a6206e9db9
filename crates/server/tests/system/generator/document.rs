//! What the OpenAPI document says of each operation, as far as requests are made from it.
use std::collections::BTreeMap;

use serde_json::Value;

#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub parameters: Vec<Parameter>,
    /// The schema of the body, if it takes one. What takes a form takes the same as JSON.
    pub body: Option<Value>,
    /// What it may answer: the words beside each status, which name the codes.
    pub answers: BTreeMap<u16, String>,
}

#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    pub place: String,
    pub schema: Value,
}

pub fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("the document has paths");
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("a path has operations").clone();
        let path = path.clone();
        item.into_iter().map(move |(method, operation)| read(method.to_uppercase(), path.clone(), &operation))
    };
    paths.iter().flat_map(of_path).collect()
}

fn read(method: String, path: String, operation: &Value) -> Operation {
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let parameter =
        |p: &Value| Parameter { name: text(&p["name"]), place: text(&p["in"]), schema: p["schema"].clone() };
    let responses = operation["responses"].as_object().expect("an operation has responses");
    Operation {
        id: text(&operation["operationId"]),
        method,
        path,
        parameters: parameters.iter().map(parameter).collect(),
        body: ["application~1json", "application~1x-www-form-urlencoded"]
            .iter()
            .find_map(|kind| operation.pointer(&format!("/requestBody/content/{kind}/schema")).cloned()),
        answers: responses
            .iter()
            .map(|(status, answer)| (status.parse().expect("a status is a number"), text(&answer["description"])))
            .collect(),
    }
}

/// Follows references, and takes the first of several alternatives that is not null.
pub fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).expect("references lead somewhere");
        return resolve(document, target);
    }
    let alternatives = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    match alternatives.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        Some(one) => resolve(document, one),
        None => schema,
    }
}
