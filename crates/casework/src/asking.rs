//! What somebody types who asks a check: when, where, after what. Padding and radius come from the rules when nothing else is
//! said.

use crate::Result;
use crate::selectors::selectors;
use crate::written::{Problems, WrittenPlace};
use homeward_model::{
    Area, Asked, CheckId, CheckTarget, DateWindow, EventId, Instant, PersonId, RadiusKm, Span,
};
use homeward_rules::record::RecordRules;
use homeward_store::Restriction;
use homeward_store::check::Inquiry;

/// When and where a plan is, as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenPlan {
    /// The start; without a zone, UTC.
    pub starts: String,
    /// The end.
    pub ends: String,
    /// Minutes by which the window is widened on both sides; empty means what the rules say.
    pub pad_minutes: String,
    /// Where.
    pub place: WrittenPlace,
    /// Radius in kilometres; empty means what the rules say.
    pub radius_km: String,
}

/// A check as it was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenCheck {
    /// `event`, `selector` or `subject`; empty means `event`.
    pub target: String,
    /// The planned event, by an id that the client made; empty means one that follows from the check.
    pub event: String,
    /// When and where.
    pub plan: WrittenPlan,
    /// Selectors, one a line.
    pub selectors: String,
    /// Subjects, an id a line.
    pub subjects: String,
    /// Other systems that were asked, one a line, each with the time of its answer: `RISSafe: 2026-11-24 14:30`.
    pub elsewhere: String,
}

impl WrittenPlan {
    /// The padded window and the circle.
    pub(crate) fn read(&self, problems: &mut Problems) -> (Option<DateWindow>, Option<Area>) {
        let clocks = &RecordRules::embedded().clocks;
        let starts = problems.moment("starts", &self.starts);
        let ends = problems.moment("ends", &self.ends);
        let pad = problems.number("pad", &self.pad_minutes, (0.0, 1440.0));
        let pad = pad.map_or(clocks.check_window_pad.span, |minutes| Span::minutes(minutes as u32));
        let window = match (starts, ends) {
            (Some(starts), Some(ends)) => match DateWindow::new(starts, ends) {
                Ok(window) => Some(window.padded(pad)),
                Err(refused) => {
                    problems.note(refused);
                    None
                }
            },
            (None, None) => None,
            _ => {
                if self.starts.trim().is_empty() || self.ends.trim().is_empty() {
                    problems.note("give both `starts` and `ends`, or neither");
                }
                None
            }
        };
        let km = problems.number("radius", &self.radius_km, (0.001, 1000.0));
        let km = km.unwrap_or_else(|| f64::from(clocks.check_radius.metres) / 1000.0);
        let point = self.place.point(problems);
        let area = point.zip(RadiusKm::new(km).ok()).map(|(centre, radius)| Area { centre, radius });
        (window, area)
    }
}

impl WrittenCheck {
    /// What it asks.
    pub(crate) fn read(&self, id: CheckId, now: Instant) -> Result<Inquiry> {
        let mut problems = Problems::default();
        let (window, area) = self.plan.read(&mut problems);
        let selectors = selectors(&mut problems, &self.selectors);
        let subjects = self.subjects(&mut problems);
        let asked_elsewhere = self.elsewhere(&mut problems, now);
        let event = match self.event.trim() {
            "" => EventId::of_text(&format!("plan of {id}")),
            text => text.parse().unwrap_or_else(|_| {
                problems.note("`event` must be a uuid");
                EventId::from_bits(0)
            }),
        };
        let target = match self.target.trim() {
            "" | "event" => Some(CheckTarget::Event(event)),
            "selector" => selectors.first().cloned().map(CheckTarget::Selector),
            "subject" => subjects.first().copied().map(CheckTarget::Subject),
            _ => None,
        };
        if target.is_none() {
            problems.note("`target` is `event`, `selector` with a selector, or `subject` with a subject");
        }
        if area.is_some() && window.is_none() {
            problems.note("a place alone meets nobody: give the window of time too");
        }
        if area.is_none() && selectors.is_empty() && subjects.is_empty() {
            problems.note("nothing is asked about: give a place with its time, a selector or a subject");
        }
        let target = target.unwrap_or(CheckTarget::Event(event));
        let restriction = Restriction::default();
        problems.or(Inquiry { id, target, window, area, selectors, subjects, asked_elsewhere, restriction })
    }

    fn subjects(&self, problems: &mut Problems) -> Vec<PersonId> {
        let mut found = Vec::new();
        for line in problems.lines("subjects", &self.subjects) {
            match line.parse() {
                Ok(person) => found.push(person),
                Err(_) => problems.note(format!("`{line}` is no subject: name a person by their id")),
            }
        }
        found
    }

    fn elsewhere(&self, problems: &mut Problems, now: Instant) -> Vec<Asked> {
        let mut found = Vec::new();
        for line in problems.lines("asked elsewhere", &self.elsewhere) {
            let Some((system, at)) = line.split_once(':') else {
                problems.note(format!(
                    "`{line}`: write the system and when it answered, `RISSafe: 2026-11-24 14:30`"
                ));
                continue;
            };
            let at = problems.moment("asked elsewhere", at);
            if at.is_some_and(|at| at > now) {
                problems.note(format!("`{line}` lies in the future"));
            }
            found.extend(at.map(|at| Asked { system: system.trim().to_owned(), at }));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> WrittenPlan {
        let place = WrittenPlace { city: "Charlotte".into(), state: "NC".into(), ..WrittenPlace::default() };
        let (starts, ends) = ("2026-11-25 14:00".to_owned(), "2026-11-25 16:00".to_owned());
        WrittenPlan { starts, ends, place, ..WrittenPlan::default() }
    }

    fn read(check: &WrittenCheck) -> Result<Inquiry> {
        check.read(CheckId::from_bits(1), Instant::parse("2026-11-24").unwrap())
    }

    #[test]
    fn the_rules_pad_and_draw_the_circle() {
        let asked = read(&WrittenCheck { plan: plan(), ..WrittenCheck::default() }).unwrap();
        assert_eq!(asked.window.unwrap().start().to_string(), "2026-11-25T13:30:00Z");
        assert_eq!(asked.area.unwrap().radius.km(), 0.8);
        let own = WrittenPlan { pad_minutes: "0".into(), radius_km: "2".into(), ..plan() };
        let asked = read(&WrittenCheck { plan: own, ..WrittenCheck::default() }).unwrap();
        assert_eq!(asked.window.unwrap().start().to_string(), "2026-11-25T14:00:00Z");
        assert_eq!(asked.area.unwrap().radius.km(), 2.0);
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        let nothing = read(&WrittenCheck::default()).unwrap_err().to_string();
        assert!(nothing.contains("nothing is asked about"), "{nothing}");
        let bad = WrittenCheck {
            target: "subject".into(),
            plan: WrittenPlan { ends: "2026-11-25 13:00".into(), ..plan() },
            selectors: "phone: 1".into(),
            elsewhere: "RISSafe".into(),
            ..WrittenCheck::default()
        };
        let said = read(&bad).unwrap_err().to_string();
        for part in ["no window of time", "is no phone", "`target` is", "`RISSafe`: write"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
