//! Search of the postings. Leave is asked and the search is in the audit trail before anything is handed out.
//!
//! A query may hold a name, so the trail keeps its SHA-256 and the fields it used, never its words, and the identities of what
//! was shown. Who must show later what was asked types the query again and compares.

use crate::{Casework, Context, Outside, Result, Trouble};
use homeward_access::{Act, Basis, Kind, Purpose, Resource};
use homeward_model::{Digest, Posting, SelectorKind};
use homeward_store::StoreError;
use std::collections::BTreeSet;

/// Postings that a search may reach from its first page on: who needs more narrows the query.
const FARTHEST: usize = 1_000;

/// Hexadecimal digits of a posting's identity in the trail, as in `searches.jsonl`.
const DIGITS: usize = 32;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchPage {
    /// How many postings there are.
    pub total: usize,
    /// Those of this page, newest first, those without a date last.
    pub postings: Vec<Posting>,
}

impl Casework {
    /// Postings for which a query holds, newest first: `top` of them after the first `skip`.
    ///
    /// A query that asks for a person by name ([`asks_for_a_person`]) is the act of looking up an adult, and wants a purpose
    /// with the lead, case or report that it serves.
    pub async fn search(
        &self,
        context: &Context<'_>,
        query: &str,
        skip: usize,
        top: usize,
    ) -> Result<SearchPage> {
        let query = query.trim();
        let archive = Resource::owned(Kind::Archive, context.actor.organisation);
        let person = asks_for_a_person(query);
        let act = if person { Act::LookUpAdult } else { Act::SearchPostings };
        let mut more = vec![("query", Digest::of(query.as_bytes()).hex()), ("fields", fields(query))];
        if self.may(context, &archive, &[act]).is_empty() {
            let refused = self.store().permit(context, act, &archive, None, &more).await;
            let searches = !self.may(context, &archive, &[Act::SearchPostings]).is_empty();
            return Err(match refused {
                Err(StoreError::NotFound { .. }) if person && searches => Trouble::invalid(
                    "two capitalised words ask for a person by name, and that takes the lead or missing report it serves: \
                     change the purpose, or give a city as `place:\"…\"`",
                ),
                Err(error) => error.into(),
                Ok(()) => Trouble::Missing { noun: "archive" },
            });
        }
        if skip.saturating_add(top) > FARTHEST {
            return Err(Trouble::invalid(format!(
                "a search shows {FARTHEST} postings at most: add a word, a place or a date"
            )));
        }
        let found = self.read_postings(query.to_owned(), skip + top).await?;
        let postings: Vec<Posting> = found.postings.into_iter().skip(skip).collect();
        more.push(("found", found.total.to_string()));
        more.push(("shown", identities(&postings)));
        self.store().permit(context, act, &archive, None, &more).await?;
        Ok(SearchPage { total: found.total, postings })
    }

    /// A member says what the searches of this session are for. A lead or missing report that it names must be one that the
    /// member may see.
    pub async fn state_search_purpose(
        &self,
        context: &Context<'_>,
        secret: &[u8],
        purpose: &Purpose,
    ) -> Result<()> {
        let unseen = |noun: &str| {
            Trouble::invalid(format!(
                "there is no {noun} of this id that you may see: copy the id from its page"
            ))
        };
        match purpose.basis {
            Some(Basis::Lead(id)) => match self.store().lead(context, id).await {
                Ok(_) => {}
                Err(StoreError::NotFound { .. } | StoreError::Purged { .. }) => return Err(unseen("lead")),
                Err(error) => return Err(error.into()),
            },
            Some(Basis::Report(id)) => {
                let resource = self.store().report_resource(id).await?;
                let sees =
                    resource.is_some_and(|resource| !self.may(context, &resource, &[Act::View]).is_empty());
                if !sees {
                    return Err(unseen("missing report"));
                }
            }
            Some(Basis::Case(id)) => match self.store().case(context, id).await {
                Ok(_) => {}
                Err(StoreError::NotFound { .. } | StoreError::Purged { .. }) => return Err(unseen("case")),
                Err(error) => return Err(error.into()),
            },
            None => {}
        }
        self.state_purpose(Outside { from: context.from, now: context.now }, secret, purpose).await
    }
}

/// Whether a query asks for a person by name: its words, outside fields and quotation marks left aside, are two, both begin
/// with a capital letter and are letters throughout, and no number, address or account is asked for beside them.
///
/// The rule is simple so that people can foresee it. It takes a city of two words for a name (`place:` is for cities) and
/// does not see a name typed in small letters; the trail shows either.
pub fn asks_for_a_person(query: &str) -> bool {
    let parts = parts(query);
    let identifies = |field: &str| SelectorKind::parse(field).is_some_and(SelectorKind::identifies);
    if parts.iter().any(|(field, _)| field.as_deref().is_some_and(|field| identifies(field) || field == "id"))
    {
        return false;
    }
    let words: Vec<&str> =
        parts.iter().filter(|(field, _)| field.is_none()).map(|(_, word)| word.as_str()).collect();
    let name = |word: &str| {
        let rest = |letter: char| letter.is_alphabetic() || matches!(letter, '\'' | '’' | '-' | '.');
        word.starts_with(char::is_uppercase) && word.chars().all(rest)
    };
    words.len() == 2 && words.iter().all(|word| name(word))
}

/// The fields that a query uses, in the order of the alphabet; `words` for words without one.
fn fields(query: &str) -> String {
    let known = ["place", "city", "source", "id", "after", "before"];
    let word = |(field, _): (Option<String>, String)| match field {
        None => "words".to_owned(),
        Some(field) if known.contains(&field.as_str()) || SelectorKind::parse(&field).is_some() => field,
        // A field that there is not may be part of a text, so its word stays out.
        Some(_) => "unknown".to_owned(),
    };
    let used: BTreeSet<String> = parts(query).into_iter().map(word).collect();
    used.into_iter().collect::<Vec<_>>().join(" ")
}

/// The words of a query with the field each stands in; a quotation belongs to the field before it.
fn parts(query: &str) -> Vec<(Option<String>, String)> {
    let mut parts: Vec<(Option<String>, String)> = Vec::new();
    let mut quoted: Option<Option<String>> = None;
    for token in query.split_whitespace() {
        let (field, value) = match &quoted {
            Some(field) => (field.clone(), token),
            None => match token.trim_start_matches('-').split_once(':') {
                Some((field, value)) if field.chars().all(|letter| letter.is_ascii_alphabetic()) => {
                    (Some(field.to_lowercase()), value)
                }
                _ => (None, token.trim_start_matches('-')),
            },
        };
        if value.matches('"').count() % 2 == 1 {
            quoted = if quoted.is_some() { None } else { Some(field.clone()) };
        }
        let value = value.trim_matches('"');
        if !value.is_empty() {
            parts.push((field, value.to_owned()));
        }
    }
    parts
}

fn identities(postings: &[Posting]) -> String {
    let short = |posting: &Posting| posting.identity().hex()[..DIGITS].to_owned();
    postings.iter().map(short).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_capitalised_words_ask_for_a_person() {
        let check = |query: &str, expected: bool| assert_eq!(asks_for_a_person(query), expected, "{query}");
        check("Robin Exampleton", true);
        check("\"Robin Exampleton\"", true);
        check("Robin O'Example place:TX after:2019-07-01", true);
        check("Robin", false);
        check("robin exampleton", false);
        check("Robin Exampleton town", false);
        check("Robin Exampleton phone:704-555-0142", false);
        check("place:\"Los Angeles\"", false);
        check("place:\"Los Angeles\" Robin Exampleton", true);
        check("", false);
    }

    #[test]
    fn the_trail_learns_fields_and_no_words() {
        let check = |query: &str, expected: &str| assert_eq!(fields(query), expected, "{query}");
        check("town \"in town\"", "words");
        check("phone:555-0142 -place:\"Los Angeles\" after:2019-07-01 town", "after phone place words");
        check("robin:secret", "unknown");
        check("", "");
    }
}
