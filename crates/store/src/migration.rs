//! How the tables came to be. A migration that was released is never edited: a later one expands, and a later one still
//! contracts.

use crate::schema;
use crate::{Result, StoreError};
use sea_orm::sea_query::{Alias, ColumnDef, Index, Table};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbErr, Schema};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

/// The migrations, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(First), Box::new(Due)]
    }
}

/// Brings a database to the newest schema; one that a newer version wrote is refused and left as it is.
pub async fn migrate(connection: &DatabaseConnection) -> Result<()> {
    Migrator::install(connection).await?;
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    for applied in Migrator::get_migration_models(connection).await? {
        if !known.contains(&applied.version) {
            return Err(StoreError::Newer { migration: applied.version });
        }
    }
    Ok(Migrator::up(connection, None).await?)
}

/// How far the schema of a database is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaState {
    /// The newest migration that it has had.
    pub newest: Option<String>,
    /// Migrations that it still lacks, oldest first.
    pub lacking: Vec<String>,
}

/// How far the schema of a database is; nothing is migrated. A database that a newer version wrote is refused.
pub async fn schema_state(url: &str) -> Result<SchemaState> {
    let connection = crate::connection::connect(url).await?;
    Migrator::install(&connection).await?;
    let applied = Migrator::get_migration_models(&connection).await?;
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    if let Some(newer) = applied.iter().find(|step| !known.contains(&step.version)) {
        return Err(StoreError::Newer { migration: newer.version.clone() });
    }
    let has = |name: &String| applied.iter().any(|step| step.version == *name);
    let newest = known.iter().rfind(|name| has(name)).cloned();
    let lacking = known.into_iter().filter(|name| !has(name)).collect();
    Ok(SchemaState { newest, lacking })
}

/// The name of the newest schema.
pub fn newest() -> String {
    Migrator::migrations().last().map(|step| step.name().to_owned()).unwrap_or_default()
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m0001_first"
    }
}

/// Indexes: table, columns, whether they are unique.
const INDEXES: &[(&str, &[&str], bool)] = &[
    ("record", &["kind", "state", "id"], false),
    ("tie", &["relation", "party", "kind", "record", "state"], false),
    ("record_change", &["record", "request"], true),
    ("audit_entry", &["object", "seq"], false),
    ("audit_entry", &["member", "seq"], false),
    ("audit_entry", &["organisation", "seq"], false),
    ("audit_entry", &["organisation", "act", "seq"], false),
    ("release_log", &["record", "at"], false),
    ("job", &["state", "due_at"], false),
    ("session", &["member"], false),
    ("form_draft", &["at"], false),
    ("check_mark", &["check_id"], false),
    ("check_mark", &["selector"], false),
    ("check_mark", &["subject"], false),
];

#[async_trait::async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        let schema = Schema::new(manager.get_database_backend());
        for table in [
            schema.create_table_from_entity(schema::record::Entity),
            schema.create_table_from_entity(schema::tie::Entity),
            schema.create_table_from_entity(schema::name::Entity),
            schema.create_table_from_entity(schema::change::Entity),
            schema.create_table_from_entity(schema::audit_entry::Entity),
            schema.create_table_from_entity(schema::audit_shown::Entity),
            schema.create_table_from_entity(schema::audit_head::Entity),
            schema.create_table_from_entity(schema::audit_tail::Entity),
            schema.create_table_from_entity(schema::release_log::Entity),
            schema.create_table_from_entity(schema::job::Entity),
            schema.create_table_from_entity(schema::credential::Entity),
            schema.create_table_from_entity(schema::session::Entity),
            schema.create_table_from_entity(schema::form_draft::Entity),
            schema.create_table_from_entity(schema::check_mark::Entity),
        ] {
            manager.create_table(table).await?;
        }
        for (table, columns, unique) in INDEXES {
            let mut index = Index::create();
            index.name(format!("{table}_by_{}", columns.join("_"))).table(Alias::new(*table));
            for column in *columns {
                index.col(Alias::new(*column));
            }
            if *unique {
                index.unique();
            }
            manager.create_index(index.clone()).await?;
        }
        // Refusals are few, and looked for.
        let refused =
            "CREATE INDEX audit_entry_refused ON audit_entry (organisation, seq) WHERE outcome = 'refused'";
        manager.get_connection().execute_unprepared(refused).await?;
        // Of all plans that ever were, few are not over.
        let placed =
            "CREATE INDEX check_mark_placed ON check_mark (ends_at, latitude) WHERE latitude IS NOT NULL";
        manager.get_connection().execute_unprepared(placed).await?;
        let tail = schema::audit_tail::ActiveModel { id: Set(1), size: Set(0), peaks: Set(Vec::new()) };
        tail.insert(manager.get_connection()).await?;
        Ok(())
    }
}

/// The time by which something must be done with a record, and the index that lists an organisation's records.
struct Due;

impl MigrationName for Due {
    fn name(&self) -> &'static str {
        "m0002_due"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Due {
    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        let (table, due) = (Alias::new("record"), Alias::new("due_at"));
        if !manager.has_column("record", "due_at").await? {
            let column = ColumnDef::new(due.clone()).big_integer().null().to_owned();
            manager.alter_table(Table::alter().table(table.clone()).add_column(column).to_owned()).await?;
            let former = "record_by_kind_owner_id_state_is_sealed_compartment";
            manager.drop_index(Index::drop().name(former).table(table.clone()).to_owned()).await?;
        }
        let mut index = Index::create();
        index.name("record_listed").table(table);
        for column in ["kind", "owner", "id", "state", "is_sealed", "compartment", "due_at"] {
            index.col(Alias::new(column));
        }
        manager.create_index(index).await
    }
}
