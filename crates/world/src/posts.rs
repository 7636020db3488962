//! Writing the postings that the plan calls for.

use crate::people::{self, Person};
use crate::plan::{self, Kind, Owner, Plan};
use crate::rng::Rng;
use crate::text;
use crate::words::{BOILERPLATE, EYES, HAIR, MARKS, SNIPPETS};
use crate::{DAYS, WorldOptions};
use homeward_model::{Pdq, mix64};
use homeward_places::{CityId, Places};

/// A posting with its truth.
#[derive(Clone, Debug)]
pub struct Post {
    /// Identifier.
    pub id: String,
    /// Board.
    pub site: String,
    /// Account on the board.
    pub account: Option<String>,
    /// Microseconds since 1970.
    pub posted_at: i64,
    /// Headline.
    pub title: String,
    /// Text.
    pub body: String,
    /// City.
    pub city: Option<CityId>,
    /// Age as stated.
    pub stated_age: Option<i64>,
    /// Price as shown.
    pub price: Option<String>,
    /// Contacts as shown.
    pub contacts: Vec<String>,
    /// Hash and quality.
    pub images: Vec<(Pdq, u8)>,
    /// What is true of it.
    pub truth: PostTruth,
}

/// What is true of a posting.
#[derive(Clone, Debug, Default)]
pub struct PostTruth {
    /// Owner.
    pub owner: String,
    /// Template.
    pub template: Option<String>,
    /// Person advertised.
    pub person: Option<String>,
    /// 0 exact to 6 signature only; none for a digest.
    pub mutation: Option<usize>,
    /// Trap that it is part of.
    pub trap: Option<&'static str>,
    /// Numbers in the text, in E.164, toll-free and placeholder ones left out.
    pub phones: Vec<String>,
    /// Index of the report whose child this posting advertises.
    pub report: Option<usize>,
    /// What a reader can learn from it of the person advertised.
    pub shown: Shown,
    /// The same text as an earlier posting, on the same day or a later one of the owner's.
    pub again: bool,
}

/// What a posting shows of the person advertised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one fact whether it is shown")]
pub struct Shown {
    /// The name.
    pub name: bool,
    /// The stated age.
    pub age: bool,
    /// The sentence on looks, which leaves out more than it says.
    pub about: bool,
    /// Height.
    pub height: bool,
    /// Weight.
    pub weight: bool,
    /// Hair colour.
    pub hair: bool,
    /// Eye colour.
    pub eyes: bool,
    /// A mark.
    pub mark: bool,
    /// The person's own number.
    pub own_phone: bool,
    /// The person's own handle.
    pub own_handle: bool,
    /// The first of the person's photographs.
    pub photo: bool,
}

impl std::ops::BitOrAssign for Shown {
    fn bitor_assign(&mut self, other: Shown) {
        self.name |= other.name;
        self.age |= other.age;
        self.about |= other.about;
        self.height |= other.height;
        self.weight |= other.weight;
        self.hair |= other.hair;
        self.eyes |= other.eyes;
        self.mark |= other.mark;
        self.own_phone |= other.own_phone;
        self.own_handle |= other.own_handle;
        self.photo |= other.photo;
    }
}

const MUTATIONS: [f64; 7] = [0.15, 0.16, 0.17, 0.17, 0.16, 0.14, 0.05];

/// Writes all postings of all owners.
pub fn write_all(plan: &mut Plan, options: WorldOptions) -> Vec<Post> {
    let mut posts = Vec::with_capacity(options.postings + options.postings / 10);
    for (number, owner) in plan.owners.iter().enumerate() {
        let mut rng = Rng::new(options.seed ^ 0x5057, number as u64);
        if owner.kind == Kind::Digest {
            posts.push(digest(&mut rng, plan, owner, number));
            continue;
        }
        let mut made = 0;
        while made < owner.postings {
            let post = post(&mut rng, plan, owner, number, made);
            made += 1;
            // A repost: the same text on another day under another id.
            if made < owner.postings && rng.chance(0.1) {
                let mut again = post.clone();
                again.truth.again = true;
                again.posted_at = rng.between(post.posted_at, plan::moment(owner.last_day, 86_399));
                again.id = id(options.seed, number, made);
                made += 1;
                posts.push(again);
            }
            posts.push(post);
        }
    }
    posts
}

fn id(seed: u64, owner: usize, number: usize) -> String {
    format!("{:016x}", mix64(mix64(seed ^ 0xa11c_e5ed) ^ ((owner as u64) << 20 | number as u64)))
}

fn post(rng: &mut Rng, plan: &Plan, owner: &Owner, number: usize, made: usize) -> Post {
    let day = rng.between(owner.first_day, owner.last_day.min(DAYS - 1));
    let city = owner.city_on(day);
    let active: Vec<usize> =
        (0..owner.persons.len()).filter(|at| owner.persons[*at].first_day <= day).collect();
    let who = if active.is_empty() { 0 } else { *rng.pick(&active) };
    let person = &owner.persons[who];
    let (template_id, template) = rng.pick(&owner.templates);
    let level = match owner.kind {
        Kind::Independent if !owner.copied => rng.below(3),
        Kind::Spam => rng.below(2),
        _ => rng.weighted(&MUTATIONS),
    };
    let mut truth = PostTruth {
        owner: owner.id.clone(),
        template: Some(template_id.clone()),
        person: Some(format!("{}/{who}", owner.id)),
        mutation: Some(level),
        trap: owner.copied.then_some("copied template"),
        phones: Vec::new(),
        report: person.report,
        shown: Shown::default(),
        again: false,
    };
    let mut phone = None;
    if owner.kind != Kind::Spam && !rng.chance(if owner.kind == Kind::Organiser { 0.08 } else { 0.04 }) {
        let span = (owner.last_day - owner.first_day).max(1);
        let turn = ((day - owner.first_day) * owner.phones.len() as i64 / (span + 1)) as usize;
        let mut digits = owner.phones[turn.min(owner.phones.len() - 1)].clone();
        if let Some(own) = person.own_phone.as_ref().filter(|_| rng.chance(0.5)) {
            digits.clone_from(own);
            truth.shown.own_phone = true;
        }
        phone = Some(digits);
    }
    let plain = rng.chance(if owner.kind == Kind::Organiser { 0.3 } else { 0.45 });
    let shown = phone.as_ref().map(|digits| text::phone(rng, digits, plain));
    if let Some(digits) = &phone {
        truth.phones.push(format!("+1{digits}"));
    }
    let label = label(rng, city);
    let fill = |rng: &mut Rng, sentence: &str, shown_of: &mut Shown| {
        let mut filled = sentence.to_owned();
        if filled.contains("{person}") {
            let about = about(rng, person, shown_of);
            filled = filled.replace("{person}", &about);
        }
        if filled.contains("{phone}") && shown.is_none() {
            return "message me here".to_owned();
        }
        shown_of.name |= filled.contains("{name}");
        filled
            .replace("{name}", &person.name)
            .replace("{city}", &label)
            .replace("{price}", &format!("${}", 10 * rng.between(6, 30)))
            .replace("{phone}", shown.as_deref().unwrap_or_default())
    };
    let mut sentences = Vec::new();
    for sentence in text::mutate(rng, template, level) {
        let disguised = if template.disguised { text::disguise(rng, &sentence) } else { sentence };
        sentences.push(fill(rng, &disguised, &mut truth.shown));
    }
    if let Some(handle) = person.own_handle.as_ref().filter(|_| rng.chance(0.6)) {
        truth.shown.own_handle = true;
        sentences.push(format!("ig: @{handle}"));
    }
    if owner.kind == Kind::Spam {
        sentences.push(format!("see more at http://deals{number}.example.net/new"));
        truth.trap = Some("spam");
    }
    if rng.chance(0.22) {
        sentences.insert(rng.below(sentences.len()), (*rng.pick(SNIPPETS)).to_owned());
    }
    decoys(rng, city, &mut sentences, &mut truth);
    if rng.chance(0.3) {
        sentences.push(BOILERPLATE[owner.site].to_owned());
    }
    let separator = *rng.pick(&[". ", "\n", " - ", ". "]);
    let title = match rng.below(4) {
        0 => format!("{} in {label}", person.name),
        1 => format!("new in {label}"),
        2 => person.name.clone(),
        _ => text::sentence(rng),
    };
    truth.shown.name |= title.contains(&person.name);
    let contacts = shown.iter().filter(|_| rng.chance(0.25)).cloned().collect();
    let city = rng.chance(0.75).then_some(city);
    let stated_age = rng.chance(0.7).then_some(person.stated_age);
    truth.shown.age |= stated_age.is_some();
    Post {
        id: id(plan.seed, number, made),
        site: format!("board{}.example.com", owner.site),
        account: owner.account.clone(),
        posted_at: plan::moment(day, rng.between(0, 86_399)),
        title,
        body: sentences.join(separator),
        city,
        stated_age,
        price: rng.chance(0.3).then(|| format!("${}", 10 * rng.between(6, 30))),
        contacts,
        images: images(rng, plan, person, &mut truth),
        truth,
    }
}

fn label(rng: &mut Rng, city: CityId) -> String {
    let places = Places::embedded();
    let city = places.city(city);
    match rng.below(3) {
        0 => city.name.clone(),
        1 => format!("{}, {}", city.name, city.state),
        _ => format!("{} {}", city.name.to_lowercase(), city.state.to_lowercase()),
    }
}

/// A sentence or two on the person's looks, each fact told in some postings only.
fn about(rng: &mut Rng, person: &Person, shown: &mut Shown) -> String {
    let mut parts = Vec::new();
    shown.about = true;
    let (feet, inches) = (person.height_in / 12, person.height_in % 12);
    if rng.chance(0.6) {
        shown.height = true;
        parts.push(match rng.below(4) {
            0 => format!("{feet}'{inches}"),
            1 => format!("{feet} ft {inches}"),
            2 => format!("{feet} foot {inches} inches tall"),
            _ => format!("{} cm", (person.height_in as f64 * 2.54).round()),
        });
    }
    if rng.chance(0.35) {
        shown.weight = true;
        parts.push(match rng.below(2) {
            0 => format!("{} lbs", person.weight_lb),
            _ => format!("{} pounds", person.weight_lb),
        });
    }
    if rng.chance(0.65) {
        shown.hair = true;
        let hair = HAIR[person.hair].0;
        parts.push(match rng.below(3) {
            0 => format!("{hair} hair"),
            1 => format!("long {hair} hair"),
            _ => format!("hair is {hair}"),
        });
    }
    if rng.chance(0.5) {
        shown.eyes = true;
        parts.push(format!("{} eyes", EYES[person.eyes].0));
    }
    if let Some(mark) = person.mark.filter(|_| rng.chance(0.5)) {
        shown.mark = true;
        parts.push(MARKS[mark].0.to_owned());
    }
    if rng.chance(0.3) {
        shown.age = true;
        parts.push(match rng.below(3) {
            0 => format!("{} years old", person.stated_age),
            1 => format!("age {}", person.stated_age),
            _ => format!("i'm {}", person.stated_age),
        });
    }
    if parts.is_empty() { "ask me anything".to_owned() } else { parts.join(", ") }
}

/// Numbers that are nobody's telephone, and numbers that belong to nobody here.
fn decoys(rng: &mut Rng, city: CityId, sentences: &mut Vec<String>, truth: &mut PostTruth) {
    if rng.chance(0.35) {
        sentences.push(match rng.below(7) {
            0 => "open 10-6 every day".to_owned(),
            1 => "here 24/7".to_owned(),
            2 => format!("member since {}", rng.between(2010, 2018)),
            3 => format!("post number {}", rng.between(100_000, 999_999)),
            4 => format!("until {:02}/{:02}/2019", rng.between(1, 12), rng.between(1, 28)),
            5 => format!("room {} on floor {}", rng.between(100, 999), rng.between(1, 9)),
            _ => format!("order {}", rng.between(201_901_010_000_000, 201_912_310_000_000)),
        });
    }
    if rng.chance(0.025) {
        sentences.push(match rng.below(3) {
            0 => "need help? call 1-888-555-0199".to_owned(),
            1 => "help line 800-555-0155 day and night".to_owned(),
            _ => "call 000-000-0000 for the board".to_owned(),
        });
    }
    if rng.chance(0.008) {
        // The front desk of the one hotel of the town: shared by strangers.
        let digits = format!("{}555{:04}", 201 + (city.0 * 7) % 700, 100 + city.0 % 100);
        sentences.push(format!("front desk {}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]));
        truth.phones.push(format!("+1{digits}"));
        truth.trap.get_or_insert("hotel phone");
    }
}

fn images(rng: &mut Rng, plan: &Plan, person: &Person, truth: &mut PostTruth) -> Vec<(Pdq, u8)> {
    let mut images = Vec::new();
    if rng.chance(0.55) {
        let original = *rng.pick(&person.photos);
        truth.shown.photo |= original == person.photos[0];
        images.push((people::edited(rng, original, 20), rng.between(60, 100) as u8));
    }
    if rng.chance(0.04) {
        images.push((people::edited(rng, *rng.clone().pick(&plan.stock_photos), 8), 90));
        truth.trap.get_or_insert("stock photo");
    }
    if rng.chance(0.03) {
        images.push((Pdq([0, 0, 0, rng.next() & 3]), rng.between(0, 40) as u8));
    }
    if person.report.is_none() && rng.chance(0.004) {
        let owner = rng.pick(&plan.owners);
        images.push((owner.persons[0].photos[0], 85));
        truth.trap.get_or_insert("stolen photo");
    }
    images
}

/// A digest quotes the beginnings and numbers of other people's postings.
fn digest(rng: &mut Rng, plan: &Plan, owner: &Owner, number: usize) -> Post {
    let mut truth = PostTruth { owner: owner.id.clone(), trap: Some("digest"), ..PostTruth::default() };
    let mut parts = vec!["this week on the boards".to_owned()];
    for _ in 0..rng.between(3, 5) {
        let other = rng.pick(&plan.owners);
        let (_, template) = rng.pick(&other.templates);
        let digits = rng.pick(&other.phones);
        let sentences: Vec<String> =
            template.sentences.iter().filter(|sentence| !sentence.contains('{')).take(4).cloned().collect();
        parts.push(sentences.join(". "));
        if rng.chance(0.5) {
            parts.push(text::phone(rng, digits, true));
            truth.phones.push(format!("+1{digits}"));
        }
    }
    truth.phones.sort();
    truth.phones.dedup();
    Post {
        id: id(plan.seed, number, 0),
        site: format!("board{}.example.com", owner.site),
        account: None,
        posted_at: plan::moment(owner.first_day.min(DAYS - 1), rng.between(0, 86_399)),
        title: "weekly digest".to_owned(),
        body: parts.join("\n"),
        city: None,
        stated_age: None,
        price: None,
        contacts: Vec::new(),
        images: Vec::new(),
        truth,
    }
}
