//! Which postings of one owner advertise the same person: by name first; a posting without one goes to the person whom it
//! looks like, by what it states and by its photographs, and what looks like nobody is somebody else.

use crate::facts::Facts;
use crate::names::nicknames;
use homeward_rules::matching::Matching;
use rustc_hash::FxHashMap;

/// Postings with more names than this list persons rather than advertise one.
const MOST_NAMES: usize = 4;
/// Postings of one owner beyond which they are not compared with each other.
const MOST_POSTINGS: usize = 400;
/// The postings of one person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group<'a> {
    /// Names used, the most used first; none where no posting has one.
    pub names: Vec<&'a str>,
    /// Postings, ascending.
    pub postings: Vec<u32>,
    /// What is left of an owner who advertises others: several persons may be mixed.
    pub rest: bool,
}

/// The persons whom these postings of one owner advertise.
pub fn persons_of<'a>(facts: &'a [Facts], postings: &[u32], rules: &Matching) -> Vec<Group<'a>> {
    let (mut groups, nameless) = by_name(facts, postings);
    if postings.len() > MOST_POSTINGS {
        let rest = !groups.is_empty();
        groups.extend((!nameless.is_empty()).then(|| Group { rest, postings: nameless, ..Group::default() }));
        return groups;
    }
    let mut groups: Vec<Group> =
        groups.into_iter().flat_map(|group| namesakes(facts, group, rules)).collect();
    by_likeness(facts, &mut groups, nameless, rules);
    for group in &mut groups {
        group.postings.sort_unstable();
    }
    groups
}

/// Whether two names may be forms of one: equal, a short form, or one edit apart in names of five letters and more.
fn alike(a: &str, b: &str) -> bool {
    a == b
        || nicknames(a).contains(&b)
        || (a.len().min(b.len()) >= 5 && a.len().abs_diff(b.len()) <= 1 && strsim::osa_distance(a, b) <= 1)
}

/// Groups by name, and the postings without one.
fn by_name<'a>(facts: &'a [Facts], postings: &[u32]) -> (Vec<Group<'a>>, Vec<u32>) {
    let names_of = |at: u32| {
        let names = &facts[at as usize].person.names;
        if names.len() > MOST_NAMES { &[][..] } else { &names[..] }
    };
    let mut used: Vec<&str> =
        postings.iter().flat_map(|at| names_of(*at).iter().map(String::as_str)).collect();
    used.sort_unstable();
    let mut counts: Vec<(&str, usize)> =
        used.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
    // Most used first, so that a misread name joins the name it was misread from.
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of: FxHashMap<&str, usize> = FxHashMap::default();
    for (name, count) in &counts {
        // In a flood of names, likeness means nothing; and two names both used often are two persons.
        let known = (counts.len() <= 64)
            .then(|| {
                groups.iter().position(|group| {
                    let first = group.names[0];
                    alike(first, name) && 2 * count <= used.iter().filter(|used| **used == first).count()
                })
            })
            .flatten();
        let at = known.unwrap_or(groups.len());
        if at == groups.len() {
            groups.push(Group::default());
        }
        groups[at].names.push(name);
        group_of.insert(name, at);
    }
    let mut nameless = Vec::new();
    for at in postings {
        let mut to: Vec<usize> =
            names_of(*at).iter().filter_map(|name| group_of.get(name.as_str()).copied()).collect();
        to.sort_unstable();
        to.dedup();
        if to.is_empty() {
            nameless.push(*at);
        }
        for group in to {
            groups[group].postings.push(*at);
        }
    }
    (groups, nameless)
}

/// A group by name, apart where its postings cannot be of one person.
fn namesakes<'a>(facts: &[Facts], mut group: Group<'a>, rules: &Matching) -> Vec<Group<'a>> {
    group.postings.sort_by_key(|at| (std::cmp::Reverse(stated(&facts[*at as usize])), *at));
    let mut apart: Vec<Group> = Vec::new();
    for at in group.postings {
        let likenesses =
            apart.iter().map(|other| likeness(facts, &facts[at as usize], &other.postings, rules));
        let best = likenesses.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        match best {
            Some((known, like)) if like > rules.likeness.unlike => apart[known].postings.push(at),
            _ => apart.push(Group { names: group.names.clone(), postings: vec![at], rest: false }),
        }
    }
    apart
}

/// Gives each posting without a name to the person it is like.
fn by_likeness(facts: &[Facts], groups: &mut Vec<Group>, mut nameless: Vec<u32>, rules: &Matching) {
    let limits = &rules.likeness;
    // Those that say most first: they make the persons whom the others are compared with.
    nameless.sort_by_key(|at| (std::cmp::Reverse(stated(&facts[*at as usize])), *at));
    let mut rest = Group { rest: true, ..Group::default() };
    for at in nameless {
        let posting = &facts[at as usize];
        let mut best = (f64::NEG_INFINITY, 0);
        let mut second = f64::NEG_INFINITY;
        for (number, group) in groups.iter().enumerate() {
            let like = likeness(facts, posting, &group.postings, rules);
            if like > best.0 {
                second = best.0;
                best = (like, number);
            } else {
                second = second.max(like);
            }
        }
        let only = groups.len() == 1 && best.0 > limits.unlike;
        if only || (best.0 >= limits.least && best.0 - second >= limits.lead) {
            groups[best.1].postings.push(at);
        } else if groups.is_empty() || (best.0 <= limits.unlike && stated(posting) >= limits.facts) {
            groups.push(Group { postings: vec![at], ..Group::default() });
        } else {
            rest.postings.push(at);
        }
    }
    if !rest.postings.is_empty() {
        groups.push(rest);
    }
}

/// How many facts a posting states of the person.
fn stated(facts: &Facts) -> usize {
    let person = &facts.person;
    usize::from(person.age.is_some())
        + usize::from(person.height_cm.is_some())
        + usize::from(person.weight_kg.is_some())
        + usize::from(person.hair.is_some())
        + usize::from(person.eyes.is_some())
        + usize::from(!person.marks.is_empty())
        + usize::from(!facts.images.is_empty())
}

/// How much a posting is like a person's postings, in bits: each fact once, by the posting of the person's that
/// is most like it.
fn likeness(facts: &[Facts], posting: &Facts, others: &[u32], rules: &Matching) -> f64 {
    let bits = &rules.likeness;
    let (ours, mut sum) = (&posting.person, 0.0);
    let mut add = |found: Option<bool>, [agree, differ]: [f64; 2]| {
        sum += found.map_or(0.0, |same| if same { agree } else { -differ });
    };
    let any = |test: &dyn Fn(&Facts) -> Option<bool>| {
        others.iter().filter_map(|at| test(&facts[*at as usize])).reduce(|a, b| a || b)
    };
    let near = |a: Option<f32>, b: Option<f32>, within: f32| Some((a? - b?).abs() <= within);
    let same = |a: &Option<String>, b: &Option<String>| Some(a.as_ref()? == b.as_ref()?);
    add(any(&|other| Some(ours.age? == other.person.age?)), bits.age);
    add(any(&|other| near(ours.height_cm, other.person.height_cm, bits.height_cm)), bits.height);
    add(any(&|other| near(ours.weight_kg, other.person.weight_kg, bits.weight_kg)), bits.weight);
    add(any(&|other| same(&ours.hair, &other.person.hair)), bits.hair);
    add(any(&|other| same(&ours.eyes, &other.person.eyes)), bits.eyes);
    let marks = |other: &Facts| {
        let both = !ours.marks.is_empty() && !other.person.marks.is_empty();
        both.then(|| ours.marks.iter().any(|mark| other.person.marks.contains(mark)))
    };
    add(any(&marks), bits.mark);
    let photos = |other: &Facts| {
        let near =
            |a| other.images.iter().any(|b| homeward_model::Pdq::distance(a, b) <= rules.photo.max_distance);
        posting.images.iter().any(near).then_some(true)
    };
    add(any(&photos), bits.photo);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::Description;
    use homeward_rules::Rules;

    /// A posting by its name, age, height and hair; nothing where empty or 0.
    fn posting(name: &str, age: u8, height: f32, hair: &str) -> Facts {
        Facts {
            person: Description {
                names: (!name.is_empty()).then(|| name.to_owned()).into_iter().collect(),
                age: (age > 0).then_some(age),
                height_cm: (height > 0.0).then_some(height),
                hair: (!hair.is_empty()).then(|| hair.to_owned()),
                ..Description::default()
            },
            ..Facts::default()
        }
    }

    fn check(postings: &[Facts], expected: &[&[u32]]) {
        let all: Vec<u32> = (0..postings.len() as u32).collect();
        let mut found: Vec<Vec<u32>> = persons_of(postings, &all, &Rules::embedded().matching)
            .into_iter()
            .map(|group| group.postings)
            .collect();
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_come_first_and_forms_of_one_name_are_one() {
        let (mia, zoe) = (posting("mia", 21, 0.0, ""), posting("zoe", 21, 0.0, ""));
        check(&[mia.clone(), zoe, mia], &[&[0, 2], &[1]]);
    }

    #[test]
    fn namesakes_are_apart_where_nothing_fits() {
        let (one, two) = (posting("mia", 21, 160.0, "black"), posting("mia", 30, 175.0, "blonde"));
        check(&[one.clone(), two.clone(), one.clone(), two], &[&[0, 2], &[1, 3]]);
        // A stated age moves; the rest fits.
        check(&[one, posting("mia", 23, 161.0, "black")], &[&[0, 1]]);
    }

    #[test]
    fn a_posting_without_a_name_goes_to_whom_it_is_like() {
        let mia = posting("mia", 21, 160.0, "black");
        let zoe = posting("zoe", 24, 172.0, "blonde");
        check(&[mia.clone(), zoe.clone(), posting("", 24, 171.0, "")], &[&[0], &[1, 2]]);
        // It says too little to be anybody's, and is not somebody new either.
        check(&[mia.clone(), zoe.clone(), posting("", 0, 0.0, "")], &[&[0], &[1], &[2]]);
        // Somebody else, and all that is like her.
        let other = posting("", 30, 181.0, "red");
        check(&[mia, zoe, other.clone(), other], &[&[0], &[1], &[2, 3]]);
    }

    #[test]
    fn an_owner_without_names_may_still_advertise_several() {
        let (one, two) = (posting("", 21, 160.0, "black"), posting("", 30, 175.0, "blonde"));
        check(&[one.clone(), two.clone(), one, two, posting("", 0, 0.0, "")], &[&[0, 2], &[1, 3], &[4]]);
        check(&[posting("mia", 0, 0.0, ""), posting("", 0, 0.0, "")], &[&[0, 1]]);
    }
}
