//! A scope, cut into branches that one index drives each: the records of an organisation, or those tied to a member, task
//! force or organisation. A list then reads the newest of each branch, whatever the size of the record; a single condition
//! with all its alternatives would make the database walk through everything.

use crate::connection::bytes;
use crate::schema::{record, tie};
use crate::scope_sql::{ASSIGNED, OPENED, REFERRED, RELEASED, TASK_FORCE, condition};
use homeward_access::Scope;
use homeward_model::{AgencyId, Instant};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};

/// What an index finds the records of a branch by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Any record of the kind.
    Kind,
    /// The organisation that owns it.
    Owner(AgencyId),
    /// A lasting tie.
    Tie(&'static str, u128),
    /// A tie that stands at a moment; a record may have several.
    Standing(&'static str, u128, Instant),
}

/// Records that a driver finds and for which the rest of the scope holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    pub driver: Driver,
    pub rest: Scope,
}

/// The branches of a scope: together all it allows. A record may be in several: to tell would make the database look at
/// every record of a branch for those that no other has, and most are their organisation's own.
pub fn branches(scope: &Scope) -> Vec<Branch> {
    cut(scope, false)
}

/// The same, and no record is in two: for counting.
pub fn apart(scope: &Scope) -> Vec<Branch> {
    cut(scope, true)
}

fn cut(scope: &Scope, apart: bool) -> Vec<Branch> {
    let Some(leaves) = leaves(scope) else {
        return vec![Branch { driver: Driver::Kind, rest: scope.clone() }];
    };
    let mut branches = Vec::with_capacity(leaves.len());
    for (at, leaf) in leaves.iter().enumerate() {
        let mut rest = given(scope, leaf, true);
        let mut parts = Vec::new();
        for before in leaves[..at].iter().filter(|_| apart) {
            rest = given(&rest, before, false);
            parts.push(Scope::Not(Box::new(before.clone())));
        }
        if rest == Scope::None {
            continue;
        }
        parts.insert(0, rest);
        branches.extend(driver(leaf).map(|driver| Branch { driver, rest: Scope::And(parts) }));
    }
    branches
}

/// Leaves that an index finds, of which at least one is true of every record that the scope allows; `None` when there are
/// none such.
fn leaves(scope: &Scope) -> Option<Vec<Scope>> {
    match scope {
        Scope::None => Some(Vec::new()),
        Scope::TaskForceIn(forces) => {
            Some(forces.iter().map(|force| Scope::TaskForceIn(vec![*force])).collect())
        }
        Scope::Or(parts) => {
            let mut all = Vec::new();
            for leaf in parts.iter().map(leaves).collect::<Option<Vec<_>>>()?.into_iter().flatten() {
                if !all.contains(&leaf) {
                    all.push(leaf);
                }
            }
            Some(all)
        }
        Scope::And(parts) => parts.iter().filter_map(leaves).min_by_key(Vec::len),
        leaf => driver(leaf).map(|_| vec![leaf.clone()]),
    }
}

fn driver(leaf: &Scope) -> Option<Driver> {
    match leaf {
        Scope::OwnerIs(owner) => Some(Driver::Owner(*owner)),
        Scope::AssignedTo(member) => Some(Driver::Tie(ASSIGNED, member.bits())),
        Scope::TaskForceIn(forces) => forces.first().map(|force| Driver::Tie(TASK_FORCE, force.bits())),
        Scope::ReferredTo(organisation) => Some(Driver::Tie(REFERRED, organisation.bits())),
        Scope::ReleasedTo(organisation, at) => Some(Driver::Standing(RELEASED, organisation.bits(), *at)),
        Scope::OpenedFor(member, at) => Some(Driver::Standing(OPENED, member.bits(), *at)),
        _ => None,
    }
}

/// What a scope still says of records of which a leaf is known to hold, or not to hold.
fn given(scope: &Scope, leaf: &Scope, holds: bool) -> Scope {
    if scope == leaf {
        return if holds { Scope::All } else { Scope::None };
    }
    match scope {
        Scope::TaskForceIn(forces) => match leaf {
            Scope::TaskForceIn(known) if known.iter().all(|force| forces.contains(force)) => {
                if holds {
                    return Scope::All;
                }
                let others = forces.iter().filter(|force| !known.contains(force)).copied().collect();
                Scope::TaskForceIn(others)
            }
            _ => scope.clone(),
        },
        Scope::And(parts) => {
            let parts: Vec<Scope> = parts.iter().map(|part| given(part, leaf, holds)).collect();
            if parts.contains(&Scope::None) {
                return Scope::None;
            }
            let kept: Vec<Scope> = parts.into_iter().filter(|part| *part != Scope::All).collect();
            if kept.is_empty() { Scope::All } else { Scope::And(kept) }
        }
        Scope::Or(parts) => {
            let parts: Vec<Scope> = parts.iter().map(|part| given(part, leaf, holds)).collect();
            if parts.contains(&Scope::All) {
                return Scope::All;
            }
            let kept: Vec<Scope> = parts.into_iter().filter(|part| *part != Scope::None).collect();
            if kept.is_empty() { Scope::None } else { Scope::Or(kept) }
        }
        Scope::Not(inner) => match given(inner, leaf, holds) {
            Scope::All => Scope::None,
            Scope::None => Scope::All,
            other => Scope::Not(Box::new(other)),
        },
        other => other.clone(),
    }
}

impl Branch {
    /// Narrows a query of the table of records to this branch, and to states when there are any. Returns the column that
    /// orders it as its index does.
    pub fn narrow(&self, query: &mut SelectStatement, kind: &str, states: &[String]) -> Expr {
        let id = Expr::col((record::Entity, record::Column::Id));
        query.cond_where(condition(&self.rest)).and_where(record::Column::Kind.eq(kind));
        if !states.is_empty() {
            query.and_where(record::Column::State.is_in(states));
        }
        match self.driver {
            Driver::Kind => id,
            Driver::Owner(owner) => {
                query.and_where(record::Column::Owner.eq(bytes(owner.bits())));
                id
            }
            Driver::Tie(relation, party) => Self::tied(query, kind, states, relation, party),
            Driver::Standing(relation, party, at) => {
                let of = Self::tied(query, kind, states, relation, party);
                let stands = |tie: &str| {
                    let column = |column| Expr::col((Alias::new(tie), column));
                    column(tie::Column::StartsAt).lte(at.0).and(column(tie::Column::EndsAt).gt(at.0))
                };
                // A record may be tied to one party by several windows; the first that stands brings it.
                let earlier = Alias::new("earlier");
                let same = |column| Expr::col((earlier.clone(), column)).equals((tie::Entity, column));
                let before = Query::select()
                    .expr(Expr::val(1))
                    .from_as(tie::Entity, earlier.clone())
                    .and_where(same(tie::Column::Record))
                    .and_where(same(tie::Column::Relation))
                    .and_where(same(tie::Column::Party))
                    .and_where(
                        Expr::col((earlier.clone(), tie::Column::StartsAt))
                            .lt(Expr::col((tie::Entity, tie::Column::StartsAt))),
                    )
                    .and_where(stands("earlier"))
                    .to_owned();
                query.and_where(stands("tie")).and_where(Expr::exists(before).not());
                of
            }
        }
    }

    /// Joins what is tied to a party. The order by the tie's record keeps the database from walking through all records.
    fn tied(query: &mut SelectStatement, kind: &str, states: &[String], relation: &str, party: u128) -> Expr {
        let of = Expr::col((tie::Entity, tie::Column::Record));
        query
            .inner_join(tie::Entity, of.clone().equals((record::Entity, record::Column::Id)))
            .and_where(tie::Column::Relation.eq(relation))
            .and_where(tie::Column::Party.eq(bytes(party)))
            .and_where(tie::Column::Kind.eq(kind));
        if !states.is_empty() {
            query.and_where(tie::Column::State.is_in(states));
        }
        of
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_access::{Kind, Resource};
    use homeward_model::{DateWindow, MemberId, TaskForceId};

    const OWN: AgencyId = AgencyId::from_bits(1);
    const OTHER: AgencyId = AgencyId::from_bits(2);
    const MEMBER: MemberId = MemberId::from_bits(3);
    const NOW: Instant = Instant(7);

    fn force(bits: u128) -> TaskForceId {
        TaskForceId::from_bits(bits)
    }

    fn anybody_tied() -> Scope {
        Scope::Or(vec![
            Scope::OwnerIs(OWN),
            Scope::AssignedTo(MEMBER),
            Scope::TaskForceIn(vec![force(4), force(5)]),
            Scope::ReferredTo(OWN),
            Scope::ReleasedTo(OWN, NOW),
        ])
    }

    fn sealed_for_others() -> Scope {
        Scope::Not(Box::new(Scope::And(vec![Scope::Sealed, Scope::Not(Box::new(Scope::AssignedTo(MEMBER)))])))
    }

    /// Every record that some of the leaves are true of.
    fn records() -> Vec<Resource> {
        let window = DateWindow::new(Instant(0), Instant(9)).unwrap();
        (0u8..64)
            .map(|bits| {
                let is = |bit: u8| bits & (1 << bit) != 0;
                let mut resource = Resource::owned(Kind::Lead, if is(0) { OWN } else { OTHER });
                resource.sealed = is(1);
                resource.assigned.extend(is(2).then_some(MEMBER));
                resource.task_forces.extend(is(3).then_some(force(4)));
                resource.task_forces.extend((is(3) && is(4)).then_some(force(5)));
                resource.referred_to.extend(is(5).then_some(OWN));
                resource.releases.extend((is(4) && !is(3)).then_some((OWN, window)));
                resource
            })
            .collect()
    }

    /// Whether the index of a branch finds a record.
    fn finds(driver: Driver, resource: &Resource) -> bool {
        match driver {
            Driver::Kind => true,
            Driver::Owner(owner) => resource.owner == owner,
            Driver::Tie(ASSIGNED, party) => resource.assigned.iter().any(|member| member.bits() == party),
            Driver::Tie(REFERRED, party) => resource.referred_to.iter().any(|to| to.bits() == party),
            Driver::Tie(_, party) => resource.task_forces.iter().any(|force| force.bits() == party),
            Driver::Standing(..) => !resource.releases.is_empty(),
        }
    }

    fn check(scope: &Scope, drivers: usize) {
        let (branches, apart) = (branches(scope), apart(scope));
        assert_eq!((branches.len(), apart.len()), (drivers, drivers), "{apart:?}");
        for resource in records() {
            let found = |branch: &&Branch| finds(branch.driver, &resource) && branch.rest.matches(&resource);
            let count = apart.iter().filter(found).count();
            assert_eq!(count, usize::from(scope.matches(&resource)), "{resource:?}");
            assert_eq!(
                branches.iter().any(|branch| found(&branch)),
                scope.matches(&resource),
                "{resource:?}"
            );
        }
    }

    #[test]
    fn branches_hold_what_the_scope_allows_and_nothing_twice() {
        check(&anybody_tied(), 6);
        check(&Scope::And(vec![sealed_for_others(), anybody_tied()]), 6);
        check(&Scope::And(vec![Scope::AssignedTo(MEMBER), anybody_tied(), sealed_for_others()]), 1);
        check(&Scope::And(vec![Scope::ReferredTo(OWN), sealed_for_others(), anybody_tied()]), 1);
        check(&Scope::And(vec![Scope::None, anybody_tied()]), 0);
        check(&Scope::Or(Vec::new()), 0);
        check(&Scope::All, 1);
        check(&sealed_for_others(), 1);
    }
}
