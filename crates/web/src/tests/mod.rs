//! What holds for the whole service: who gets what from each endpoint, a story told over HTTP, and hostile input.

mod accounts;
mod alarms;
mod care;
mod cases;
mod cases_export;
mod chain;
mod doors;
mod fairness;
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

use crate::testing::Recorded;
use homeward_casework::rehearsal;
use serde_json::Value;

/// A fresh record in SQLite, for a story that is told on both databases.
async fn in_sqlite() -> Recorded {
    let folder = tempfile::tempdir().unwrap();
    let record = rehearsal::Recorded::make(&rehearsal::sqlite(folder.path()), folder.path()).await;
    Recorded::over(record, Some(folder))
}

/// The same in PostgreSQL, where it is found; the server ends when it is dropped.
async fn in_postgresql() -> Option<(postgres::Server, Recorded)> {
    let server = postgres::start()?;
    let folder = tempfile::tempdir().unwrap();
    let record = rehearsal::Recorded::make(&server.database().await, folder.path()).await;
    Some((server, Recorded::over(record, Some(folder))))
}

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
