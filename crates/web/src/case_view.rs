//! A case as it is shown. No name of a victim stands here, and no birth date: victims have numbers and ages.

pub(crate) use crate::case_views::*;

use crate::desk::{Desk, at};
use homeward_casework::{CountMatrix, ElementRow, Held, gaps, matrix};
use homeward_model::{
    AgeAt, Case, CaseEvidence, CaseState, CaseTask, Instant, KnownAge, Mark, PersonId, Stamp,
};
use homeward_rules::offences::{Offences, Reading};

fn age(age: AgeAt) -> String {
    age.to_string()
}

/// A mark in words.
fn mark(mark: &Mark) -> String {
    match mark {
        Mark::File { digest, bytes } => format!("SHA-256 {}, {bytes} bytes", digest.hex()),
        Mark::Seal(number) => format!("seal {number}"),
    }
}

/// Evidence in words, as it is named in a link.
pub(crate) fn evidence(evidence: CaseEvidence) -> String {
    match evidence {
        CaseEvidence::Exhibit(number) => format!("exhibit {number}"),
        CaseEvidence::Note(number) => format!("note {number}"),
    }
}

fn days(from: Instant, to: Instant) -> String {
    if from.day() == to.day() { from.date() } else { format!("{} to {}", from.date(), to.date()) }
}

/// The name of a subject.
fn named(case: &Case, person: PersonId) -> String {
    let subject = case.parts().subjects.iter().find(|(subject, _)| subject.person() == person);
    subject.map_or_else(|| "no subject any more".to_owned(), |(_, name)| name.clone())
}

fn by(desk: &Desk, stamp: Stamp) -> String {
    format!("{} by {}", at(stamp.at), desk.who.member(stamp.by))
}

/// What lists show.
pub(crate) fn head(desk: &Desk, held: &Held<Case>) -> CaseHead {
    let case = &held.noun;
    let file = case.file();
    CaseHead {
        id: case.id.to_string(),
        state: case.state().word(),
        crime: case.predicate.crime.clone(),
        owner: desk.who.agency(held.resource.owner),
        opened_by: desk.who.member(case.predicate.written.by),
        opened_at: at(case.predicate.written.at),
        team: case.parts().team.iter().map(|member| desk.who.member(*member)).collect(),
        subjects: case.parts().subjects.len(),
        counts: file.counts.iter().filter(|count| count.dropped.is_none()).count(),
        exhibits: file.exhibits.len(),
        gaps: gaps(case, Offences::embedded()),
        open_tasks: file.tasks.iter().filter(|task| task.done.is_none()).count(),
        own_tasks: file
            .tasks
            .iter()
            .filter(|task| task.done.is_none() && task.to == desk.actor.member)
            .map(|one| task(desk, one))
            .collect(),
    }
}

fn task(desk: &Desk, task: &CaseTask) -> TaskView {
    TaskView {
        number: task.number,
        what: task.what.clone(),
        to: desk.who.member(task.to),
        due: task.due.map(at),
        done: task.done.map(|stamp| by(desk, stamp)),
        overdue: task.done.is_none() && task.due.is_some_and(|due| due < desk.now),
    }
}

fn element(row: &ElementRow) -> ElementView {
    let shown = row.shown.iter().map(|shown| ShownView {
        link: shown.link,
        evidence: evidence(shown.evidence),
        way: shown.way.map(|way| way.text.clone()),
        testimony: shown.testimony,
    });
    ElementView {
        id: row.element.id.clone(),
        text: row.element.text.clone(),
        cite: row.element.cite.clone(),
        role: row.element.role.word(),
        hint: row.element.hint.clone(),
        ways: row.ways.iter().map(|way| WayView { id: way.id.clone(), text: way.text.clone() }).collect(),
        shown: shown.collect(),
        gap: row.is_gap(),
        without_testimony: row.stands_without_testimony(),
    }
}

fn count(case: &Case, one: &CountMatrix) -> CountView {
    let what = &one.count.what;
    let ages = one.ages.map(|(first, last)| {
        if first == last {
            age(first)
        } else {
            format!("{} on the first day, {} on the last", age(first), age(last))
        }
    });
    let of = |text: Option<&String>| text.cloned().unwrap_or_else(|| what.offence.clone());
    CountView {
        number: one.count.number,
        section: of(one.table.map(|table| &table.section)),
        name: of(one.table.map(|table| &table.name)),
        law: one.table.map(|table| table.law.clone()).unwrap_or_default(),
        confirm: one.table.is_some_and(|table| table.grade != Reading::Text),
        penalty: one.table.map(|table| table.penalty.clone()).unwrap_or_default(),
        verb: what.verb.clone(),
        days: days(what.from, what.to),
        victim: what.victim,
        ages,
        against: what.subjects.iter().map(|person| named(case, *person)).collect(),
        elements: one.rows.iter().map(element).collect(),
        prompts: one
            .prompts
            .iter()
            .map(|prompt| PromptView { text: prompt.text.clone(), cite: prompt.cite.clone() })
            .collect(),
    }
}

fn exhibits(desk: &Desk, case: &Case) -> Vec<ExhibitView> {
    let one = |exhibit: &homeward_model::Exhibit| {
        let (sha256, bytes, seal) = match exhibit.mark() {
            Mark::File { digest, bytes } => (Some(digest.hex()), Some(bytes), None),
            Mark::Seal(number) => (None, None, Some(number)),
        };
        let chain = exhibit.chain().iter().map(|(hop, stamp)| HopView {
            from: hop.from.clone(),
            to: hop.to.clone(),
            at: at(hop.taken),
            purpose: hop.purpose.clone(),
            found: mark(&hop.found),
            resealed: hop.resealed.clone(),
            recorded_by: desk.who.member(stamp.by),
        });
        let collected = &exhibit.what.collected;
        let (holder, since) = exhibit.holder();
        ExhibitView {
            number: exhibit.number,
            description: exhibit.what.description.clone(),
            sha256,
            bytes,
            seal,
            collected: format!("{} to {}", at(collected.start), at(collected.end)),
            performer: collected.performer.clone(),
            authority: collected.authority.word(),
            basis: collected.basis.clone(),
            holder: holder.to_owned(),
            since: at(since),
            chain: chain.collect(),
        }
    };
    case.file().exhibits.iter().map(one).collect()
}

/// All that has a date, oldest first.
fn timeline(case: &Case) -> Vec<(Instant, String)> {
    let mut dated = vec![(case.predicate.written.at, "case opened".to_owned())];
    if let Some(accepted) = case.predicate.accepted() {
        dated.push((accepted.at, "predicate accepted".to_owned()));
    }
    let file = case.file();
    for count in file.counts.iter().filter(|count| count.dropped.is_none()) {
        let what = format!("count {} alleged from this day", count.number);
        dated.push((count.what.from, what));
        if count.what.to > count.what.from {
            dated.push((count.what.to, format!("count {} alleged to this day", count.number)));
        }
    }
    for exhibit in &file.exhibits {
        let (number, collected) = (exhibit.number, &exhibit.what.collected);
        dated.push((collected.end, format!("exhibit {number} collected by {}", collected.performer)));
        for (hop, _) in exhibit.chain() {
            dated.push((hop.taken, format!("exhibit {number}: {} to {}, {}", hop.from, hop.to, hop.purpose)));
        }
    }
    for task in &file.tasks {
        if let Some(due) = task.due.filter(|_| task.done.is_none()) {
            dated.push((due, format!("task {} due: {}", task.number, task.what)));
        }
        if let Some(done) = task.done {
            dated.push((done.at, format!("task {} done: {}", task.number, task.what)));
        }
    }
    dated.extend(file.notes.iter().map(|note| (note.written.at, format!("note {}", note.number))));
    for charge in &case.parts().charges {
        if let Some((how, stamp)) = charge.ended {
            dated.push((stamp.at, format!("charge {} ended: {how}", charge.number)));
        }
    }
    let ended = match case.state() {
        CaseState::Charged { charged } => Some((charged.at, "last charge recorded")),
        CaseState::Closed { closed } => Some((closed.at, "case closed")),
        CaseState::Declined { declined } => Some((declined.at, "case declined")),
        _ => None,
    };
    dated.extend(ended.map(|(at, what)| (at, what.to_owned())));
    dated.sort();
    dated
}

/// A case as it is shown.
pub(crate) fn shown(desk: &Desk, held: &Held<Case>) -> CaseView {
    let case = &held.noun;
    let (parts, file) = (case.parts(), case.file());
    let subjects = parts.subjects.iter().map(|(subject, name)| SubjectView {
        person: subject.person().to_string(),
        name: name.clone(),
        age: age(subject.age()),
    });
    let victims = file.victims.iter().map(|victim| VictimView {
        number: victim.number,
        person: victim.person.to_string(),
        victim: victim.victim.map(|victim| victim.to_string()),
        age: match victim.age {
            KnownAge::Born(_) => "from the birth date".to_owned(),
            KnownAge::Estimated(known) => format!("{}, as it was told", age(known)),
        },
    });
    let charges = parts.charges.iter().map(|charge| ChargeView {
        number: charge.number,
        against: named(case, charge.what.person),
        section: charge.what.section.clone(),
        count: charge.what.count,
        ended: charge.ended.map(|(how, stamp)| format!("{how}, {}", by(desk, stamp))),
    });
    let notes = file.notes.iter().map(|note| NoteView {
        number: note.number,
        text: note.text.to_string(),
        by: desk.who.member(note.written.by),
        at: at(note.written.at),
    });
    CaseView {
        head: head(desk, held),
        version: held.version,
        matter: case.matter.word(),
        lead: case.lead.map(|lead| lead.to_string()),
        facts: case.predicate.facts.to_string(),
        accepted: case.predicate.accepted().map(|stamp| by(desk, stamp)),
        certified: case.predicate.certified().map(Instant::date),
        subjects: subjects.collect(),
        victims: victims.collect(),
        counts: matrix(case, Offences::embedded()).iter().map(|one| count(case, one)).collect(),
        dropped: file.counts.iter().filter(|one| one.dropped.is_some()).map(|one| one.number).collect(),
        exhibits: exhibits(desk, case),
        charges: charges.collect(),
        tasks: file.tasks.iter().map(|one| task(desk, one)).collect(),
        notes: notes.collect(),
        timeline: timeline(case)
            .into_iter()
            .map(|(moment, what)| DatedView { at: at(moment), what })
            .collect(),
    }
}
