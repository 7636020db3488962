//! What every page carries: navigation, demo banner, message, footer.

use crate::cookie::Cookie;
use crate::lang::{Lang, Words};
use crate::visit::Visit;
use crate::{Site, assets};
use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use homeward_model::{Instant, Role};

/// Who sees an entry of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, signed in or not.
    Everybody,
    /// Members who hold one of these roles.
    Roles(&'static [Role]),
}

/// An entry of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Where it leads.
    pub path: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Who sees it. Hiding an entry protects nothing: the page behind it decides for itself.
    pub audience: Audience,
}

/// A link of the navigation as one visitor sees it.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

/// A message for the next page. The cookie holds a word of this list, never a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flash {
    /// A tip was kept, under this reference.
    TipReceived(String),
}

impl Flash {
    /// Reads the cookie.
    pub(crate) fn parse(text: &str) -> Option<Flash> {
        let reference = text.strip_prefix("tip-received-")?;
        (reference.len() <= 40).then(|| Flash::TipReceived(reference.to_owned()))
    }

    /// The word for the cookie.
    pub(crate) fn word(&self) -> String {
        match self {
            Flash::TipReceived(reference) => format!("tip-received-{reference}"),
        }
    }

    fn shown(&self, words: &Words) -> String {
        match self {
            Flash::TipReceived(reference) => format!("{} {reference}", words.tip_received),
        }
    }
}

/// What the base template needs.
pub(crate) struct Layout {
    pub(crate) words: &'static Words,
    pub(crate) lang: Lang,
    pub(crate) query: &'static str,
    pub(crate) assets: &'static str,
    pub(crate) nav: Vec<Link>,
    pub(crate) other_language: String,
    pub(crate) demo: bool,
    pub(crate) flash: Option<String>,
    pub(crate) version: &'static str,
    pub(crate) made: String,
    pub(crate) quick_exit: bool,
}

impl Layout {
    /// The layout of a page for a visitor without an account.
    pub(crate) fn new(site: &Site, visit: &Visit) -> Layout {
        let words = visit.words();
        Layout {
            words,
            lang: visit.lang,
            query: visit.query,
            assets: assets::root(),
            nav: links(&site.navigation, visit, &[]),
            other_language: format!("{}?lang={}", visit.path, visit.lang.other().code()),
            demo: site.settings.demo,
            flash: visit.flash.as_ref().map(|flash| flash.shown(words)),
            version: env!("CARGO_PKG_VERSION"),
            made: with_zone((site.now)()),
            quick_exit: false,
        }
    }

    /// The same with the quick exit: for pages that somebody may have to leave at once.
    pub(crate) fn with_quick_exit(self) -> Layout {
        Layout { quick_exit: true, ..self }
    }
}

/// The public entries, then those of the site that these roles may see.
fn links(more: &[NavItem], visit: &Visit, roles: &[Role]) -> Vec<Link> {
    let words = visit.words();
    let public = [
        ("/help", words.nav_help),
        ("/tip", words.nav_tip),
        ("/api", words.nav_api),
        ("/sign-in", words.nav_sign_in),
    ];
    let seen = |item: &&NavItem| match item.audience {
        Audience::Everybody => true,
        Audience::Roles(allowed) => roles.iter().any(|role| allowed.contains(role)),
    };
    let more = more.iter().filter(seen).map(|item| (item.path, item.label));
    public
        .into_iter()
        .chain(more)
        .map(|(path, label)| Link {
            href: format!("{path}{}", visit.query),
            label,
            current: visit.path == path,
        })
        .collect()
}

/// `2026-11-24 14:42 UTC`: a time is never shown without its zone.
pub(crate) fn with_zone(at: Instant) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => text,
    }
}

/// A rendered page; a message that it has shown is taken from the browser.
pub(crate) fn page(status: StatusCode, site: &Site, visit: &Visit, template: &impl Template) -> Response {
    let Ok(html) = template.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut answer = (status, Html(html)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visit.lang.code()));
    if visit.flash.is_some() {
        keep(headers, Cookie::Flash.write("", site.settings.behind_proxy, Some(0)));
    }
    answer
}

/// Adds a cookie to an answer.
pub(crate) fn keep(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::settings;
    use axum::http::Request;

    #[test]
    fn entries_are_shown_to_their_roles_only() {
        let (parts, ()) = Request::get("/leads?lang=es").body(()).unwrap().into_parts();
        let visit = Visit::of(&parts, &settings());
        let leads = NavItem {
            path: "/leads",
            label: "Leads",
            audience: Audience::Roles(&[Role::Analyst, Role::Supervisor]),
        };
        let about = NavItem { path: "/about", label: "About", audience: Audience::Everybody };
        let check = |roles: &[Role], expected: &[&str]| {
            let links = links(&[leads, about], &visit, roles);
            let shown: Vec<&str> = links.iter().skip(4).map(|link| link.href.as_str()).collect();
            assert_eq!(shown, expected, "{roles:?}");
            assert!(links.iter().all(|link| link.current == link.href.starts_with("/leads")));
        };
        check(&[], &["/about?lang=es"]);
        check(&[Role::Auditor], &["/about?lang=es"]);
        check(&[Role::Analyst], &["/leads?lang=es", "/about?lang=es"]);
    }

    #[test]
    fn times_name_their_zone() {
        assert_eq!(with_zone(Instant(0)), "1970-01-01 00:00 UTC");
        assert_eq!(with_zone(Instant(1_564_617_599_000_000)), "2019-07-31 23:59 UTC");
    }

    #[test]
    fn messages_survive_their_cookie() {
        let flash = Flash::TipReceived("T-1".to_owned());
        assert_eq!(Flash::parse(&flash.word()), Some(flash));
        assert_eq!(Flash::parse("<b>"), None);
        assert_eq!(Flash::parse(&format!("tip-received-{}", "x".repeat(41))), None);
    }
}
