//! Our values as Cedar's entities and context.

use crate::{Act, Actor, Kind, Purpose, Resource};
use cedar_policy::{Context, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use homeward_model::Instant;
use std::collections::{HashMap, HashSet};

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(type_name(kind), EntityId::new(id))
}

fn type_name(name: &str) -> EntityTypeName {
    name.parse().expect("a name of ours is an identifier")
}

fn text(value: &impl ToString) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_string())
}

fn texts<'a, T: ToString + 'a>(values: impl IntoIterator<Item = &'a T>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.into_iter().map(text))
}

/// The name of an act.
pub fn action(act: Act) -> EntityUid {
    uid("Action", act.word())
}

/// The name of an actor.
pub fn member_uid(actor: &Actor) -> EntityUid {
    uid("Member", &actor.member.to_string())
}

/// The type of a kind of record.
pub fn record_type(kind: Kind) -> EntityTypeName {
    type_name(kind.name())
}

/// The name of the one record of a decision.
pub fn record_uid(kind: Kind) -> EntityUid {
    uid(kind.name(), "record")
}

/// An actor and their roles.
pub fn member(actor: &Actor) -> Vec<Entity> {
    let roles: HashSet<EntityUid> = actor.roles.list().iter().map(|role| uid("Role", role.word())).collect();
    let attributes = HashMap::from([
        ("id".to_owned(), text(&actor.member)),
        ("organisation".to_owned(), text(&actor.organisation)),
        ("provider".to_owned(), RestrictedExpression::new_bool(actor.provider)),
        ("taskForces".to_owned(), texts(&actor.task_forces)),
        ("compartments".to_owned(), texts(&actor.compartments)),
        (
            "accessEnds".to_owned(),
            RestrictedExpression::new_long(actor.access_ends.map_or(i64::MAX, |end| end.0)),
        ),
    ]);
    let mut entities: Vec<Entity> =
        roles.iter().map(|role| Entity::new_no_attrs(role.clone(), HashSet::new())).collect();
    entities.push(Entity::new(member_uid(actor), attributes, roles).expect("literals evaluate"));
    entities
}

/// A record as it stands at a moment: what has run out is not told.
pub fn record(resource: &Resource, now: Instant) -> Entity {
    let released = resource.releases.iter().filter(|(_, window)| window.contains(now)).map(|(to, _)| to);
    let opened = resource.opened.iter().filter(|(_, window)| window.contains(now)).map(|(to, _)| to);
    let mut attributes = HashMap::from([
        ("owner".to_owned(), text(&resource.owner)),
        ("assigned".to_owned(), texts(&resource.assigned)),
        ("taskForces".to_owned(), texts(&resource.task_forces)),
        ("sealed".to_owned(), RestrictedExpression::new_bool(resource.sealed)),
        ("state".to_owned(), text(&resource.state)),
        ("releasedTo".to_owned(), texts(released)),
        ("referredTo".to_owned(), texts(&resource.referred_to)),
        ("openedFor".to_owned(), texts(opened)),
    ]);
    if let Some(compartment) = resource.compartment {
        attributes.insert("compartment".to_owned(), text(&compartment));
    }
    Entity::new(record_uid(resource.kind), attributes, HashSet::new()).expect("literals evaluate")
}

/// The circumstances of an act.
pub fn context(purpose: &Purpose, now: Instant) -> Context {
    let pairs = [
        ("now".to_owned(), RestrictedExpression::new_long(now.0)),
        ("purpose".to_owned(), text(&purpose.kind)),
        ("basis".to_owned(), RestrictedExpression::new_bool(purpose.basis.is_some())),
        ("reason".to_owned(), RestrictedExpression::new_bool(purpose.reason.is_some())),
    ];
    Context::from_pairs(pairs).expect("literals evaluate")
}
