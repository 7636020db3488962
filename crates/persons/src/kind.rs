//! What a column holds: told by its heading, else guessed from its values, else said by the user.

/// What a column of the input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// Given name.
    Given,
    /// Family name.
    Family,
    /// Whole name; beside given and family names only what they leave out is evidence.
    FullName,
    /// Date of birth.
    Date,
    /// A number that one person has: social security, case number.
    Identity,
    /// Telephone number.
    Phone,
    /// Street number and other short numbers.
    Number,
    /// Postcode.
    Code,
    /// E-mail address.
    Email,
    /// One of a few words: sex, state.
    Category,
    /// Anything else.
    Text,
}

const WORDS: [(Kind, &str); 11] = [
    (Kind::Given, "given"),
    (Kind::Family, "family"),
    (Kind::FullName, "full-name"),
    (Kind::Date, "date"),
    (Kind::Identity, "identity"),
    (Kind::Phone, "phone"),
    (Kind::Number, "number"),
    (Kind::Code, "code"),
    (Kind::Email, "email"),
    (Kind::Category, "category"),
    (Kind::Text, "text"),
];

impl Kind {
    /// The word for this kind.
    pub fn word(self) -> &'static str {
        WORDS[self as usize].1
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Kind> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }

    /// The words of all kinds.
    pub fn words() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(_, word)| *word)
    }
}

/// What a heading says of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// The id of the record.
    Id,
    /// Never evidence: the truth of a test, or a repetition of other columns.
    Never,
    /// A column of a person.
    Person(Kind),
    /// Nothing.
    Unknown,
}

/// What a heading says.
pub fn heading(name: &str) -> Heading {
    let name = name.trim().to_lowercase().replace([' ', '-', '.'], "_");
    Heading::Person(match name.as_str() {
        "id" | "unique_id" | "rec_id" => return Heading::Id,
        "cluster" | "label" | "source_dataset" => return Heading::Never,
        "given_name" | "first_name" | "forename" | "givenname" | "firstname" => Kind::Given,
        "family_name" | "surname" | "last_name" | "familyname" | "lastname" => Kind::Family,
        "full_name" | "name" | "fullname" | "first_and_surname" => Kind::FullName,
        "date_of_birth" | "dob" | "birth_date" | "birthdate" | "birthday" => Kind::Date,
        "ssn" | "soc_sec_id" | "social_security_number" => Kind::Identity,
        "phone" | "telephone" | "phone_number" | "mobile" => Kind::Phone,
        "email" | "e_mail" | "email_address" => Kind::Email,
        "street_number" | "house_number" => Kind::Number,
        "sex" | "gender" | "state" => Kind::Category,
        "address_1" | "address_2" | "address" | "street" | "city" | "suburb" | "town" | "birth_place"
        | "place_of_birth" | "occupation" => Kind::Text,
        "postcode" | "zip" | "zip_code" | "postal_code" => Kind::Code,
        name if name.starts_with("postcode_") => Kind::Code,
        _ => return Heading::Unknown,
    })
}

/// Values that are looked at for a guess.
const LOOKED_AT: usize = 2000;

/// Guesses what a column of so many cells holds from its different values; `given` tells whether a lower-case word is a
/// given name.
pub fn guess<'a>(values: impl Iterator<Item = &'a str>, cells: usize, given: impl Fn(&str) -> bool) -> Kind {
    let values: Vec<&str> = values.map(str::trim).filter(|value| !value.is_empty()).take(LOOKED_AT).collect();
    if values.is_empty() {
        return Kind::Text;
    }
    let share = |test: &dyn Fn(&str) -> bool| {
        values.iter().filter(|value| test(value)).count() as f64 / values.len() as f64
    };
    let distinct = values.len();
    let digits = |value: &str| value.chars().filter(char::is_ascii_digit).count();
    let is_number = |value: &str| value.chars().all(|c| c.is_ascii_digit() || "+-(). /".contains(c));
    let one_word = |value: &str| value.chars().all(|c| c.is_alphabetic() || "'-".contains(c));
    if share(&|value| value.contains('@') && value.contains('.')) > 0.8 {
        return Kind::Email;
    }
    if share(&is_date) > 0.8 {
        return Kind::Date;
    }
    if distinct <= 60 && distinct * 20 <= cells {
        return Kind::Category;
    }
    if share(&is_number) > 0.8 {
        let (long, many) = (share(&|value| digits(value) >= 10), distinct * 2 > cells.min(LOOKED_AT));
        let medium = share(&|value| digits(value) >= 6);
        return match () {
            () if long > 0.8 => Kind::Phone,
            () if medium > 0.8 && many => Kind::Identity,
            () if share(&|value| (4..=6).contains(&digits(value))) > 0.8 => Kind::Code,
            () => Kind::Number,
        };
    }
    if share(&|value| is_postcode(value)) > 0.8 {
        return Kind::Code;
    }
    let first = |value: &str| value.split_whitespace().next().unwrap_or_default().to_lowercase();
    let known = share(&|value| given(&first(value)));
    let words = values.iter().map(|value| value.split_whitespace().count()).sum::<usize>() as f64;
    let words = words / values.len() as f64;
    if share(&one_word) > 0.8 {
        return if known > 0.5 { Kind::Given } else { Kind::Family };
    }
    if known > 0.5 && (1.5..4.0).contains(&words) { Kind::FullName } else { Kind::Text }
}

/// Eight digits or three numbers, one of them a year.
fn is_date(value: &str) -> bool {
    let day = value.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let is_year =
        |text: &str| text.len() == 4 && text.parse::<u32>().is_ok_and(|year| (1000..2200).contains(&year));
    match parts[..] {
        [a, b, c] => (is_year(a) || is_year(c)) && b.len() <= 2 && b.parse::<u32>().is_ok(),
        [all] if all.len() == 8 && all.is_ascii() => {
            let number = |range: std::ops::Range<usize>| all[range].parse::<u32>().unwrap_or(99);
            is_year(&all[..4]) && number(4..6) <= 12 && number(6..8) <= 31
        }
        _ => false,
    }
}

/// Letters and digits in two short words, as in `TQ13 8DF`.
fn is_postcode(value: &str) -> bool {
    let has = |test: fn(&char) -> bool| value.chars().any(|c| test(&c));
    (4..=8).contains(&value.chars().count())
        && has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic)
        && value.split_whitespace().count() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_say_kinds() {
        assert_eq!(heading(" Soc_Sec_Id"), Heading::Person(Kind::Identity));
        assert_eq!(heading("postcode_fake"), Heading::Person(Kind::Code));
        assert_eq!(heading("Cluster"), Heading::Never);
        assert_eq!(heading("rec_id"), Heading::Id);
        assert_eq!(heading("x17"), Heading::Unknown);
        for word in Kind::words() {
            assert_eq!(Kind::parse(word).map(Kind::word), Some(word));
        }
    }

    #[test]
    fn values_tell_kinds() {
        let given = |name: &str| ["anna", "robert", "maria", "juan"].contains(&name);
        let check = |values: &[&str], kind| {
            assert_eq!(guess(values.iter().copied(), values.len(), given), kind, "{values:?}");
        };
        check(&["1990-01-02", "1985-12-30", ""], Kind::Date);
        check(&["19900102", "19851230"], Kind::Date);
        check(&["3/4/1990", "12/30/1985"], Kind::Date);
        check(&["a@example.com", "b@example.org"], Kind::Email);
        check(&["+1 704 555 0142", "(704) 555-0143"], Kind::Phone);
        check(&["6988048", "7364009", "7364010"], Kind::Identity);
        check(&["12", "7", "104"], Kind::Number);
        check(&["28202", "28203"], Kind::Code);
        check(&["TQ13 8DF", "W1 2AB"], Kind::Code);
        check(&["Anna", "Robert", "Maria"], Kind::Given);
        check(&["Smith", "Jones", "O'Neil"], Kind::Family);
        check(&["Anna Smith", "Robert M Jones"], Kind::FullName);
        check(&["12 Main Street", "4 Oak Avenue"], Kind::Text);
        assert_eq!(guess(["m", "f"].into_iter(), 40, given), Kind::Category);
        check(&[], Kind::Text);
    }
}
