//! Corpora of labelled text families, for measuring how well templates are found.
//!
//! Unlike the nation of [`crate::World`], a corpus here is nothing but texts with their families, hard in every way at
//! once, and written in either of two grammars that share no sentence: what holds in one only is no finding.

use crate::rng::Rng;
use crate::text;
use crate::tongue::Tongue;

/// How the texts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// The nation's: sentence patterns over a small vocabulary.
    Boards,
    /// Invented words by Zipf's law, in Latin, Cyrillic and unspaced script.
    Tongues,
}

/// How much is done to the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardness {
    /// Copies differ in slots only.
    Easy,
    /// Up to a fifth of the words is edited; stock phrases and boilerplate stand everywhere.
    Plain,
    /// Up to a third of the words is edited, or all but one sentence; words are disguised; strangers copy snippets, and
    /// digests quote two families.
    Hard,
}

/// A text with its truth.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Family; none for a text written once.
    pub family: Option<u32>,
    /// Who placed it: somebody with one to three families and a few numbers, or with a few texts and one number.
    pub owner: u32,
    /// 0 exact, 1 slots only, 2 to 5 growing word edits (the rates are in `text`), 6 signature sentence only.
    pub level: Option<usize>,
    /// Words are disguised.
    pub disguised: bool,
    /// A trap that it is part of: `digest` or `snippet`.
    pub trap: Option<&'static str>,
}

/// The level of texts that share one sentence only.
pub const SIGNATURE: usize = 6;

const LEVELS: [f64; 7] = [0.14, 0.15, 0.17, 0.17, 0.16, 0.14, 0.07];
/// Telephone numbers that strangers share.
const GENERIC: [&str; 3] = ["8005550155", "8885550199", "9175550100"];

/// The words of one corpus: sentences that strangers share, and a source of fresh ones.
struct Source {
    rng: Rng,
    grammar: Grammar,
    hardness: Hardness,
    tongues: Vec<Tongue>,
    /// Copied snippets, the popular first.
    snippets: Vec<Vec<String>>,
    boilerplate: Vec<Vec<String>>,
}

/// What the copies of a family are made from; sentences are lists of words, slots in braces.
struct Template {
    tongue: usize,
    sentences: Vec<Vec<String>>,
    signature: usize,
    disguised: bool,
}

/// Makes a corpus; the same arguments give the same texts.
pub fn corpus(grammar: Grammar, hardness: Hardness, texts: usize, seed: u64) -> Vec<Text> {
    let mut source = Source::new(grammar, hardness, seed);
    let mut made: Vec<Text> = Vec::with_capacity(texts + 100);
    let mut templates: Vec<Template> = Vec::new();
    let in_families = texts * 3 / 10;
    let mut owners = 0..;
    let mut owner = || owners.next().unwrap_or_default();
    while made.len() < in_families {
        source.owner(&mut made, &mut templates, in_families, owner());
    }
    made.truncate(in_families);
    while made.len() < texts {
        if hardness == Hardness::Hard && source.rng.chance(0.04) && templates.len() > 1 {
            let digest = source.digest(&templates);
            made.push(Text { owner: owner(), ..digest });
            continue;
        }
        let (phone, owner) = (crate::plan::phone(&mut source.rng), owner());
        for _ in 0..source.rng.between(1, 3) {
            let template = source.template();
            let single = source.copy(&template, 0, &phone);
            made.push(Text { family: None, level: None, owner, ..single });
        }
    }
    made.truncate(texts);
    // Order of a shuffled deck.
    for at in (1..made.len()).rev() {
        made.swap(at, source.rng.below(at + 1));
    }
    made
}

impl Source {
    fn new(grammar: Grammar, hardness: Hardness, seed: u64) -> Source {
        let mut rng = Rng::new(seed, 0xfa_0111);
        let tongues = match grammar {
            Grammar::Boards => Vec::new(),
            Grammar::Tongues => Tongue::all(&mut rng),
        };
        let mut source =
            Source { rng, grammar, hardness, tongues, snippets: Vec::new(), boilerplate: Vec::new() };
        for at in 0..300 {
            let tongue = source.tongue();
            let mut snippet = source.sentence(tongue);
            while snippet.len() < 9 + at % 12 {
                snippet.extend(source.sentence(tongue));
            }
            source.snippets.push(snippet);
        }
        for _ in 0..4 {
            let line = source.signature(0);
            source.boilerplate.push(line);
        }
        source
    }

    /// An organiser with one to three families, whose copies carry two to five numbers in turn.
    fn owner(&mut self, made: &mut Vec<Text>, templates: &mut Vec<Template>, total: usize, owner: u32) {
        let phones: Vec<String> =
            (0..self.rng.between(2, 5)).map(|_| crate::plan::phone(&mut self.rng)).collect();
        for _ in 0..self.rng.between(1, 3) {
            let family = templates.len() as u32;
            let template = self.template();
            let level = match self.hardness {
                Hardness::Easy => 1,
                Hardness::Plain => self.rng.weighted(&LEVELS[..5]),
                Hardness::Hard => self.rng.weighted(&LEVELS),
            };
            let size = match self.rng.weighted(&[0.28, 0.35, 0.22, 0.10, 0.05]) {
                0 => 2,
                1 => self.rng.between(3, 5),
                2 => self.rng.between(6, 15),
                3 => self.rng.between(16, 40),
                _ => self.rng.between(41, 90),
            };
            for _ in 0..size.min(2 + total as i64 / 20) {
                let phone = self.rng.pick(&phones).clone();
                let copy = self.copy(&template, level, &phone);
                made.push(Text { family: Some(family), level: Some(level), owner, ..copy });
            }
            templates.push(template);
        }
    }

    fn tongue(&mut self) -> usize {
        if self.tongues.is_empty() { 0 } else { self.rng.weighted(&[0.4, 0.3, 0.15, 0.15]) }
    }

    fn word(&mut self, tongue: usize) -> String {
        match self.grammar {
            Grammar::Boards => text::word(&mut self.rng),
            Grammar::Tongues => self.tongues[tongue].word(&mut self.rng),
        }
    }

    fn sentence(&mut self, tongue: usize) -> Vec<String> {
        match self.grammar {
            Grammar::Boards => text::sentence(&mut self.rng).split(' ').map(str::to_owned).collect(),
            Grammar::Tongues => self.tongues[tongue].sentence(&mut self.rng),
        }
    }

    fn signature(&mut self, tongue: usize) -> Vec<String> {
        let mut sentence = self.sentence(tongue);
        while sentence.len() < 12 {
            let word = self.word(tongue);
            sentence.push(word);
        }
        sentence
    }

    fn template(&mut self) -> Template {
        let tongue = self.tongue();
        self.template_in(tongue)
    }

    fn template_in(&mut self, tongue: usize) -> Template {
        let mut sentences = vec![self.slotted(tongue, "{name}"), self.slotted(tongue, "{city}")];
        for _ in 0..self.rng.between(4, 9) {
            sentences.push(self.sentence(tongue));
        }
        let signature = self.rng.below(sentences.len());
        sentences.insert(signature, self.signature(tongue));
        if self.rng.chance(0.5) {
            sentences.push(self.slotted(tongue, "{price}"));
        }
        sentences.push(self.slotted(tongue, "{phone}"));
        let disguised = self.hardness == Hardness::Hard && self.rng.chance(0.25);
        Template { tongue, sentences, signature, disguised }
    }

    /// A stock phrase with a slot: one of a few that everybody uses.
    fn slotted(&mut self, tongue: usize, slot: &str) -> Vec<String> {
        let kind = slot.len() as u64;
        let mut few = Rng::new(kind * 31 + tongue as u64, 5 + self.rng.below(6) as u64);
        let words = 2 + few.below(3);
        let mut phrase: Vec<String> = (0..words)
            .map(|_| match self.grammar {
                Grammar::Boards => text::word(&mut few),
                Grammar::Tongues => self.tongues[tongue].word(&mut few),
            })
            .collect();
        phrase.insert(few.below(words + 1), slot.to_owned());
        phrase
    }

    /// One copy of a template.
    fn copy(&mut self, template: &Template, level: usize, phone: &str) -> Text {
        let mut sentences = template.sentences.clone();
        let tongue = template.tongue;
        if level == SIGNATURE {
            let fresh = self.template_in(tongue);
            let at = self.rng.below(fresh.sentences.len());
            sentences = fresh.sentences;
            let old = fresh.signature.min(sentences.len() - 1);
            sentences.remove(old);
            sentences.insert(at.min(sentences.len()), template.sentences[template.signature].clone());
        } else {
            let rate = text::EDIT_RATES[level];
            if level >= 3 && self.rng.chance(0.35) {
                let moved = sentences.remove(self.rng.below(sentences.len()));
                sentences.insert(self.rng.below(sentences.len() + 1), moved);
            }
            for sentence in &mut sentences {
                *sentence = self.edit(tongue, sentence, rate);
            }
        }
        let mut trap = None;
        if self.hardness != Hardness::Easy {
            if self.hardness == Hardness::Hard && self.rng.chance(0.22) {
                // The popular ones stand in hundreds of texts, the rest in a few.
                let share = self.rng.unit();
                let snippet = self.snippets[(share.powi(4) * self.snippets.len() as f64) as usize].clone();
                sentences.insert(self.rng.below(sentences.len() + 1), snippet);
                trap = Some("snippet");
            }
            if self.rng.chance(0.3) {
                sentences.push(self.rng.pick(&self.boilerplate.clone()).clone());
            }
        }
        let text = self.write(&sentences, tongue, template.disguised, phone);
        Text { text, trap, disguised: template.disguised, ..Text::default() }
    }

    fn edit(&mut self, tongue: usize, sentence: &[String], rate: f64) -> Vec<String> {
        let mut words = Vec::with_capacity(sentence.len() + 2);
        for old in sentence {
            if old.starts_with('{') || !self.rng.chance(rate) {
                words.push(old.clone());
                continue;
            }
            match self.rng.below(4) {
                0 => {}
                1 => words.extend([old.clone(), self.word(tongue)]),
                _ => words.push(self.word(tongue)),
            }
        }
        words
    }

    /// Fills the slots, disguises, and joins the sentences.
    fn write(&mut self, sentences: &[Vec<String>], tongue: usize, disguised: bool, phone: &str) -> String {
        let plain = self.rng.chance(0.5);
        let mut shown =
            if self.rng.chance(0.92) { text::phone(&mut self.rng, phone, plain) } else { String::new() };
        if self.hardness == Hardness::Hard && self.rng.chance(0.03) {
            let generic = *self.rng.pick(&GENERIC);
            shown = text::phone(&mut self.rng, generic, true);
        }
        let name = self.word(tongue);
        let unspaced = self.grammar == Grammar::Tongues && self.tongues[tongue].unspaced;
        let mut lines = Vec::with_capacity(sentences.len());
        for sentence in sentences {
            let mut line = sentence.join(if unspaced { "" } else { " " });
            if disguised && !unspaced {
                line = text::disguise(&mut self.rng, &line);
            }
            let city = self.word(tongue);
            let price = format!("${}", 10 * self.rng.between(6, 30));
            line = line.replace("{name}", &name).replace("{city}", &city);
            lines.push(line.replace("{price}", &price).replace("{phone}", &shown));
        }
        let separator = *self.rng.pick(&[". ", "\n", " - ", ". "]);
        lines.join(separator)
    }

    /// Two families in one text: a listing of others' texts.
    fn digest(&mut self, templates: &[Template]) -> Text {
        let parts = if self.rng.chance(0.6) { 2 } else { 4 };
        let mut sentences = Vec::new();
        for _ in 0..parts {
            let template = self.rng.pick(templates);
            let take = if parts == 2 { template.sentences.len() } else { 4 };
            sentences.extend(template.sentences.iter().take(take).cloned());
        }
        let phone = crate::plan::phone(&mut self.rng);
        let text = self.write(&sentences, 0, false, &phone);
        Text { text, trap: Some("digest"), ..Text::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corpora_are_repeatable_and_of_the_size_asked_for() {
        for grammar in [Grammar::Boards, Grammar::Tongues] {
            let made = corpus(grammar, Hardness::Hard, 2_000, 3);
            let again = corpus(grammar, Hardness::Hard, 2_000, 3);
            assert_eq!(made.len(), 2_000);
            assert!(made.iter().zip(&again).all(|(a, b)| a.text == b.text && a.family == b.family));
            assert_eq!(made.iter().filter(|text| text.family.is_some()).count(), 600);
            let words: usize = made.iter().map(|text| text.text.split_whitespace().count()).sum();
            assert!((40..=120).contains(&(words / made.len())), "{}", words / made.len());
        }
    }
}
