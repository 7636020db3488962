//! A missing report made ready for comparison: words decoded, base rates looked up once, known values found in the data,
//! and every comparison in words.

use super::Matcher;
use super::base_rates::{BaseRates, From, reported_sex};
use super::batch::Batch;
use super::factors::{self, Likeness};
use super::index::Index;
use super::learn::Ways;
use super::path::{self, Stay, Way};
use super::persons::{Person, Persons};
use crate::describe;
use homeward_model::{Instant, MissingReport, Reason};
use homeward_places::{CityId, Places};
use homeward_rules::matching::Matching;
use rustc_hash::FxHashMap;

/// Years for which an old report is followed.
const MOST_YEARS: usize = 40;

/// Whether a name is of the child's sex, the rate of such names, and the weight.
pub type OfSex = (bool, f64, f64);

/// A name in the data that is like one of the report's.
#[derive(Clone, Debug)]
pub struct NameHit {
    /// The report's name.
    pub reported: String,
    likeness: Likeness,
    alias: bool,
    base_rate: f64,
    forms: f64,
    /// Bits.
    pub weight: f64,
}

/// A value of the report that stands in the data.
#[derive(Clone, Debug)]
pub struct KnownHit {
    /// Kind: `phone`, `email`, `handle`, `associate`, `photo`.
    pub factor: &'static str,
    left: String,
    right: String,
    /// Owners who use it.
    pub owners: f64,
    distance: Option<u32>,
}

/// A known value with the postings that show it.
#[derive(Clone, Debug)]
pub struct Found {
    hit: KnownHit,
    postings: Vec<u32>,
}

/// The known values and photographs of a report that stand in the data.
pub fn find_known(report: &MissingReport, index: &Index, table: &Matching) -> Vec<Found> {
    let mut all = Vec::new();
    for (factor, left, value) in known_values(report) {
        let postings = index.postings_with(&value);
        if postings.is_empty() {
            continue;
        }
        let owners = index.owners_of(&postings);
        let hit = KnownHit { factor, left, right: value.1, owners, distance: None };
        all.push(Found { hit, postings });
    }
    let usable = |quality: Option<u8>| quality.unwrap_or(100) >= super::LEAST_IMAGE_QUALITY;
    for shot in report.photos.iter().filter(|shot| usable(shot.pdq_quality)) {
        let Some(pdq) = shot.pdq else { continue };
        let found = index.images.search(&pdq, table.photo.max_distance);
        let Some((at, distance)) = found.first() else { continue };
        let mut postings: Vec<u32> =
            found.iter().filter_map(|(at, _)| index.image_posting.get(*at as usize).copied()).collect();
        postings.sort_unstable();
        postings.dedup();
        let hit = KnownHit {
            factor: "photo",
            left: pdq.to_string(),
            right: index.image_hash(*at),
            owners: index.owners_of(&postings),
            distance: Some(*distance),
        };
        all.push(Found { hit, postings });
    }
    all
}

/// Base rates and weights by band. Weights are looked up, not computed: logarithms would be most of the work.
#[derive(Clone, Debug, Default)]
pub struct Weighed {
    rates: Vec<f64>,
    /// Bits by band.
    pub weights: Vec<f64>,
}

impl Weighed {
    fn new(rates: Vec<f64>, weight: impl Fn(usize, f64) -> f64) -> Weighed {
        let weights = rates.iter().enumerate().map(|(band, rate)| weight(band, *rate)).collect();
        Weighed { rates, weights }
    }
}

/// A year of the child's life from `from` on, with the rates and weights of stated ages in it.
#[derive(Clone, Debug)]
pub struct Years {
    /// Birthday, or the day of the disappearance.
    pub from: Instant,
    /// The child's age from then on.
    pub age: i32,
    /// By band of difference.
    pub stated: Weighed,
}

/// A report ready for comparison.
#[derive(Debug)]
pub struct View<'a> {
    /// The shares in force.
    pub table: &'a Matching,
    /// Base rates of the data.
    pub rates: &'a BaseRates,
    /// Like names by their id in the data.
    pub names: FxHashMap<u32, NameHit>,
    /// The report's first given name.
    pub given: Option<String>,
    /// The report's sex, see [`reported_sex`].
    pub sex: Option<usize>,
    /// Weight of a different name, before its sex.
    pub different: f64,
    /// Reported height in whole centimetres, with the weights of differences from it.
    pub height: Option<(u16, Weighed)>,
    /// Reported weight in whole kilograms.
    pub weight: Option<(u16, Weighed)>,
    /// Years of the child's life, ascending.
    pub ages: Vec<Years>,
    /// Bits by id of the hair colour shown; empty when the report names none.
    pub hair_weights: Vec<f64>,
    /// The same of eyes.
    pub eyes_weights: Vec<f64>,
    hair: Option<String>,
    eyes: Option<String>,
    /// Ids in the data of the report's hair and eye colour.
    pub colours: (Option<u16>, Option<u16>),
    /// The report's marks, decoded.
    pub marks: Vec<String>,
    /// Ids in the data of the report's marks, ascending.
    pub mark_ids: Vec<u32>,
    /// When last seen.
    pub missing: Option<Instant>,
    /// By band of [`factors::time_band`], of persons with many postings and with few.
    pub time: [Weighed; 2],
    /// Weight of showing no mark and some mark, by band of postings.
    pub marked: Vec<[f64; 2]>,
    /// Where last seen, and what is known from there.
    pub from: Option<(CityId, &'a From)>,
    /// Known values by the person in one of whose postings they stand.
    pub known: FxHashMap<u32, Vec<KnownHit>>,
    /// Known values by owner.
    pub known_owner: FxHashMap<u32, Vec<KnownHit>>,
}

/// The given names of a report, lower case, without repeats; true for nicknames and aliases.
pub fn reported_names(report: &MissingReport) -> Vec<(String, bool)> {
    let others = report.nicknames.iter().chain(&report.aliases).map(|name| (name, true));
    let mut names: Vec<(String, bool)> = Vec::new();
    for (name, alias) in std::iter::once((&report.given_name, false)).chain(others) {
        // The first word of an alias is its given name; the rest is a family name or a by-name.
        let first = name.split_whitespace().next().unwrap_or_default().to_lowercase();
        let first = first.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        if !first.is_empty() && names.iter().all(|(known, _)| *known != first) {
            names.push((first, alias));
        }
    }
    names
}

impl<'a> View<'a> {
    /// Prepares the report at this position; `from` is what is known from where the child was last seen.
    pub fn new(
        batch: &Batch,
        at: usize,
        from: Option<(CityId, &'a From)>,
        matcher: &Matcher,
        rates: &'a BaseRates,
        table: &'a Matching,
    ) -> View<'a> {
        let (report, persons) = (&batch.reports[at], &matcher.persons);
        let whole = |value: Option<f32>| {
            value.filter(|v| v.is_finite() && *v > 0.0 && *v < 400.0).map(|value| value.round() as u16)
        };
        let hair = report.hair.as_deref().map(describe::colour).filter(|word| !word.is_empty());
        let eyes = report.eyes.as_deref().map(describe::colour).filter(|word| !word.is_empty());
        let id = |word: &Option<String>| {
            word.as_deref().and_then(|word| persons.colours.get(word)).map(|id| id as u16)
        };
        let mut marks: Vec<String> = report.marks.iter().filter_map(|text| describe::mark(text)).collect();
        marks.sort();
        marks.dedup();
        let mut mark_ids: Vec<u32> = marks.iter().filter_map(|mark| persons.marks.get(mark)).collect();
        mark_ids.sort_unstable();
        let names = reported_names(report);
        let mut view = View {
            table,
            rates,
            names: FxHashMap::default(),
            given: names.first().map(|(name, _)| name.clone()),
            sex: reported_sex(report),
            different: if names.is_empty() {
                0.0
            } else {
                factors::name(0.0, 1.0, 1.0, table.name.different)
            },
            height: whole(report.height_cm).map(|value| {
                let weight = |band: usize, rate| factors::against(table.height.shares[band], rate);
                (value, Weighed::new(rates.height(value, table), weight))
            }),
            weight: whole(report.weight_kg).map(|value| {
                let weight = |band: usize, rate| factors::against(table.weight.shares[band], rate);
                (value, Weighed::new(rates.weight(value, table), weight))
            }),
            ages: years(report, matcher.as_of, rates, table),
            hair_weights: Vec::new(),
            eyes_weights: Vec::new(),
            colours: (id(&hair), id(&eyes)),
            hair,
            eyes,
            marks,
            mark_ids,
            missing: report.missing_since,
            time: [false, true].map(|few| {
                report.missing_since.map_or_else(Weighed::default, |at| {
                    let weight = |band, rate| factors::against(factors::time_share(band, few, table), rate);
                    Weighed::new(rates.time(at, table), weight)
                })
            }),
            marked: Vec::new(),
            from,
            known: FxHashMap::default(),
            known_owner: FxHashMap::default(),
        };
        let reported = !view.marks.is_empty();
        view.marked = (0..rates.marked.len())
            .map(|band| [false, true].map(|shown| view.mark_shown(shown, reported, band).2))
            .collect();
        let colours = 0..persons.colours.texts().len() as u16;
        if view.hair.is_some() {
            let weight = |id| factors::kept(view.colours.0 == Some(id), table.hair.same, rates.hair(id));
            view.hair_weights = colours.clone().map(weight).collect();
        }
        if view.eyes.is_some() {
            let weight = |id| factors::kept(view.colours.1 == Some(id), table.eyes.same, rates.eyes(id));
            view.eyes_weights = colours.map(weight).collect();
        }
        view.find_names(&names, batch);
        batch.found[at].iter().for_each(|found| view.put_known(found, persons, &matcher.index));
        view
    }

    fn find_names(&mut self, names: &[(String, bool)], batch: &Batch) {
        let aliases = names.iter().filter(|(_, alias)| *alias).count().max(1) as f64;
        for (name, alias) in names {
            let similar = batch.similar(name);
            // Of all names that are so like it the child uses one, the commoner the likelier.
            let all = |of: Likeness| {
                let like: Vec<u32> = similar.iter().filter(|(_, l)| *l == of).map(|(id, _)| *id).collect();
                self.rates.names(&like)
            };
            let (nicknames, edits) = (all(Likeness::Nickname), all(Likeness::Edit));
            for (id, likeness) in similar {
                let (base_rate, forms) = match likeness {
                    Likeness::Equal => (self.rates.names(&[*id]), if *alias { aliases } else { 1.0 }),
                    Likeness::Nickname => (nicknames, 1.0),
                    Likeness::Edit => (edits, 1.0),
                    Likeness::Different => continue,
                };
                let share = factors::name_share(factors::name_level(*likeness, *alias), self.table);
                let weight = factors::name(share, base_rate, forms, self.table.name.different);
                let hit = NameHit {
                    reported: name.clone(),
                    likeness: *likeness,
                    alias: *alias,
                    base_rate,
                    forms,
                    weight,
                };
                let better = self.names.get(id).is_none_or(|known| known.weight < weight);
                if better {
                    self.names.insert(*id, hit);
                }
            }
        }
    }

    fn put_known(&mut self, Found { hit, postings }: &Found, persons: &Persons, index: &Index) {
        let mut whose: Vec<u32> = postings
            .iter()
            .filter_map(|at| persons.of_posting.get(*at as usize))
            .flatten()
            .copied()
            .collect();
        whose.sort_unstable();
        whose.dedup();
        for person in whose {
            self.known.entry(person).or_default().push(hit.clone());
        }
        let mut owners: Vec<u32> =
            postings.iter().filter_map(|at| index.owner.get(*at as usize)).copied().collect();
        owners.sort_unstable();
        owners.dedup();
        for owner in owners {
            self.known_owner.entry(owner).or_default().push(hit.clone());
        }
    }

    /// The known values that stand in postings of an owner, whether elsewhere than in those of a person, with the weight.
    /// The same value is counted once, where it speaks loudest.
    pub fn known_hits(&self, person: u32, owner: u32) -> impl Iterator<Item = (&KnownHit, bool, f64)> {
        let own = self.known.get(&person).map_or(&[][..], Vec::as_slice);
        self.known_owner.get(&owner).into_iter().flatten().map(move |hit| {
            let elsewhere = !own.iter().any(|other| other.factor == hit.factor && other.left == hit.left);
            let table = factors::known_table(hit.factor, self.table);
            (hit, elsewhere, factors::known(self.rates.persons, hit.owners, elsewhere, table))
        })
    }

    /// Share, rate and weight of a person's showing some mark, or none, in so many postings.
    fn mark_shown(&self, shown: bool, reported: bool, band: usize) -> (f64, f64, f64) {
        let share = factors::mark_shown(shown, reported, band, self.table);
        let rate = self.rates.marked[band];
        let rate = if shown { rate } else { 1.0 - rate };
        (share, rate, factors::against(share, rate))
    }

    /// Weights of a name that is like none of the report's: of its being chosen freely and, where the name tells the sex, of
    /// that.
    pub fn other_name(&self, name: u32) -> Option<(f64, Option<OfSex>)> {
        self.given.as_ref()?;
        let sex = self.sex.and_then(|sex| self.rates.sexes.compare(sex, name));
        let sex = sex
            .map(|(same, rate)| (same, rate, factors::against(factors::sex_share(same, self.table), rate)));
        Some((self.different, sex))
    }

    /// Every factor on which both sides say something, in words. The order is fixed, and the weights add up to what
    /// [`super::weigh::Weigher`] gives.
    pub fn compare(
        &self,
        number: u32,
        person: &Person,
        persons: &Persons,
        places: &Places,
        reasons: &mut Vec<Reason>,
    ) {
        let rules = self.table;
        let mut add = |factor: &str, weight: f64, left: String, right: String, measures: &[(&str, f64)]| {
            reasons.push(factors::reason(factor, weight, left, right, measures));
        };

        let of_name = |id: u32| match self.names.get(&id) {
            Some(hit) => hit.weight,
            None => self.other_name(id).map_or(0.0, |(name, sex)| name + sex.map_or(0.0, |sex| sex.2)),
        };
        let mut best: Option<(f64, u32)> = None;
        for (id, weight) in person.names.iter().map(|id| (*id, of_name(*id))) {
            if best.is_none_or(|(known, _)| known < weight) {
                best = Some((weight, id));
            }
        }
        if let Some((_, id)) = best {
            let used = persons.names.text(id);
            let different = ("different", rules.name.different);
            if let Some(hit) = self.names.get(&id) {
                add(
                    "name",
                    hit.weight,
                    hit.reported.clone(),
                    used.to_owned(),
                    &[
                        ("share", factors::name_share(factors::name_level(hit.likeness, hit.alias), rules)),
                        ("base_rate", hit.base_rate),
                        ("forms", hit.forms),
                        ("reported_alias", f64::from(u8::from(hit.alias))),
                        different,
                    ],
                );
            } else if let (Some(given), Some((weight, sex))) = (&self.given, self.other_name(id)) {
                let measures = [("share", 0.0), ("base_rate", 1.0), ("forms", 1.0), different];
                add("name", weight, given.clone(), used.to_owned(), &measures);
                if let Some((same, rate, weight)) = sex {
                    let ours = if self.sex == Some(0) { "female" } else { "male" };
                    let share = factors::sex_share(same, rules);
                    let measures =
                        [("share", share), ("base_rate", rate), ("band", f64::from(u8::from(!same)))];
                    add("sex", weight, ours.to_owned(), used.to_owned(), &measures);
                }
            }
        }
        if let Some(stated) = person.age
            && let Some(year) = self.year(person)
        {
            let band = factors::age_band(i32::from(stated) - year.age, rules);
            let share = factors::age_share(band, year.age, &rules.age.shares, &rules.age);
            add(
                "age",
                year.stated.weights[band],
                year.age.to_string(),
                stated.to_string(),
                &banded(band, share, year.stated.rates[band]),
            );
        }
        for (factor, ours, theirs, bands, unit) in [
            ("height", &self.height, person.height_cm, &rules.height, "cm"),
            ("weight", &self.weight, person.weight_kg, &rules.weight, "kg"),
        ] {
            if let (Some((value, weighed)), Some(theirs)) = (ours, theirs) {
                let difference = (f64::from(*value) - f64::from(theirs)).abs();
                let band = factors::band(difference, &bands.limits);
                add(
                    factor,
                    weighed.weights[band],
                    format!("{value} {unit}"),
                    format!("{theirs} {unit}"),
                    &banded(band, bands.shares[band], weighed.rates[band]),
                );
            }
        }
        let word = |id: u16| persons.colours.text(u32::from(id)).to_owned();
        if let (Some(ours), Some(theirs)) = (&self.hair, person.hair) {
            add(
                "hair",
                self.hair_weights[theirs as usize],
                ours.clone(),
                word(theirs),
                &[("share", rules.hair.same), ("base_rate", self.rates.hair(theirs))],
            );
        }
        if let (Some(ours), Some(theirs)) = (&self.eyes, person.eyes) {
            add(
                "eyes",
                self.eyes_weights[theirs as usize],
                ours.clone(),
                word(theirs),
                &[("share", rules.eyes.same), ("base_rate", self.rates.eyes(theirs))],
            );
        }
        if !self.marks.is_empty() && !person.rest {
            for mark in person.marks.iter().take(super::MOST_MARKS) {
                let (base_rate, reported, other) = self.rates.mark(*mark);
                let weight = if self.mark_ids.binary_search(mark).is_ok() { reported } else { other };
                add(
                    "mark",
                    weight,
                    self.marks.join(", "),
                    persons.marks.text(*mark).to_owned(),
                    &[("share", rules.mark.same), ("base_rate", base_rate)],
                );
            }
        }
        if !person.rest {
            let band = factors::postings_band(person.postings.len(), rules);
            let (shown, reported) = (!person.marks.is_empty(), !self.marks.is_empty());
            let (share, rate, weight) = self.mark_shown(shown, reported, band);
            add(
                "marks",
                weight,
                if reported { self.marks.join(", ") } else { "none reported".into() },
                format!(
                    "{} in {} postings",
                    if shown { "shown" } else { "none shown" },
                    person.postings.len()
                ),
                &[
                    ("band", band as f64),
                    ("shown", f64::from(u8::from(shown))),
                    ("reported", f64::from(u8::from(reported))),
                    ("share", share),
                    ("base_rate", rate),
                ],
            );
        }
        for (hit, elsewhere, weight) in self.known_hits(number, person.owner) {
            let table = factors::known_table(hit.factor, rules);
            add(
                hit.factor,
                weight,
                hit.left.clone(),
                hit.right.clone(),
                &[
                    ("persons", self.rates.persons),
                    ("owners", hit.owners),
                    ("elsewhere", f64::from(u8::from(elsewhere))),
                    ("distance_bits", hit.distance.map_or(0.0, f64::from)),
                    ("share", table.share),
                    ("chance", table.chance),
                    ("if_elsewhere", table.elsewhere),
                ],
            );
        }
        if let (Some(missing), Some(way), Some((city, from))) = (self.missing, self.way(person), self.from) {
            let Stay { at, metro, .. } = way.best;
            let (distance, hours) = from.distance[metro as usize];
            let days = at.days_since(missing).max(0.0);
            let band = factors::band(distance, &rules.place.limits);
            if let Some(around) = from.around(at) {
                add(
                    "place",
                    way.bits(),
                    format!("{}, {}", places.label(city), missing.date()),
                    format!("{}, {}", places.label(persons.metros[metro as usize]), at.date()),
                    &[
                        ("band", band as f64),
                        ("share", rules.place.pulls[band]),
                        ("base_rate", around.mean),
                        ("distance_km", distance),
                        ("road_hours", hours),
                        ("days", days),
                        ("way", way.part),
                    ],
                );
            }
        }
        if let (Some(missing), Some((first, last))) = (self.missing, person.seen) {
            let (first_days, last_days) = (first.days_since(missing), last.days_since(missing));
            let at = factors::time_band(first_days, last_days, rules);
            // What is left of an owner's postings mixes persons: its beginning says nothing of this one.
            if !(person.rest && at == 1) {
                let few = factors::few(factors::postings_band(person.postings.len(), rules), rules);
                let time = &self.time[usize::from(few)];
                let base_rate = time.rates[at];
                add(
                    "time",
                    time.weights[at],
                    missing.date(),
                    format!("{} to {}", first.date(), last.date()),
                    &[
                        ("band", at as f64),
                        ("share", factors::time_share(at, few, rules)),
                        ("few", f64::from(u8::from(few))),
                        ("base_rate", base_rate),
                        ("first_days", first_days),
                        ("last_days", last_days),
                    ],
                );
            }
        }
        let band = factors::organised_band(person.companions, person.of_owner, rules);
        let (base_rate, weight) = self.rates.organised(band);
        add(
            "organised",
            weight,
            String::new(),
            format!("{} advertised by one owner in {} postings", person.companions, person.of_owner),
            &banded(band, rules.organised.shares[band], base_rate),
        );
    }

    /// The stays that tell where a child may have come to be this person, see [`path::since`].
    fn stays(&self, person: &'a Person) -> Option<impl Iterator<Item = Stay> + use<'a>> {
        let edge = self.missing?.plus_days(-self.table.time.slack_days);
        Some(path::since(person.visits.iter().copied(), &person.way, edge))
    }

    fn way(&self, person: &Person) -> Option<Way> {
        Way::weigh(self.stays(person)?, self.from?.1, self.missing?, self.table)
    }

    /// The ways in which a person may have come from where the child was last seen, for learning from it.
    pub fn ways(&self, person: &Person) -> Option<Ways> {
        let from = self.from?.1;
        let stays: Vec<Stay> = self.stays(person)?.collect();
        let rates = from.around(stays.first()?.at)?.rates.clone();
        let days: f64 = stays.iter().map(|stay| f64::from(stay.weight)).sum();
        let band =
            |stay: &Stay| factors::band(from.distance[stay.metro as usize].0, &self.table.place.limits);
        let parts = stays.iter().map(|stay| (band(stay), f64::from(stay.weight) / days)).collect();
        Some(Ways { rates, parts })
    }

    /// The year of the child's life in which the person is first seen after the disappearance.
    fn year(&self, person: &Person) -> Option<&Years> {
        let (first, last) = person.seen?;
        let at = self.missing.map_or(first, |missing| first.max(missing).min(last.max(missing)));
        let found = self.ages.partition_point(|year| year.from <= at).checked_sub(1)?;
        self.ages.get(found)
    }
}

/// Measures of a factor that is told in bands.
fn banded(band: usize, share: f64, base_rate: f64) -> [(&'static str, f64); 3] {
    [("band", band as f64), ("share", share), ("base_rate", base_rate)]
}

/// The years of the child's life from the disappearance to `as_of`; without its date, the ten years before `as_of`.
fn years(report: &MissingReport, as_of: Instant, rates: &BaseRates, rules: &Matching) -> Vec<Years> {
    let mut from = report.missing_since.unwrap_or(as_of.plus_days(-3652.0));
    let mut years: Vec<Years> = Vec::new();
    while years.len() < MOST_YEARS {
        let Some(age) = report.age_at(from).filter(|age| (0..=100).contains(age)) else { break };
        let bands = 0..rules.age.shares.len();
        let share = |band| factors::age_share(band, age, &rules.age.shares, &rules.age);
        let stated =
            bands.map(|band| rates.age(age, band as i32 + rules.age.from, share(band), rules)).collect();
        let stated = Weighed::new(stated, |band, rate| factors::against(share(band), rate));
        years.push(Years { from, age, stated });
        // The next birthday is at most a year and a day away: halve until its day is found.
        let (mut low, mut high) = (from, from.plus_days(367.0));
        while high.day() - low.day() > 1 {
            let middle = low.plus_days(((high.day() - low.day()) / 2) as f64);
            if report.age_at(middle) == Some(age) {
                low = middle;
            } else {
                high = middle;
            }
        }
        from = Instant(high.day() * homeward_model::time::DAY);
        if from > as_of {
            break;
        }
    }
    years
}

/// A kind of value and the value in the form in which values are compared.
pub type Key = (&'static str, String);

/// The selectors of a report: factor, text as reported, key.
pub fn known_values(report: &MissingReport) -> Vec<(&'static str, String, Key)> {
    let mut values = Vec::new();
    let mut put = |factor, kind, text: &String| {
        if let Some(value) = plain(kind, text) {
            values.push((factor, text.clone(), (kind, value)));
        }
    };
    report.phones.iter().for_each(|text| put("phone", "phone", text));
    report.emails.iter().for_each(|text| put("email", "email", text));
    report.handles.iter().for_each(|text| put("handle", "handle", text));
    for associate in &report.associates {
        associate.phones.iter().for_each(|text| put("associate", "phone", text));
        associate.handles.iter().for_each(|text| put("associate", "handle", text));
    }
    values.sort();
    // A value given for the child and for a companion is the child's.
    let mut keys: Vec<Key> = Vec::new();
    values.sort_by_key(|(factor, _, _)| *factor == "associate");
    values.retain(|(_, _, key)| {
        let new = !keys.contains(key);
        keys.push(key.clone());
        new
    });
    values
}

/// The form in which values are compared: phones in E.164 with the United States assumed, handles without their platform.
pub fn plain(kind: &str, text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let value = match kind {
        "phone" => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            match (digits.len(), text.starts_with('+')) {
                (7..=15, true) => format!("+{digits}"),
                (10, false) => format!("+1{digits}"),
                (11, false) if digits.starts_with('1') => format!("+{digits}"),
                _ => return None,
            }
        }
        "handle" => text.rsplit([':', '@']).next().unwrap_or_default().trim().to_owned(),
        _ => text,
    };
    (value.len() >= 3).then_some(value)
}
