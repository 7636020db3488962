//! Cookies: never readable by scripts, never sent from another site, and tied to this host when the site is reached over
//! https.

use axum::http::{HeaderMap, HeaderValue, header};
use std::fmt::Write;

/// A cookie of this site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Secret of a session.
    Session,
    /// Token that every form must repeat.
    Csrf,
    /// A message for the next page.
    Flash,
}

impl Cookie {
    /// The name. Browsers take `__Host-` only with `Secure`, `Path=/` and no `Domain`, and only over https; a plain name
    /// is for trying the site out on one machine.
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Cookie::Session, true) => "__Host-session",
            (Cookie::Session, false) => "session",
            (Cookie::Csrf, true) => "__Host-csrf",
            (Cookie::Csrf, false) => "csrf",
            (Cookie::Flash, true) => "__Host-flash",
            (Cookie::Flash, false) => "flash",
        }
    }

    /// The value that the browser sent.
    pub(crate) fn read(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let name = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    /// The header that sets it; `seconds` is its life, the browser's session when not said, zero removes it. The value
    /// must be of letters, digits and `-`: anything else gives no header.
    pub(crate) fn write(self, value: &str, secure: bool, seconds: Option<u32>) -> Option<HeaderValue> {
        if !value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        let mut line = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict", self.name(secure));
        if secure {
            line.push_str("; Secure");
        }
        if let Some(seconds) = seconds {
            let _ = write!(line, "; Max-Age={seconds}");
        }
        HeaderValue::from_str(&line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_for_this_host_alone() {
        let line = |secure, seconds| Cookie::Session.write("ab12", secure, seconds).unwrap();
        assert_eq!(line(true, None), "__Host-session=ab12; Path=/; HttpOnly; SameSite=Strict; Secure");
        assert_eq!(line(false, Some(0)), "session=ab12; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
        for odd in ["a;b", "a b", "a\r\nb", "\u{e9}"] {
            assert_eq!(Cookie::Flash.write(odd, true, None), None, "{odd}");
        }
    }

    #[test]
    fn only_the_right_name_is_read() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("csrf=low; x; __Host-csrf=high"));
        headers.append(header::COOKIE, HeaderValue::from_static("flash=tip-sent"));
        assert_eq!(Cookie::Csrf.read(&headers, true), Some("high"));
        assert_eq!(Cookie::Csrf.read(&headers, false), Some("low"));
        assert_eq!(Cookie::Flash.read(&headers, false), Some("tip-sent"));
        assert_eq!(Cookie::Session.read(&headers, false), None);
    }
}
