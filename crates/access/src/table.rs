//! The whole table of permissions: every act on every kind, for every role, in every relation, tried on the policies
//! themselves. It is kept as a reviewed file, so that a change of a policy shows what it really changes.

use crate::sight::{actor_in, purpose_of};
use crate::{Act, Actor, Basis, Kind, Purpose, Relation, Resource, authorize};
use homeward_model::{
    AgencyId, CompartmentId, DateWindow, Grounds, Instant, LeadId, MemberId, Role, TaskForceId,
};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// One column of marks: a letter, what it means, and the situation.
struct Situation {
    mark: char,
    meaning: &'static str,
    prepare: fn(Role, Kind) -> (Actor, Resource),
}

const NOW: Instant = Instant(1_000_000);
const OTHER: AgencyId = AgencyId::from_bits(2);

const SITUATIONS: &[Situation] = &[
    Situation {
        mark: 'o',
        meaning: "own organisation owns it",
        prepare: |role, kind| stands(role, Relation::Own, kind, |_| ()),
    },
    Situation {
        mark: 'a',
        meaning: "assigned to it, own organisation owns it",
        prepare: |role, kind| stands(role, Relation::Assigned, kind, |_| ()),
    },
    Situation {
        mark: 'x',
        meaning: "assigned to it, another organisation owns it",
        prepare: |role, kind| stands(role, Relation::AssignedFromOutside(OTHER), kind, |_| ()),
    },
    Situation {
        mark: 't',
        meaning: "only in a task force that shares it",
        prepare: |role, kind| stands(role, Relation::TaskForce(TaskForceId::from_bits(3)), kind, |_| ()),
    },
    Situation {
        mark: 'r',
        meaning: "only referred to the own organisation, or a hit points to it",
        prepare: |role, kind| stands(role, Relation::Referred(OTHER), kind, |_| ()),
    },
    Situation {
        mark: 'l',
        meaning: "only released to the own organisation by a standing release",
        prepare: |role, kind| stands(role, Relation::Released(OTHER), kind, |_| ()),
    },
    Situation {
        mark: 'g',
        meaning: "only opened by break-glass",
        prepare: |role, kind| stands(role, Relation::Opened(MemberId::from_bits(5)), kind, |_| ()),
    },
    Situation {
        mark: 's',
        meaning: "own organisation owns it, and it is sealed",
        prepare: |role, kind| stands(role, Relation::Own, kind, |resource| resource.sealed = true),
    },
    Situation {
        mark: 'c',
        meaning: "own organisation owns it, in a compartment the member was not read into",
        prepare: |role, kind| {
            let (mut actor, resource) = stands(role, Relation::Own, kind, |resource| {
                resource.compartment = Some(CompartmentId::from_bits(6));
            });
            actor.compartments.clear();
            (actor, resource)
        },
    },
    Situation {
        mark: 'e',
        meaning: "own organisation owns it, but access has ended",
        prepare: |role, kind| {
            let (actor, resource) = stands(role, Relation::Own, kind, |_| ());
            (Actor { access_ends: Some(NOW), ..actor }, resource)
        },
    },
    Situation {
        mark: 'n',
        meaning: "nothing ties the member to it",
        prepare: |role, kind| stands(role, Relation::Stranger, kind, |_| ()),
    },
];

/// An actor in a relation to a record that is tied to somebody in every way at once, so that only the relation differs.
fn stands(role: Role, relation: Relation, kind: Kind, change: fn(&mut Resource)) -> (Actor, Resource) {
    let window = DateWindow::new(Instant(0), Instant(2_000_000)).expect("it starts before it ends");
    let mut resource = Resource::owned(kind, AgencyId::from_bits(1));
    resource.assigned = vec![MemberId::from_bits(4)];
    match relation {
        Relation::TaskForce(force) => resource.task_forces = vec![force],
        Relation::Referred(organisation) => resource.referred_to = vec![organisation],
        Relation::Released(organisation) => resource.releases = vec![(organisation, window)],
        Relation::Opened(member) => resource.opened = vec![(member, window)],
        _ => {}
    }
    change(&mut resource);
    (actor_in(role, relation, &resource), resource)
}

/// The table in Markdown.
pub fn permissions() -> &'static str {
    static TABLE: OnceLock<String> = OnceLock::new();
    TABLE.get_or_init(written)
}

fn written() -> String {
    let mut text = String::from(
        "# Permissions\n\nGenerated from the policies of `crates/access/policies`; do not edit. Everything is refused that \
         shows no letter.\nEvery act is tried with a purpose that fits it, a basis and a reason.\n\nA letter says in which \
         situation a role may do the act:\n\n",
    );
    for situation in SITUATIONS {
        let _ = writeln!(text, "- `{}` {}", situation.mark, situation.meaning);
    }
    for kind in Kind::ALL {
        let heads: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
        let _ = write!(
            text,
            "\n## {kind}\n\n| act | {} |\n|---{}|\n",
            heads.join(" | "),
            "|---".repeat(heads.len())
        );
        for act in Act::ALL.iter().filter(|act| act.kinds().contains(kind)) {
            let cells: Vec<String> = Role::ALL.iter().map(|role| cell(*act, *role, *kind)).collect();
            let _ = writeln!(text, "| {act} | {} |", cells.join(" | "));
        }
    }
    text
}

/// `✓` with the letters of the situations in which a role may do an act, or `✗`.
fn cell(act: Act, role: Role, kind: Kind) -> String {
    let purpose = Purpose {
        kind: purpose_of(kind),
        basis: Some(Basis::Lead(LeadId::from_bits(7))),
        reason: Some(Grounds::new("table").expect("it is not empty")),
    };
    let allowed = |situation: &&Situation| {
        let (actor, resource) = (situation.prepare)(role, kind);
        authorize(&actor, act, &purpose, &resource, NOW).allow
    };
    let marks: String = SITUATIONS.iter().filter(allowed).map(|situation| situation.mark).collect();
    if marks.is_empty() { "✗".to_owned() } else { format!("✓ {marks}") }
}
