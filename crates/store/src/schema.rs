//! The tables as SeaORM knows them. Ids are 16 bytes, instants microseconds since 1970 in UTC, on both databases.

use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

/// A table by its columns, whatever it holds.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in their order.
    pub columns: Vec<(&'static str, ColumnType)>,
    /// Places of the columns of its key.
    pub key: Vec<usize>,
}

impl Table {
    fn of<E: EntityTrait>(name: &'static str) -> Table {
        let columns: Vec<_> = E::Column::iter()
            .map(|column| (column.as_str(), column.def().get_column_type().clone()))
            .collect();
        let place = |wanted: &str| columns.iter().position(|(column, _)| *column == wanted);
        let key = E::PrimaryKey::iter().filter_map(|key| place(key.into_column().as_str())).collect();
        Table { name, columns, key }
    }
}

/// Declares the entity of one table.
macro_rules! table {
    ($($(#[$about:meta])* $module:ident = $name:literal { $($(#[$field_attribute:meta])* $field:ident: $kind:ty,)+ })+) => {$(
        $(#[$about])*
        pub mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub struct Model { $($(#[$field_attribute])* pub $field: $kind,)+ }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    )+

        /// Every table, for what is done to all of them.
        pub fn tables() -> Vec<Table> {
            vec![$(Table::of::<$module::Entity>($name)),+]
        }
    };
}

table! {
    /// Every record of every noun: the attributes on which access turns, and its body.
    record = "record" {
        #[sea_orm(primary_key, auto_increment = false)]
        id: Vec<u8>,
        kind: String,
        owner: Vec<u8>,
        state: String,
        compartment: Option<Vec<u8>>,
        is_sealed: bool,
        version: i64,
        made_at: i64,
        changed_at: i64,
        changed_by: Option<Vec<u8>>,
        /// When the next thing that must be done with it is due.
        due_at: Option<i64>,
        /// JSON, encrypted under the record's own key when the noun identifies people.
        body: Vec<u8>,
    }
    /// What ties members and organisations to records: assignments, task forces, referrals, releases, break-glass.
    tie = "tie" {
        #[sea_orm(primary_key, auto_increment = false)]
        record: Vec<u8>,
        #[sea_orm(primary_key, auto_increment = false)]
        relation: String,
        #[sea_orm(primary_key, auto_increment = false)]
        party: Vec<u8>,
        #[sea_orm(primary_key, auto_increment = false)]
        starts_at: i64,
        ends_at: i64,
        /// Kind and state of the record, so that what is tied to somebody is listed from one index.
        kind: String,
        state: String,
    }
    /// Names by which a record is found and that no two records of a kind share.
    name = "record_name" {
        #[sea_orm(primary_key, auto_increment = false)]
        kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        name: String,
        record: Vec<u8>,
    }
    /// Every change of every record.
    change = "record_change" {
        #[sea_orm(primary_key, auto_increment = false)]
        record: Vec<u8>,
        #[sea_orm(primary_key, auto_increment = false)]
        version: i64,
        request: Vec<u8>,
        at: i64,
        by: Option<Vec<u8>>,
        what: Vec<u8>,
    }
    /// The audit trail.
    audit_entry = "audit_entry" {
        #[sea_orm(primary_key, auto_increment = false)]
        seq: i64,
        at: i64,
        member: Option<Vec<u8>>,
        organisation: Option<Vec<u8>>,
        object: Option<Vec<u8>>,
        act: String,
        outcome: String,
        entry: Vec<u8>,
        leaf: Vec<u8>,
    }
    /// Which records the lists showed, by the entry of the trail that says so.
    audit_shown = "audit_shown" {
        #[sea_orm(primary_key, auto_increment = false)]
        object: Vec<u8>,
        #[sea_orm(primary_key, auto_increment = false)]
        seq: i64,
    }
    /// Signed heads of the audit trail.
    audit_head = "audit_head" {
        #[sea_orm(primary_key, auto_increment = false)]
        size: i64,
        at: i64,
        root: Vec<u8>,
        signature: Vec<u8>,
    }
    /// The one row that every writer of the audit trail holds: how far it goes.
    audit_tail = "audit_tail" {
        #[sea_orm(primary_key, auto_increment = false)]
        id: i32,
        size: i64,
        peaks: Vec<u8>,
    }
    /// What left an agency.
    release_log = "release_log" {
        #[sea_orm(primary_key, auto_increment = false)]
        id: Vec<u8>,
        record: Vec<u8>,
        version: i64,
        receiver: Vec<u8>,
        by: Vec<u8>,
        at: i64,
        reason: String,
        need_to_know: String,
        right_to_know: String,
    }
    /// Work to be done by a worker.
    job = "job" {
        #[sea_orm(primary_key, auto_increment = false)]
        id: Vec<u8>,
        kind: String,
        body: String,
        made_at: i64,
        due_at: i64,
        leased_until: i64,
        tries: i32,
        state: String,
    }
    /// How a member proves who they are.
    credential = "credential" {
        #[sea_orm(primary_key, auto_increment = false)]
        member: Vec<u8>,
        password: String,
        totp: Option<Vec<u8>>,
        last_step: i64,
        failures: i32,
        first_failure_at: i64,
        set_at: i64,
    }
    /// Sessions, by the hash of their secret.
    session = "session" {
        #[sea_orm(primary_key, auto_increment = false)]
        secret_hash: Vec<u8>,
        member: Vec<u8>,
        made_at: i64,
        seen_at: i64,
        from_address: String,
        /// The purpose that the member stated, as JSON, encrypted under the member's key.
        purpose: Option<Vec<u8>>,
    }
    /// Half filled forms, each for its member.
    form_draft = "form_draft" {
        #[sea_orm(primary_key, auto_increment = false)]
        member: Vec<u8>,
        /// The hash of the path of its page.
        #[sea_orm(primary_key, auto_increment = false)]
        page: Vec<u8>,
        at: i64,
        /// Path and content, encrypted under the member's key.
        body: Vec<u8>,
    }
    /// What deconfliction looks for: when, where, which selector, which subject. Nothing else of a plan.
    check_mark = "check_mark" {
        #[sea_orm(primary_key, auto_increment = false)]
        id: Vec<u8>,
        check_id: Vec<u8>,
        agency: Vec<u8>,
        contact: Vec<u8>,
        target: String,
        starts_at: i64,
        ends_at: i64,
        latitude: Option<f64>,
        longitude: Option<f64>,
        radius_km: Option<f64>,
        selector: Option<String>,
        subject: Option<Vec<u8>>,
    }
}
