//! What a person types to search, as clauses that must all hold.
//!
//! ```text
//! words             must occur in title or body, in any case, look-alikes folded
//! "in town"         words side by side
//! phone:704-555-0142  a number in any spelling, or its last digits
//! email: handle: url: payment: place: source: id: after: before:
//! -anything         must not hold
//! ```

use crate::extract::Reader;
use homeward_archive::{Clause, Condition, words};
use homeward_linkage::normalise::fold_text;
use homeward_model::{Instant, Posting, SelectorKind};

/// Fields that may be asked for.
const FIELDS: &str = "phone, email, handle, url, payment, place, source, id, after and before";
/// Fewest digits of a number that are worth looking for.
const LEAST_DIGITS: usize = 4;

/// A query that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A field that there is not.
    #[error("there is no field `{0}:`")]
    Field(String),
    /// A field with nothing after it.
    #[error("`{0}:` wants a value after the colon")]
    NoValue(String),
    /// A date that is none.
    #[error("`{0}` is no date")]
    Date(String),
    /// A number with too few digits.
    #[error("`{0}` has fewer than {LEAST_DIGITS} digits")]
    Digits(String),
    /// Nothing but marks.
    #[error("`{0}` holds no word and no number")]
    NoWord(String),
    /// A quotation without end.
    #[error("a quotation begins at `{0}` and does not end")]
    Quote(String),
    /// Nothing at all.
    #[error("the query is empty")]
    Empty,
}

impl QueryError {
    /// What to try next.
    pub fn hint(&self) -> String {
        match self {
            QueryError::Field(_) => {
                format!("fields are {FIELDS}; put the words in double quotes to look for the text itself")
            }
            QueryError::NoValue(field) => {
                format!(
                    "write `{field}:value`, or `{field}:\"several words\"`, without a space after the colon"
                )
            }
            QueryError::Date(_) => "use YYYY-MM-DD or RFC 3339".to_owned(),
            QueryError::Digits(_) => "give the whole number or its last digits".to_owned(),
            QueryError::NoWord(_) | QueryError::Empty => {
                format!("give words, a \"phrase\", or a field: {FIELDS}")
            }
            QueryError::Quote(_) => "close it with a double quote".to_owned(),
        }
    }
}

/// A part of the query: `-field:"value"`.
#[derive(Debug, Default, PartialEq)]
struct Part {
    not: bool,
    field: Option<String>,
    value: String,
}

/// Reads a query.
pub fn parse(reader: &Reader, query: &str) -> Result<Vec<Clause>, QueryError> {
    let parts = parts(query)?;
    if parts.is_empty() {
        return Err(QueryError::Empty);
    }
    parts.into_iter().map(|part| Ok(Clause { not: part.not, condition: condition(reader, &part)? })).collect()
}

/// Cuts at white space outside quotes; a field is letters before the first colon.
fn parts(query: &str) -> Result<Vec<Part>, QueryError> {
    let mut parts = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let mut part = Part::default();
        if let Some(after) = rest.strip_prefix('-').filter(|after| !after.starts_with(char::is_whitespace)) {
            part.not = true;
            rest = after;
        }
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if letters > 0 && rest[letters..].starts_with(':') {
            part.field = Some(rest[..letters].to_lowercase());
            rest = &rest[letters + 1..];
        }
        let end = if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').ok_or_else(|| QueryError::Quote(rest.chars().take(20).collect()))?;
            quoted[..end].clone_into(&mut part.value);
            end + 2
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest[..end].clone_into(&mut part.value);
            end
        };
        rest = rest[end..].trim_start();
        if !(part.field.is_none() && part.value.is_empty()) {
            parts.push(part);
        }
    }
    Ok(parts)
}

fn condition(reader: &Reader, part: &Part) -> Result<Condition, QueryError> {
    let value = part.value.trim();
    let Some(field) = part.field.as_deref() else { return text(value).map(Condition::Text) };
    let date = || Instant::parse(value).ok_or_else(|| QueryError::Date(value.to_owned()));
    let known = ["place", "city", "source", "id", "after", "before"].contains(&field);
    let kind = SelectorKind::parse(field).filter(|kind| kind.identifies());
    if !known && kind.is_none() {
        return Err(QueryError::Field(field.to_owned()));
    }
    if value.is_empty() {
        return Err(QueryError::NoValue(field.to_owned()));
    }
    Ok(match (field, kind) {
        (_, Some(kind)) => Condition::Selector(kind, selector(reader, kind, value)?),
        ("source", _) => Condition::Source(value.to_owned()),
        ("id", _) => Condition::Id(value.to_owned()),
        ("after", _) => Condition::After(date()?),
        ("before", _) => Condition::Before(date()?),
        _ => Condition::Place(text(value)?),
    })
}

fn text(value: &str) -> Result<String, QueryError> {
    let folded = fold_text(value).text;
    if words(&folded).is_empty() {
        return Err(QueryError::NoWord(value.to_owned()));
    }
    Ok(folded)
}

/// A value as the engine reads it in a posting; as typed when it reads nothing of that kind there.
fn selector(reader: &Reader, kind: SelectorKind, value: &str) -> Result<String, QueryError> {
    let contact = Posting { contacts: vec![value.to_owned()], ..Posting::default() };
    let read = reader.selectors(&contact).into_iter().find(|selector| selector.kind == kind);
    if let Some(read) = read {
        return Ok(read.value);
    }
    if kind == SelectorKind::Phone {
        let digits: String = fold_text(value).text.chars().filter(char::is_ascii_digit).collect();
        return if digits.len() < LEAST_DIGITS {
            Err(QueryError::Digits(value.to_owned()))
        } else {
            Ok(digits)
        };
    }
    let value = value.to_lowercase();
    let value = value.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.");
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_rules::Rules;

    fn check(query: &str, expected: &[(bool, Condition)]) {
        let reader = Reader::new(Rules::embedded(), "US");
        let clauses: Vec<Clause> =
            expected.iter().cloned().map(|(not, condition)| Clause { not, condition }).collect();
        assert_eq!(parse(&reader, query), Ok(clauses), "{query}");
    }

    fn refused(query: &str, expected: QueryError) {
        assert_eq!(parse(&Reader::new(Rules::embedded(), "US"), query), Err(expected), "{query}");
    }

    fn word(text: &str) -> Condition {
        Condition::Text(text.to_owned())
    }

    fn phone(value: &str) -> Condition {
        Condition::Selector(SelectorKind::Phone, value.to_owned())
    }

    #[test]
    fn words_phrases_and_their_absence() {
        check("In  town", &[(false, word("in")), (false, word("town"))]);
        check(r#""In town" -week"#, &[(false, word("in town")), (true, word("week"))]);
        check("co-op 10:30", &[(false, word("co-op")), (false, word("10:30"))]);
    }

    #[test]
    fn numbers_in_any_spelling() {
        for spelling in
            ["phone:704-555-0142", "phone:\"(704) 555 0142\"", "phone:+17045550142", "phone:7O4.555.0142"]
        {
            check(spelling, &[(false, phone("+17045550142"))]);
        }
        check("phone:5550142", &[(false, phone("5550142"))]);
        refused("phone:142", QueryError::Digits("142".into()));
    }

    #[test]
    fn other_fields() {
        let selector = |kind, value: &str| Condition::Selector(kind, value.to_owned());
        check("email:Mia@Example.org", &[(false, selector(SelectorKind::Email, "mia@example.org"))]);
        check("url:https://www.example.org/a", &[(false, selector(SelectorKind::Url, "example.org/a"))]);
        check(r#"-place:"Charlotte, NC""#, &[(true, Condition::Place("charlotte, nc".into()))]);
        check("source:Board-A", &[(false, Condition::Source("Board-A".into()))]);
        let day = Instant::parse("2019-07-04").unwrap();
        check(
            "after:2019-07-04 before:07/04/2019",
            &[(false, Condition::After(day)), (false, Condition::Before(day))],
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        refused("colour:red", QueryError::Field("colour".into()));
        refused("price:80", QueryError::Field("price".into()));
        refused("phone: 704", QueryError::NoValue("phone".into()));
        refused("after:soon", QueryError::Date("soon".into()));
        refused("\"in town", QueryError::Quote("\"in town".into()));
        refused("!!!", QueryError::NoWord("!!!".into()));
        refused(" ", QueryError::Empty);
        assert!(QueryError::Field("colour".into()).hint().contains("phone"));
    }
}
