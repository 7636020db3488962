//! The connection, and what differs between SQLite and PostgreSQL: how a writing transaction begins.

use crate::Result;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::time::Duration;

/// Opens `sqlite:FILE`, `sqlite::memory:` or `postgres://...`.
pub async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).acquire_timeout(Duration::from_secs(30));
    // An in-memory database lives in one connection.
    options.max_connections(if url.contains(":memory:") { 1 } else { 16 });
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("foreign_keys", "ON")
            .pragma("busy_timeout", "30000")
    });
    Ok(Database::connect(options).await?)
}

/// Begins a transaction that will write. SQLite takes its one write lock at once: a lock taken later, after a read, fails
/// when somebody else wrote in between.
pub async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
    let mode = sqlite.then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
    Ok(connection.begin_with_options(options).await?)
}

/// Begins a transaction that reads the whole database as it is at one moment.
pub async fn snapshot(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    // A reading transaction of SQLite sees one moment by itself.
    let postgres = connection.get_database_backend() == DbBackend::Postgres;
    let options = TransactionOptions {
        isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
        ..TransactionOptions::default()
    };
    Ok(connection.begin_with_options(options).await?)
}

/// The bits of an id as they are kept.
pub fn bytes(bits: u128) -> Vec<u8> {
    bits.to_be_bytes().to_vec()
}

/// The bits of an id that was kept.
pub fn bits(bytes: &[u8]) -> Option<u128> {
    bytes.try_into().ok().map(u128::from_be_bytes)
}
