//! The agencies and members of a made up record.

use super::dice::Dice;
use super::work::forces;
use super::{Account, Cast, Size};
use crate::member::Invitation;
use crate::{Outside, Result, Store};
use homeward_access::Actor;
use homeward_model::{
    Agency, AgencyId, AgencyKind, Digest, EmailAddress, Instant, MemberId, MemberScope, Ori, Role, Roles,
};

/// Jobs of the members of an agency of police.
const POLICE: [Role; 6] = [
    Role::Analyst,
    Role::Investigator,
    Role::Supervisor,
    Role::Coordinator,
    Role::Investigator,
    Role::VictimSpecialist,
];

/// Jobs at the clearinghouse.
const CLEARINGHOUSE: [Role; 6] = [
    Role::Analyst,
    Role::Clearinghouse,
    Role::Supervisor,
    Role::Coordinator,
    Role::Records,
    Role::Investigator,
];

const STATES: [&str; 10] = ["NC", "SC", "GA", "TN", "VA", "FL", "TX", "OH", "CA", "WA"];

/// Installs them by the acts of the store.
pub(super) async fn install(store: &Store, size: Size, seed: u64, now: Instant) -> Result<Cast> {
    let outside = Outside { from: "made up", now };
    let mut dice = Dice::new(seed);
    let forces = forces();
    let mut cast = Cast { accounts: Vec::new(), actors: Vec::new(), agencies: Vec::new() };
    for number in 0..size.agencies {
        let id = AgencyId::from_bits(dice.wide());
        let kind = match number {
            0 => AgencyKind::Clearinghouse,
            1..=3 => AgencyKind::Federal,
            _ => AgencyKind::Police,
        };
        let ori = Ori::new(&format!("{}{number:07}", STATES[number % STATES.len()]))?;
        let agency = Agency::list(id, Some(ori), format!("Agency {number}"), kind)?;
        store.list_agency(outside, agency.clone()).await?;
        store.admit_agency(outside, id, Digest::of(b"terms")).await?;
        cast.agencies.push(id);
        let jobs = if number == 0 { CLEARINGHOUSE } else { POLICE };
        for (place, role) in jobs.into_iter().enumerate() {
            let member = MemberId::from_bits(dice.wide());
            let roles = Roles::new(vec![role])?;
            let email = format!("m{place}.{number}@example.org");
            let invitation = Invitation {
                id: member,
                name: format!("Member {number}-{place}"),
                email: EmailAddress::new(&email)?,
                agency: id,
                roles,
            };
            // One member in three serves on the task force of the region.
            let task_forces = if place % 3 == 0 { vec![forces[number % forces.len()]] } else { Vec::new() };
            let scope = MemberScope { task_forces, ..MemberScope::default() };
            let held = store.install_member(outside, invitation, scope).await?;
            let Some(actor) = Actor::of(&held.noun, &agency, now) else { continue };
            cast.actors.push(actor.clone());
            // The accounts are spread over agencies and jobs.
            if cast.accounts.len() < size.accounts
                && (number + place) % 6 < size.accounts.div_ceil(size.agencies)
            {
                let password = format!("{:016x}", dice.bits());
                let codes = dice.wide().to_be_bytes().to_vec();
                store.set_credential(outside, member, &password, Some(&codes)).await?;
                cast.accounts.push(Account { email, password, codes, actor });
            }
        }
    }
    Ok(cast)
}
