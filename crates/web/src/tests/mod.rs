//! What holds for the whole service: who gets what from each endpoint, a story told over HTTP, and hostile input.

mod care;
mod cases;
mod cases_export;
mod chain;
mod doors;
mod hostile;
mod operate;
#[path = "../../../store/tests/support/postgres.rs"]
mod postgres;
mod results;
mod services;
mod story;
mod table;
mod wall;
mod world;
mod world_cases;
mod world_operations;

use serde_json::Value;

/// The served document's operations: method in capitals, path, operation.
fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(crate::openapi_json()).unwrap();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    found.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    found
}
