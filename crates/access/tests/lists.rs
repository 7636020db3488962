//! Lists and single decisions agree: the scope of every role, act and kind is true of exactly those records on which the
//! full authorizer allows the act.

use homeward_access::{Act, Actor, Basis, Kind, Purpose, PurposeKind, Resource, Scope, authorize, scope};
use homeward_model::{
    AgencyId, CompartmentId, DateWindow, Grounds, Instant, LeadId, MemberId, Role, Roles, TaskForceId,
};
use proptest::collection::vec;
use proptest::prelude::*;

const NOW: Instant = Instant(50);

fn window() -> impl Strategy<Value = DateWindow> {
    (0i64..60, 1i64..60)
        .prop_map(|(start, length)| DateWindow::new(Instant(start), Instant(start + length)).unwrap())
}

fn agency() -> impl Strategy<Value = AgencyId> {
    (0u128..3).prop_map(AgencyId::from_bits)
}

fn member() -> impl Strategy<Value = MemberId> {
    (0u128..3).prop_map(MemberId::from_bits)
}

fn forces() -> impl Strategy<Value = Vec<TaskForceId>> {
    vec((0u128..3).prop_map(TaskForceId::from_bits), 0..3)
}

fn compartment() -> impl Strategy<Value = CompartmentId> {
    (0u128..3).prop_map(CompartmentId::from_bits)
}

fn resource() -> impl Strategy<Value = Resource> {
    let ties = (agency(), vec(member(), 0..2), forces(), vec(agency(), 0..2));
    let closed =
        (prop::option::weighted(0.2, compartment()), prop::bool::weighted(0.2), prop::bool::weighted(0.3));
    let opened = (vec((agency(), window()), 0..2), vec((member(), window()), 0..2));
    (ties, closed, opened).prop_map(
        |(
            (owner, assigned, task_forces, referred_to),
            (compartment, sealed, withdrawn),
            (releases, opened),
        )| Resource {
            kind: Kind::Lead,
            owner,
            assigned,
            task_forces,
            compartment,
            sealed,
            state: if withdrawn { "withdrawn" } else { "missing" }.to_owned(),
            releases,
            referred_to,
            opened,
        },
    )
}

fn actor() -> impl Strategy<Value = Actor> {
    let ends = prop::option::weighted(0.2, (45i64..55).prop_map(Instant));
    let of = (agency(), any::<bool>());
    (member(), of, forces(), vec(compartment(), 0..2), ends, 0usize..Role::ALL.len()).prop_map(
        |(member, (organisation, provider), task_forces, compartments, access_ends, role)| {
            let roles = Roles::new(vec![Role::ALL[role]]).unwrap();
            Actor { member, roles, organisation, provider, task_forces, compartments, access_ends }
        },
    )
}

fn purpose() -> impl Strategy<Value = Purpose> {
    let kinds = [PurposeKind::Investigation, PurposeKind::Audit, PurposeKind::VictimService];
    (0usize..3, any::<bool>(), any::<bool>()).prop_map(move |(kind, basis, reason)| Purpose {
        kind: kinds[kind],
        basis: basis.then(|| Basis::Lead(LeadId::from_bits(1))),
        reason: reason.then(|| Grounds::new("a reason").unwrap()),
    })
}

/// Every act with every kind it is done to.
fn pairs() -> Vec<(Act, Kind)> {
    Act::ALL.iter().flat_map(|act| act.kinds().iter().map(|kind| (*act, *kind))).collect()
}

#[test]
fn every_role_act_and_kind_can_be_listed() {
    let mut actor = Actor {
        member: MemberId::from_bits(1),
        roles: Roles::new(vec![Role::Analyst]).unwrap(),
        organisation: AgencyId::from_bits(1),
        provider: true,
        task_forces: vec![TaskForceId::from_bits(1)],
        compartments: vec![CompartmentId::from_bits(1)],
        access_ends: None,
    };
    for role in Role::ALL {
        actor.roles = Roles::new(vec![*role]).unwrap();
        for (act, kind) in pairs() {
            let scope = scope(&actor, act, kind, &Purpose::of(PurposeKind::Investigation), NOW);
            assert!(scope.is_ok(), "{role}, {act}, {kind}: {}", scope.unwrap_err());
        }
    }
    assert_eq!(scope(&actor, Act::Judge, Kind::Lead, &Purpose::of(PurposeKind::Audit), NOW), Ok(Scope::None));
}

#[test]
fn a_scope_reads_as_its_policies_do() {
    let actor = Actor {
        member: MemberId::from_bits(1),
        roles: Roles::new(vec![Role::Administrator]).unwrap(),
        organisation: AgencyId::from_bits(2),
        provider: false,
        task_forces: Vec::new(),
        compartments: Vec::new(),
        access_ends: Some(NOW),
    };
    let purpose = Purpose::of(PurposeKind::Administration);
    assert_eq!(scope(&actor, Act::List, Kind::Account, &purpose, NOW), Ok(Scope::None), "access has ended");
    let actor = Actor { access_ends: None, ..actor };
    assert_eq!(scope(&actor, Act::List, Kind::Lead, &purpose, NOW), Ok(Scope::None), "no role reads it");
    assert_ne!(scope(&actor, Act::List, Kind::Account, &purpose, NOW), Ok(Scope::None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn lists_and_single_decisions_agree(
        actor in actor(),
        purpose in purpose(),
        resources in vec(resource(), 6),
        picks in vec(any::<prop::sample::Index>(), 8),
    ) {
        let pairs = pairs();
        for pick in picks {
            let (act, kind) = pairs[pick.index(pairs.len())];
            let scope = scope(&actor, act, kind, &purpose, NOW).unwrap();
            for resource in &resources {
                let resource = Resource { kind, ..resource.clone() };
                let decision = authorize(&actor, act, &purpose, &resource, NOW);
                prop_assert_eq!(scope.matches(&resource), decision.allow, "{} {}: {:?}\n{:?}\n{:?}", act, kind, scope, resource, decision);
            }
        }
    }

    /// What is listed can be viewed, and nothing that can be viewed is missing from the list.
    #[test]
    fn what_is_listed_can_be_viewed(actor in actor(), resources in vec(resource(), 4), pick: prop::sample::Index) {
        let purpose = Purpose::of(PurposeKind::Investigation);
        let kind = *pick.get(Act::View.kinds());
        let scope = scope(&actor, Act::List, kind, &purpose, NOW).unwrap();
        for resource in resources {
            let resource = Resource { kind, ..resource };
            prop_assert_eq!(scope.matches(&resource), authorize(&actor, Act::View, &purpose, &resource, NOW).allow);
        }
    }
}
