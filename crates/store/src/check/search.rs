//! What deconfliction looks for, and the search of it: of all that was ever planned, the little that a new plan meets.

use super::Inquiry;
use crate::Result;
use crate::body::Body;
use crate::connection::{bits, bytes};
use crate::schema::check_mark;
use crate::write::Write;
use homeward_model::{
    AgencyId, Area, Check, CheckId, CheckTarget, MemberId, PersonId, Pointer, Selector, Span, following,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// What a later inquiry is to find: one mark for time and place, one for each selector and subject.
pub(crate) fn marks(inquiry: &Inquiry, check: &Check, kept: Span) -> Vec<check_mark::ActiveModel> {
    let lasting = (check.asked.at, check.asked.at.plus(kept));
    let (starts, ends) = inquiry.window.map_or(lasting, |window| (window.start(), window.end()));
    let mut selectors: Vec<String> = inquiry.selectors.iter().map(selector_text).collect();
    let mut subjects = inquiry.subjects.clone();
    match &inquiry.target {
        CheckTarget::Event(_) => {}
        CheckTarget::Subject(person) => subjects.push(*person),
        CheckTarget::Selector(selector) => selectors.push(selector_text(selector)),
    }
    let target = inquiry.target.write().to_string();
    let mark = |area: Option<Area>, selector: Option<String>, subject: Option<PersonId>| {
        let what = format!("{selector:?} {subject:?}");
        check_mark::ActiveModel {
            id: Set(bytes(following(check.id.bits(), 0, &what))),
            check_id: Set(bytes(check.id.bits())),
            agency: Set(bytes(check.agency.bits())),
            contact: Set(bytes(check.asked.by.bits())),
            target: Set(target.clone()),
            // Plans end with their window; a target stays as long as policy keeps it.
            starts_at: Set(if area.is_some() { starts.0 } else { lasting.0.0 }),
            ends_at: Set(if area.is_some() { ends.0 } else { lasting.1.0 }),
            latitude: Set(area.map(|area| area.centre.lat)),
            longitude: Set(area.map(|area| area.centre.lon)),
            radius_km: Set(area.map(|area| area.radius.km())),
            selector: Set(selector),
            subject: Set(subject.map(|person| bytes(person.bits()))),
        }
    };
    let place = inquiry.area.map(|area| mark(Some(area), None, None));
    let selectors = selectors.into_iter().map(|selector| mark(None, Some(selector), None));
    let subjects = subjects.into_iter().map(|subject| mark(None, None, Some(subject)));
    place.into_iter().chain(selectors).chain(subjects).collect()
}

fn selector_text(selector: &Selector) -> String {
    format!("{}:{}", selector.kind.word(), selector.value)
}

/// Kilometres of one degree of latitude, taken a little short so that nothing near the edge is missed before the exact test.
const KM_OF_DEGREE: f64 = 110.5;

/// What the marks of others are asked for: those of a time and place, those of selectors, those of subjects. Each is asked
/// alone, so that each is found by its own index.
fn meetings(inquiry: &Inquiry, marks: &[check_mark::ActiveModel]) -> Vec<Condition> {
    use check_mark::Column;
    let overlap = |mark: &check_mark::ActiveModel| {
        Condition::all()
            .add(Column::EndsAt.gt(*mark.starts_at.as_ref()))
            .add(Column::StartsAt.lt(*mark.ends_at.as_ref()))
    };
    let (mut selectors, mut subjects, mut lasting, mut meetings) = (Vec::new(), Vec::new(), None, Vec::new());
    for mark in marks {
        match (inquiry.area, mark.selector.as_ref(), mark.subject.as_ref()) {
            (_, Some(selector), _) => selectors.push(selector.clone()),
            (_, _, Some(subject)) => subjects.push(subject.clone()),
            (Some(area), None, None) => {
                let reach = Expr::col(Column::RadiusKm).add(area.radius.km()).div(KM_OF_DEGREE);
                let north = Expr::col(Column::Latitude).sub(area.centre.lat).lte(reach.clone());
                let south = Expr::val(area.centre.lat).sub(Expr::col(Column::Latitude)).lte(reach);
                let placed = overlap(mark).add(Column::Latitude.is_not_null());
                meetings.push(placed.add(north.and(south)));
                continue;
            }
            (None, None, None) => continue,
        }
        lasting = Some(overlap(mark));
    }
    if let Some(lasting) = lasting {
        let some = |is: Expr, any: bool| any.then(|| lasting.clone().add(is));
        meetings.extend(some(Column::Selector.is_in(selectors.clone()), !selectors.is_empty()));
        meetings.extend(some(Column::Subject.is_in(subjects.clone()), !subjects.is_empty()));
    }
    meetings
}

/// Standing checks of others that an inquiry meets.
pub(super) async fn search(
    write: &Write<'_>,
    inquiry: &Inquiry,
    marks: &[check_mark::ActiveModel],
) -> Result<Vec<Pointer>> {
    let mut found = Vec::new();
    for meets in meetings(inquiry, marks) {
        let own = check_mark::Column::CheckId.ne(bytes(inquiry.id.bits()));
        let mut others = check_mark::Entity::find().filter(own).filter(meets);
        if matches!(inquiry.target, CheckTarget::Event(_)) {
            // Two checks of one event are of one plan. Two of one selector or subject are what a check is for.
            others = others.filter(check_mark::Column::Target.ne(inquiry.target.write().to_string()));
        }
        found.extend(others.all(write.connection()).await?);
    }
    let mut pointers = Vec::new();
    for mark in found {
        let near = match (inquiry.area, mark.latitude, mark.longitude, mark.radius_km) {
            (Some(area), Some(lat), Some(lon), Some(radius)) => {
                kilometres((area.centre.lat, area.centre.lon), (lat, lon)) <= area.radius.km() + radius
            }
            _ => true,
        };
        let ids = (bits(&mark.check_id), bits(&mark.agency), bits(&mark.contact));
        if let (true, (Some(check), Some(agency), Some(contact))) = (near, ids) {
            let (check, agency) = (CheckId::from_bits(check), AgencyId::from_bits(agency));
            pointers.push(Pointer { check, agency, contact: MemberId::from_bits(contact) });
        }
    }
    pointers.sort_unstable();
    pointers.dedup();
    Ok(pointers)
}

/// Great-circle distance (haversine, mean radius 6,371 km).
fn kilometres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat, lon) = ((b.0 - a.0).to_radians(), (b.1 - a.1).to_radians());
    let h = (lat / 2.0).sin().powi(2)
        + a.0.to_radians().cos() * b.0.to_radians().cos() * (lon / 2.0).sin().powi(2);
    2.0 * 6371.0 * h.sqrt().min(1.0).asin()
}
