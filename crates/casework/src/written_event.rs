//! What somebody types who plans an event: when and where, what for, who goes.

use crate::initiative::window;
use crate::selectors::selectors;
use crate::written::{Problems, WrittenPlace};
use crate::{Result, Trouble, Who};
use homeward_model::{
    AgeAt, Area, Brief, EventKind, Matter, MemberId, Plan, RadiusKm, Role, TaskForceId, Team,
};
use homeward_rules::record::RecordRules;

/// When and where an event is, as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenWhere {
    /// The start; without a zone, UTC.
    pub starts: String,
    /// The end.
    pub ends: String,
    /// City and state, or coordinates.
    pub place: WrittenPlace,
    /// Radius in kilometres; empty means what the rules say.
    pub radius_km: String,
    /// The address, as people say it.
    pub address: String,
    /// Telephone numbers and handles that it turns on, one a line.
    pub selectors: String,
}

/// What an event is for, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenBrief {
    /// What is to be reached.
    pub objective: String,
    /// Hospital, safe place.
    pub safe_place: String,
    /// Telephone numbers, radio channel.
    pub contacts: String,
    /// The lead it serves, by id.
    pub lead: String,
    /// The missing report it serves, by id.
    pub report: String,
}

/// Who takes part, as it was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenTeam {
    /// Members who go, by id.
    pub staff: Vec<String>,
    /// The supervisor who is asked to approve, by id; empty for none.
    pub supervisor: String,
}

/// An event as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenEvent {
    /// `undercover meeting`, `surveillance`, `search warrant` or `recovery`.
    pub kind: String,
    /// `commercial sex` or `other`; empty means the former.
    pub matter: String,
    /// Whether it may meet a child.
    pub may_meet_child: bool,
    /// When and where.
    pub at: WrittenWhere,
    /// What it is for.
    pub brief: WrittenBrief,
    /// Who takes part.
    pub team: WrittenTeam,
    /// The victim specialist who is asked for an hour, by id; empty for none yet.
    pub specialist: String,
    /// Whether only those who are named open it.
    pub sealed: bool,
}

impl WrittenWhere {
    pub(crate) fn read(&self, problems: &mut Problems) -> Option<Plan> {
        let window = window(problems, &self.starts, &self.ends);
        let km = problems.number("radius", &self.radius_km, (0.001, 1000.0));
        let policy = f64::from(RecordRules::embedded().clocks.check_radius.metres) / 1000.0;
        let address = problems.text("address", &self.address, 400);
        let selectors = selectors(problems, &self.selectors);
        let before = problems.count();
        let point = self.place.point(problems);
        if point.is_none() && problems.count() == before {
            problems.note("give the place: city and state, or latitude and longitude");
        }
        let area = point.zip(RadiusKm::new(km.unwrap_or(policy)).ok());
        let area = area.map(|(centre, radius)| Area { centre, radius });
        Some(Plan { window: window?, area: area?, address, selectors })
    }
}

impl WrittenBrief {
    pub(crate) fn read(&self, problems: &mut Problems) -> Brief {
        Brief {
            objective: problems.text("objective", &self.objective, 2000),
            safe_place: problems.text("safe place", &self.safe_place, 400),
            contacts: problems.text("contacts", &self.contacts, 400),
            lead: problems.word("lead", &self.lead, |text| text.parse().ok()),
            report: problems.word("report", &self.report, |text| text.parse().ok()),
        }
    }
}

impl WrittenEvent {
    pub(crate) fn kind_and_matter(&self, problems: &mut Problems) -> Option<(EventKind, Matter)> {
        let kind = EventKind::parse(self.kind.trim());
        if kind.is_none() {
            let words: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.word()).collect();
            problems.note(format!("`kind` is one of: {}", words.join(", ")));
        }
        let matter = match self.matter.trim() {
            "" => Some(Matter::CommercialSex),
            word => problems.word("matter", word, Matter::parse),
        };
        kind.zip(matter)
    }
}

/// Who may be named for an event of an agency: its own people, and those of the task force that runs the operation.
pub(crate) struct Pool<'a> {
    pub(crate) who: &'a Who,
    pub(crate) agency: homeward_model::AgencyId,
    pub(crate) task_force: Option<TaskForceId>,
}

/// Jobs that go to an event and can open it.
pub(crate) const STAFF: [Role; 3] = [Role::Investigator, Role::Supervisor, Role::Coordinator];

impl Pool<'_> {
    /// Members in one of these jobs who may be named.
    pub(crate) fn members(&self, jobs: &[Role]) -> Vec<MemberId> {
        let mut found: Vec<MemberId> =
            self.who.members_of(self.agency, jobs).into_iter().map(|member| member.id).collect();
        if let Some(force) = self.task_force {
            let others = self.who.all_members().filter(|member| {
                member.active
                    && member.agency != self.agency
                    && member.scope.task_forces.contains(&force)
                    && member.roles.iter().any(|role| jobs.contains(role))
            });
            let mut others: Vec<MemberId> = others.map(|member| member.id).collect();
            others.sort_unstable();
            found.extend(others);
        }
        found
    }

    fn one(&self, text: &str, jobs: &[Role], what: &str) -> Result<MemberId> {
        let member = text.trim().parse().ok().filter(|member| self.members(jobs).contains(member));
        member.ok_or_else(|| Trouble::invalid(format!("choose {what} of your agency or of the task force")))
    }

    pub(crate) fn team(&self, written: &WrittenTeam) -> Result<Team> {
        let staff = written.staff.iter().filter(|text| !text.trim().is_empty());
        let staff: Result<Vec<MemberId>> =
            staff.map(|text| self.one(text, &STAFF, "members who go to events")).collect();
        let mut staff = staff?;
        staff.sort_unstable();
        staff.dedup();
        let supervisor = match written.supervisor.trim() {
            "" => None,
            text => Some(self.one(text, &[Role::Supervisor], "a supervisor")?),
        };
        Ok(Team { staff, supervisor })
    }

    pub(crate) fn specialist(&self, text: &str) -> Result<Option<MemberId>> {
        match text.trim() {
            "" => Ok(None),
            text => self.one(text, &[Role::VictimSpecialist], "an active victim specialist").map(Some),
        }
    }
}

/// An age as people write it: `17`, `16-19`, `adult`; empty or `unknown` means that it may be a child's.
pub(crate) fn age(text: &str) -> Result<AgeAt> {
    let years = |text: &str| text.trim().parse::<u8>().ok().filter(|years| *years <= 120);
    let found = match text.trim() {
        "" | "unknown" => Some(AgeAt::UnknownPossiblyChild),
        "adult" => Some(AgeAt::UnknownAdult),
        text => match text.split_once('-') {
            Some((least, most)) => {
                let both = years(least).zip(years(most)).filter(|(least, most)| least <= most);
                both.map(|(least, most)| AgeAt::Between(least, most))
            }
            None => years(text).map(AgeAt::Known),
        },
    };
    found.ok_or_else(|| Trouble::invalid("write the age as `17`, `16-19`, `adult` or `unknown`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_as_people_write_them() {
        let check = |text: &str, expected: Option<AgeAt>| assert_eq!(age(text).ok(), expected, "{text}");
        check("17", Some(AgeAt::Known(17)));
        check("16 - 19", Some(AgeAt::Between(16, 19)));
        check("adult", Some(AgeAt::UnknownAdult));
        check("", Some(AgeAt::UnknownPossiblyChild));
        check("19-16", None);
        check("old", None);
        check("300", None);
    }

    #[test]
    fn all_that_is_missing_of_a_place_is_said() {
        let mut problems = Problems::default();
        assert_eq!(WrittenWhere::default().read(&mut problems), None);
        let said = problems.or(()).unwrap_err().to_string();
        assert!(said.contains("give both `starts` and `ends`") && said.contains("give the place"), "{said}");
    }
}
