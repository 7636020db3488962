//! Closed vocabularies: an enum whose every value has one word, written and read the same way everywhere.

/// Declares such an enum with `ALL`, `word`, `parse` and `Display`. Reading ignores case and takes `-` or `_` for a space.
macro_rules! words {
    ($($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ })+) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $value,)+ }

        impl $name {
            /// Every value, in the order of this list.
            pub const ALL: &'static [$name] = &[$($name::$value),+];

            /// The word for this value.
            pub const fn word(self) -> &'static str {
                match self { $($name::$value => $word,)+ }
            }

            /// Reads the word.
            pub fn parse(text: &str) -> Option<$name> {
                let text = $crate::words::plain(text);
                $name::ALL.iter().find(|value| $crate::words::plain(value.word()) == text).copied()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.word())
            }
        }
    )+};
}
pub(crate) use words;

/// A word as it is compared.
pub(crate) fn plain(text: &str) -> String {
    text.trim().to_lowercase().replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    words! {
        /// For the test.
        Colour {
            /// One.
            DarkRed = "dark red",
            /// Another.
            Blue = "blue",
        }
    }

    #[test]
    fn words_read_back() {
        for colour in Colour::ALL {
            assert_eq!(Colour::parse(colour.word()), Some(*colour));
        }
        assert_eq!(Colour::parse(" Dark_RED "), Some(Colour::DarkRed));
        assert_eq!(Colour::parse("green"), None);
        assert_eq!(Colour::Blue.to_string(), "blue");
    }
}
