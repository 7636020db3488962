//! Selectors that people type, one a line: `phone: 704-555-0142`. The values are written as the engine writes them, so that
//! two agencies that type one number in two ways mean the same. Texts of postings are not read here.

use crate::written::Problems;
use homeward_model::{Selector, SelectorKind};

/// The selectors of a text, one a line. A line without a kind is a phone, an e-mail address or a handle, by its shape.
pub(crate) fn selectors(problems: &mut Problems, text: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    for line in problems.lines("selectors", text) {
        match selector(&line) {
            Ok(selector) => found.push(selector),
            Err(why) => problems.note(why),
        }
    }
    found
}

fn selector(line: &str) -> Result<Selector, String> {
    let named = line
        .split_once(':')
        .and_then(|(word, value)| Some((SelectorKind::parse(&word.trim().to_lowercase())?, value.trim())));
    let (kind, value) = named
        .or_else(|| shape(line).map(|kind| (kind, line)))
        .ok_or_else(|| format!("`{line}` is no selector, write the kind before it: `phone: 704-555-0142`"))?;
    if !kind.identifies() {
        return Err(format!("a {} is shared by strangers, no plan turns on it", kind.word()));
    }
    let normal = match kind {
        SelectorKind::Phone => phone(value),
        SelectorKind::Email => email(value),
        SelectorKind::Url => url(value),
        _ => Some(value.to_lowercase())
            .filter(|value| !value.is_empty() && !value.contains(char::is_whitespace)),
    };
    let value = normal.ok_or_else(|| format!("`{line}` is no {}", kind.word()))?;
    // What counts is the value: the same one typed in two ways is one.
    let (raw, end) = (value.clone(), value.len());
    Ok(Selector { kind, value, raw, start: 0, end, confidence: 1.0, common: None })
}

fn shape(line: &str) -> Option<SelectorKind> {
    if line.starts_with('@') {
        return Some(SelectorKind::Handle);
    }
    if email(line).is_some() {
        return Some(SelectorKind::Email);
    }
    phone(line).map(|_| SelectorKind::Phone)
}

/// E.164; ten digits are of the North American plan.
pub(crate) fn phone(text: &str) -> Option<String> {
    let written = |letter: char| letter.is_ascii_digit() || " +-().".contains(letter);
    if !text.chars().all(written) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match (text.trim_start().starts_with('+'), digits.len()) {
        (true, 8..=15) => Some(format!("+{digits}")),
        (false, 10) => Some(format!("+1{digits}")),
        (false, 11) if digits.starts_with('1') => Some(format!("+{digits}")),
        _ => None,
    }
}

fn email(text: &str) -> Option<String> {
    let (name, domain) = text.split_once('@')?;
    let whole = !name.is_empty() && domain.contains('.') && !domain.contains('@');
    (whole && !text.contains(char::is_whitespace)).then(|| text.to_lowercase())
}

/// Scheme and `www.` removed, lower-case host.
fn url(text: &str) -> Option<String> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (host, path) = text.split_once('/').unwrap_or((text, ""));
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let whole = host.contains('.') && !text.contains(char::is_whitespace);
    let path = path.trim_end_matches('/');
    whole.then(|| if path.is_empty() { host.to_owned() } else { format!("{host}/{path}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> crate::Result<Vec<String>> {
        let mut problems = Problems::default();
        let found = selectors(&mut problems, text);
        let text = |one: &Selector| format!("{} {}", one.kind.word(), one.value);
        problems.or(found.iter().map(text).collect())
    }

    #[test]
    fn values_are_written_one_way() {
        let cases = [
            ("phone: 704-555-0142", "phone +17045550142"),
            ("Phone: (704) 555.0142", "phone +17045550142"),
            ("1 704 555 0142", "phone +17045550142"),
            ("phone: +44 20 7946 0018", "phone +442079460018"),
            ("email: Someone@Example.org", "email someone@example.org"),
            ("someone@example.org", "email someone@example.org"),
            ("url: https://www.Example.org/Page/", "url example.org/Page"),
            ("@Somebody", "handle @somebody"),
            ("payment: service:Name", "payment service:name"),
        ];
        for (typed, value) in cases {
            assert_eq!(read(typed).unwrap(), [value], "{typed}");
        }
        assert!(read("\n \n").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_selector_is_said_line_by_line() {
        let said = read("phone: 12\nprice: 80\nnobody").unwrap_err().to_string();
        assert!(said.contains("`phone: 12` is no phone") && said.contains("a price is shared"), "{said}");
        assert!(said.contains("`nobody` is no selector"), "{said}");
    }
}
