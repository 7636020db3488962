//! A [`Scope`] as a condition on the table of records. Every leaf is true or false, never unknown: an empty column makes it
//! false before anything is negated.

use crate::connection::bytes;
use crate::schema::{record, tie};
use homeward_access::Scope;
use homeward_model::Instant;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};

/// The word of a relation in the table of ties.
pub const ASSIGNED: &str = "assigned";
/// A task force that shares a record.
pub const TASK_FORCE: &str = "task force";
/// An organisation that a release lets in.
pub const RELEASED: &str = "released";
/// An organisation that a referral or a pointer concerns.
pub const REFERRED: &str = "referred";
/// A member for whom break-glass opened a record.
pub const OPENED: &str = "opened";
/// The record that a record belongs to, such as the victim of a recovery fact. It opens nothing to anybody.
pub const OF: &str = "of";

/// The condition that selects what a scope allows.
pub fn condition(scope: &Scope) -> Condition {
    let of = |expression: SimpleExpr| Condition::all().add(expression);
    match scope {
        Scope::All => of(Expr::val(1).eq(1)),
        Scope::None => of(Expr::val(1).eq(0)),
        Scope::And(parts) => parts.iter().fold(Condition::all(), |all, part| all.add(condition(part))),
        // An empty `any` would select everything.
        Scope::Or(parts) if parts.is_empty() => condition(&Scope::None),
        Scope::Or(parts) => parts.iter().fold(Condition::any(), |any, part| any.add(condition(part))),
        Scope::Not(inner) => Condition::all().add(condition(inner)).not(),
        Scope::OwnerIs(organisation) => of(record::Column::Owner.eq(bytes(organisation.bits()))),
        Scope::AssignedTo(member) => of(tied(ASSIGNED, [member.bits()], None)),
        Scope::TaskForceIn(forces) => of(tied(TASK_FORCE, forces.iter().map(|force| force.bits()), None)),
        Scope::InCompartment => of(record::Column::Compartment.is_not_null()),
        Scope::CompartmentIn(compartments) => {
            let among = compartments.iter().map(|compartment| bytes(compartment.bits()));
            Condition::all()
                .add(record::Column::Compartment.is_not_null())
                .add(record::Column::Compartment.is_in(among))
        }
        Scope::Sealed => of(record::Column::IsSealed.eq(true)),
        Scope::StateIs(state) => of(record::Column::State.eq(state.as_str())),
        Scope::ReleasedTo(organisation, at) => of(tied(RELEASED, [organisation.bits()], Some(*at))),
        Scope::ReferredTo(organisation) => of(tied(REFERRED, [organisation.bits()], None)),
        Scope::OpenedFor(member, at) => of(tied(OPENED, [member.bits()], Some(*at))),
    }
}

/// One existence test on the table of ties.
fn tied(relation: &str, parties: impl IntoIterator<Item = u128>, at: Option<Instant>) -> SimpleExpr {
    let parties: Vec<Vec<u8>> = parties.into_iter().map(bytes).collect();
    if parties.is_empty() {
        return Expr::val(1).eq(0);
    }
    let mut query = Query::select();
    query
        .expr(Expr::val(1))
        .from(tie::Entity)
        .and_where(Expr::col((tie::Entity, tie::Column::Record)).equals((record::Entity, record::Column::Id)))
        .and_where(tie::Column::Relation.eq(relation))
        .and_where(tie::Column::Party.is_in(parties));
    if let Some(at) = at {
        query.and_where(tie::Column::StartsAt.lte(at.0)).and_where(tie::Column::EndsAt.gt(at.0));
    }
    Expr::exists(query)
}
