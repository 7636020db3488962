//! The provider directory: what providers say of themselves to everybody, and where an operator permitted in writing that a
//! confidential address is shown. It is public and of no person, so that reading it takes no actor; what changes it is in the
//! trail.

use crate::schema::{address_permission, service_listing};
use crate::write::Write;
use crate::{Outside, Result, Store};
use homeward_model::Digest;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// Listings in one transaction.
const MOST: usize = 500;

/// A listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its id.
    pub id: String,
    /// `service` or `organization`.
    pub kind: String,
    /// Which directory it came from.
    pub source: String,
    /// The object of HSDS as JSON, without confidential addresses.
    pub body: String,
}

/// What became of listings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// New ones.
    pub accepted: usize,
    /// Ones that say something else than before.
    pub changed: usize,
    /// Ones that say what they said.
    pub repeated: usize,
}

/// A written permission to show an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The id of the location.
    pub location: String,
    /// Who gave it.
    pub given_by: String,
}

impl Store {
    /// Takes listings in; of several with one id the last counts. Each five hundred are one transaction.
    pub async fn take_listings(&self, outside: Outside<'_>, listings: Vec<Listing>) -> Result<Taken> {
        let mut taken = Taken::default();
        for part in listings.chunks(MOST) {
            let mut write = self.write_outside(outside).await?;
            let done = take(&mut write, outside, part).await;
            let of_part = write.finish(done).await?;
            taken.accepted += of_part.accepted;
            taken.changed += of_part.changed;
            taken.repeated += of_part.repeated;
        }
        Ok(taken)
    }

    /// Every listing, by id.
    pub async fn listings(&self) -> Result<Vec<Listing>> {
        let rows = service_listing::Entity::find().order_by_asc(service_listing::Column::Id);
        let rows = rows.all(self.connection()).await?;
        let listing = |row: service_listing::Model| {
            let service_listing::Model { id, kind, source, body, .. } = row;
            Listing { id, kind, source, body }
        };
        Ok(rows.into_iter().map(listing).collect())
    }

    /// Records that the operator of a location permitted in writing that its address is shown.
    pub async fn permit_address(
        &self,
        outside: Outside<'_>,
        location: &str,
        given_by: &str,
        paper: Digest,
    ) -> Result<()> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let row = address_permission::ActiveModel {
                location: Set(location.to_owned()),
                given_by: Set(given_by.to_owned()),
                paper: Set(paper.0.to_vec()),
                at: Set(outside.now.0),
            };
            let again = OnConflict::column(address_permission::Column::Location)
                .update_columns([
                    address_permission::Column::GivenBy,
                    address_permission::Column::Paper,
                    address_permission::Column::At,
                ])
                .to_owned();
            let insert = address_permission::Entity::insert(row).on_conflict(again);
            insert.exec_without_returning(write.connection()).await?;
            let more = [("location", location.to_owned()), ("paper", paper.hex())];
            write.say_outside("permit address", &more);
            Ok(())
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Withdraws a permission. `false` when there was none.
    pub async fn withdraw_address(&self, outside: Outside<'_>, location: &str) -> Result<bool> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let gone = address_permission::Entity::delete_many()
                .filter(address_permission::Column::Location.eq(location))
                .exec(write.connection())
                .await?;
            if gone.rows_affected > 0 {
                write.say_outside("withdraw address", &[("location", location.to_owned())]);
            }
            Ok(gone.rows_affected > 0)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The permissions that stand.
    pub async fn permitted_addresses(&self) -> Result<Vec<Permission>> {
        let rows = address_permission::Entity::find().all(self.connection()).await?;
        let permission =
            |row: address_permission::Model| Permission { location: row.location, given_by: row.given_by };
        Ok(rows.into_iter().map(permission).collect())
    }
}

async fn take(write: &mut Write<'_>, outside: Outside<'_>, part: &[Listing]) -> Result<Taken> {
    let wanted: HashMap<&str, &Listing> = part.iter().map(|one| (one.id.as_str(), one)).collect();
    let ids: Vec<&str> = wanted.keys().copied().collect();
    let known = service_listing::Entity::find()
        .filter(service_listing::Column::Id.is_in(ids))
        .all(write.connection())
        .await?;
    let known: HashMap<String, (String, String)> =
        known.into_iter().map(|row| (row.id, (row.source, row.body))).collect();
    let mut taken = Taken { repeated: part.len() - wanted.len(), ..Taken::default() };
    let mut rows = Vec::new();
    for listing in wanted.into_values() {
        match known.get(&listing.id) {
            Some((source, body)) if (source, body) == (&listing.source, &listing.body) => {
                taken.repeated += 1;
                continue;
            }
            Some(_) => taken.changed += 1,
            None => taken.accepted += 1,
        }
        rows.push(service_listing::ActiveModel {
            id: Set(listing.id.clone()),
            kind: Set(listing.kind.clone()),
            source: Set(listing.source.clone()),
            taken_at: Set(outside.now.0),
            body: Set(listing.body.clone()),
        });
    }
    if rows.is_empty() {
        return Ok(taken);
    }
    let bodies = part.iter().flat_map(|one| [one.id.as_bytes(), one.body.as_bytes()]);
    let content = Digest::of_parts(bodies).hex();
    let again = OnConflict::column(service_listing::Column::Id)
        .update_columns([
            service_listing::Column::Kind,
            service_listing::Column::Source,
            service_listing::Column::TakenAt,
            service_listing::Column::Body,
        ])
        .to_owned();
    let insert = service_listing::Entity::insert_many(rows).on_conflict(again);
    insert.exec_without_returning(write.connection()).await?;
    let more = [
        ("accepted", taken.accepted.to_string()),
        ("changed", taken.changed.to_string()),
        ("content", content),
    ];
    write.say_outside("take listings", &more);
    Ok(taken)
}
