//! What a member learns around a check of their own: what was asked about, and of each other side the pointer, the word of
//! its state, and nothing that it says.

use super::Check;
use crate::connection::bytes;
use crate::record;
use crate::schema::check_mark;
use crate::{Context, Result, Store};
use homeward_access::Act;
use homeward_model::{Area, CheckId, CheckMove, PersonId, Point, Pointer, RadiusKm};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// The other side of a hit: whom to call, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherSide {
    /// Whom to call.
    pub pointer: Pointer,
    /// The word of its state; none when it was purged.
    pub state: Option<&'static str>,
    /// Its version, for the answer that a hit lets the reader give.
    pub version: i64,
    /// Moves that its state allows.
    pub allowed: &'static [CheckMove],
}

/// What a check turns on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AskedAbout {
    /// The circle.
    pub area: Option<Area>,
    /// Selectors, `phone:+17045550142`.
    pub selectors: Vec<String>,
    /// Subjects.
    pub subjects: Vec<PersonId>,
}

impl Store {
    /// The other sides of a check that the actor may read. The trail has the opening of the check itself.
    pub async fn other_sides(&self, context: &Context<'_>, id: CheckId) -> Result<Vec<OtherSide>> {
        let held = self.seen::<Check>(context, Act::View, id.bits()).await?;
        let pointers = held.noun.state().hit().map(|hit| hit.pointers.as_slice()).unwrap_or_default();
        let mut sides = Vec::with_capacity(pointers.len());
        for pointer in pointers.iter().copied() {
            let found = record::load::<Check>(self.connection(), self.keys(), pointer.check.bits()).await;
            let theirs = record::there(found)?;
            sides.push(OtherSide {
                pointer,
                state: theirs.as_ref().map(|held| held.noun.state().word()),
                version: theirs.as_ref().map_or(0, |held| held.version),
                allowed: theirs.as_ref().map_or(&[], |held| held.noun.allowed()),
            });
        }
        Ok(sides)
    }

    /// What a check that the actor may read turns on. A plan that was given up turns on nothing.
    pub async fn asked_about(&self, context: &Context<'_>, id: CheckId) -> Result<AskedAbout> {
        self.seen::<Check>(context, Act::View, id.bits()).await?;
        let own = check_mark::Column::CheckId.eq(bytes(id.bits()));
        let marks = check_mark::Entity::find().filter(own).order_by_asc(check_mark::Column::Id);
        let mut about = AskedAbout::default();
        for mark in marks.all(self.connection()).await? {
            if let (Some(lat), Some(lon), Some(km)) = (mark.latitude, mark.longitude, mark.radius_km) {
                let radius = RadiusKm::new(km).ok();
                about.area = Point::new(lat, lon).zip(radius).map(|(centre, radius)| Area { centre, radius });
            }
            about.selectors.extend(mark.selector);
            let subject = mark.subject.as_deref().and_then(crate::connection::bits);
            about.subjects.extend(subject.map(PersonId::from_bits));
        }
        about.selectors.sort_unstable();
        Ok(about)
    }
}
