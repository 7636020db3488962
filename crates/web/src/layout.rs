//! What every page carries: navigation, demo banner, message, footer.

use crate::cookie::Cookie;
use crate::desk::{Desk, fresh};
use crate::lang::{Lang, Words};
use crate::visit::Visit;
use crate::{Site, assets};
use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use homeward_model::{Instant, LeadId, Role};
use homeward_rules::record::RecordRules;
use std::sync::Arc;

/// An entry of the navigation behind the door. Hiding one protects nothing: the page behind it decides for itself.
struct NavItem {
    path: &'static str,
    label: &'static str,
    /// Jobs that have a use for it; none means all.
    jobs: &'static [Role],
}

const SEEKING: &[Role] = &[Role::Analyst, Role::Investigator, Role::Supervisor, Role::Clearinghouse];

/// Pages of the record, in the order of a day's work.
const NAVIGATION: &[NavItem] = &[
    NavItem { path: "/day", label: "My day", jobs: &[] },
    NavItem { path: "/findings", label: "Findings", jobs: SEEKING },
    NavItem {
        path: "/leads",
        label: "Leads",
        jobs: &[Role::Analyst, Role::Investigator, Role::Supervisor, Role::Coordinator, Role::Clearinghouse],
    },
    NavItem {
        path: "/cases",
        label: "Cases",
        jobs: &[Role::Investigator, Role::Supervisor, Role::Prosecutor],
    },
    NavItem { path: "/missing", label: "Missing", jobs: SEEKING },
    NavItem { path: "/initiatives", label: "Initiatives", jobs: &[Role::Coordinator, Role::Supervisor] },
    NavItem {
        path: "/operations",
        label: "Operations",
        jobs: &[Role::Investigator, Role::Supervisor, Role::Coordinator],
    },
    NavItem {
        path: "/events",
        label: "Events",
        jobs: &[Role::Investigator, Role::Supervisor, Role::Coordinator, Role::VictimSpecialist],
    },
    NavItem {
        path: "/checks",
        label: "Checks",
        jobs: &[Role::Analyst, Role::Investigator, Role::Supervisor, Role::Coordinator],
    },
    NavItem { path: "/tips", label: "Tips", jobs: &[Role::Analyst, Role::Supervisor, Role::Clearinghouse] },
    NavItem {
        path: "/search",
        label: "Search",
        jobs: &[Role::Analyst, Role::Investigator, Role::Clearinghouse],
    },
    NavItem {
        path: "/victims",
        label: "Victims",
        jobs: &[Role::Investigator, Role::Supervisor, Role::VictimSpecialist],
    },
    NavItem { path: "/referrals", label: "Referrals", jobs: &[Role::VictimSpecialist, Role::ServicePartner] },
    NavItem { path: "/provider-records", label: "Own records", jobs: &[Role::ServicePartner] },
    NavItem {
        path: "/confidentiality",
        label: "Confidentiality",
        jobs: &[Role::VictimSpecialist, Role::ServicePartner],
    },
    NavItem {
        path: "/services",
        label: "Services",
        jobs: &[
            Role::VictimSpecialist,
            Role::ServicePartner,
            Role::Coordinator,
            Role::Investigator,
            Role::Supervisor,
        ],
    },
    NavItem {
        path: "/results",
        label: "Results",
        jobs: &[Role::Records, Role::Supervisor, Role::Coordinator],
    },
    NavItem { path: "/break-glass", label: "Break-glass", jobs: &[Role::Supervisor] },
    NavItem { path: "/people", label: "Agencies and people", jobs: &[Role::Administrator] },
    NavItem { path: "/audit", label: "Audit", jobs: &[Role::Auditor] },
];

/// A link of the navigation as one visitor sees it.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

/// Seconds that a message waits for its page.
pub(crate) const FLASH_SECONDS: u32 = 60;

/// A message for the next page. The cookie holds a word of this list, never a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flash {
    /// A tip was kept, under this reference.
    TipReceived(String),
    /// An act was done.
    Done(Did),
}

macro_rules! did {
    ($($value:ident = $word:literal: $said:literal,)+) => {
        /// What was done, for the message on the next page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Did { $($value,)+ }

        impl Did {
            const ALL: &'static [(Did, &'static str, &'static str)] = &[$((Did::$value, $word, $said)),+];
        }
    };
}

did! {
    Admitted = "admitted": "The lead was made.",
    Dismissed = "dismissed": "The finding was dismissed and is not offered again. This can be undone below.",
    Undone = "undone": "That was undone.",
    Triaged = "triaged": "The lead was triaged.",
    Assigned = "assigned": "The lead was assigned, and its new owner was told.",
    Started = "started": "The work on the lead has begun.",
    HandedBack = "handed-back": "The lead was handed back.",
    Closed = "closed": "The lead was closed.",
    Reopened = "reopened": "The lead was reopened.",
    Noted = "noted": "The note was kept.",
    Forwarded = "forwarded": "The tip was forwarded.",
    Declined = "declined": "The tip was declined.",
    Kept = "kept": "That was kept.",
    Asked = "asked": "The check was asked.",
    Answered = "answered": "The answer was recorded.",
    Judged = "judged": "The judgement was recorded.",
    Stated = "stated": "The purpose of this session was recorded.",
    Read = "read": "Marked as read.",
    Invited = "invited": "The person was invited. Let them in once they have proved who they are.",
    PasswordChanged = "password-changed": "The password was changed. Sign in with the new one.",
    SignedOut = "signed-out": "You were signed out everywhere.",
    Sealed = "sealed": "The record was sealed: only members assigned to it open it.",
    Unsealed = "unsealed": "The seal was lifted.",
    Purged = "purged": "What the record said was destroyed.",
    Opened = "opened": "The record stands open to you for a short time. The supervisors of its owner were told.",
    Reviewed = "reviewed": "The review was recorded.",
    Discarded = "discarded": "It was thrown away.",
    Referred = "referred": "The referral was made, and the provider was told.",
    Released = "released": "The release was recorded. What it covers can be read from its first moment on.",
    Revoked = "revoked": "The release was revoked. Nobody reads by it any more.",
    EventPlanned = "event-planned": "The event was planned, and its check was asked. Whoever is named was told.",
    EventMoved = "event-moved": "The event was moved and checked again. Approval and the specialist's hour must be given anew.",
    EventApproved = "event-approved": "The event was approved. Whoever is named was told.",
    HourDeclined = "hour-declined": "You declined the hour. Who plans the event was told, and it is closed to you now.",
    HourAsked = "hour-asked": "The victim specialist was asked for an hour.",
    CaseOpened = "case-opened": "The case was opened. A supervisor was told that its predicate waits.",
    CaseAssigned = "case-assigned": "The case was assigned, and who works it from now on was told.",
    CaseCharged = "case-charged": "The charge was recorded, and who works the case was told.",
    CaseEnded = "case-ended": "The case has ended.",
    CaseReleased = "case-released": "The release is in the log. Fetch the files below before the case changes.",
}

impl Flash {
    /// Reads the cookie.
    pub(crate) fn parse(text: &str) -> Option<Flash> {
        if let Some((did, ..)) = Did::ALL.iter().find(|(_, word, _)| *word == text) {
            return Some(Flash::Done(*did));
        }
        let reference = text.strip_prefix("tip-received-")?;
        (reference.len() <= 40).then(|| Flash::TipReceived(reference.to_owned()))
    }

    /// The word for the cookie.
    pub(crate) fn word(&self) -> String {
        match self {
            Flash::TipReceived(reference) => format!("tip-received-{reference}"),
            Flash::Done(did) => Did::ALL[*did as usize].1.to_owned(),
        }
    }

    fn shown(&self, words: &Words) -> String {
        match self {
            Flash::TipReceived(reference) => format!("{} {reference}", words.tip_received),
            Flash::Done(did) => Did::ALL[*did as usize].2.to_owned(),
        }
    }
}

/// Who is signed in, as every page shows it.
pub(crate) struct Seat {
    pub(crate) name: String,
    pub(crate) agency: String,
    pub(crate) jobs: String,
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
    pub(crate) seat: Option<Seat>,
    /// The token that every form must repeat; empty on pages without forms.
    pub(crate) csrf: String,
    /// The page above an act: where to look again when it did not happen.
    pub(crate) here: String,
    site: Option<Arc<Site>>,
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
            nav: public_links(visit),
            other_language: format!("{}?lang={}", visit.path, visit.lang.other().code()),
            demo: site.settings.demo,
            flash: visit.flash.as_ref().map(|flash| flash.shown(words)),
            version: env!("CARGO_PKG_VERSION"),
            made: with_zone((site.now)()),
            quick_exit: false,
            seat: None,
            csrf: String::new(),
            here: visit
                .path
                .rsplit_once('/')
                .map_or("/", |(above, _)| if above.is_empty() { "/" } else { above })
                .to_owned(),
            site: None,
        }
    }

    /// The layout of a page of the record, in English.
    pub(crate) fn signed_in(desk: &Desk) -> Layout {
        let (site, visit) = (&desk.site, &desk.visit);
        let jobs: Vec<&str> = desk.actor.roles.list().iter().map(|role| role.word()).collect();
        let seat = Seat {
            name: desk.who.member(desk.actor.member),
            agency: desk.who.agency(desk.actor.organisation),
            jobs: jobs.join(", "),
        };
        let words = Lang::English.words();
        Layout {
            words,
            lang: Lang::English,
            flash: visit.flash.as_ref().map(|flash| flash.shown(words)),
            nav: links(visit, desk.actor.roles.list()),
            seat: Some(seat),
            csrf: desk.token.clone(),
            site: Some(Arc::clone(site)),
            ..Layout::new(site, visit)
        }
    }

    /// The same with the quick exit: for pages that somebody may have to leave at once.
    pub(crate) fn with_quick_exit(self) -> Layout {
        Layout { quick_exit: true, ..self }
    }

    /// The id of a request, made with the form: sent again, the form does nothing again.
    pub(crate) fn fresh(&self) -> String {
        self.site.as_ref().map_or_else(String::new, |site| LeadId::from_bits(fresh(site)).to_string())
    }
}

/// Seconds without a word from the visitor after which a session is over, and its page must show nothing any more.
pub(crate) fn idle_seconds() -> u64 {
    RecordRules::embedded().sessions.idle_lock.span.micros() / 1_000_000
}

/// The public entries.
fn public_links(visit: &Visit) -> Vec<Link> {
    let words = visit.words();
    let public = [
        ("/help", words.nav_help),
        ("/tip", words.nav_tip),
        ("/api", words.nav_api),
        ("/sign-in", words.nav_sign_in),
    ];
    let link =
        |(path, label)| Link { href: format!("{path}{}", visit.query), label, current: visit.path == path };
    public.into_iter().map(link).collect()
}

/// The entries that members in these jobs have a use for.
fn links(visit: &Visit, roles: &[Role]) -> Vec<Link> {
    let seen = |item: &&NavItem| item.jobs.is_empty() || roles.iter().any(|role| item.jobs.contains(role));
    let inside = |item: &NavItem| {
        visit.path.strip_prefix(item.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let link = |item: &NavItem| Link { href: item.path.to_owned(), label: item.label, current: inside(item) };
    NAVIGATION.iter().filter(seen).map(link).collect()
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
    fn entries_are_shown_to_their_jobs_only() {
        let (parts, ()) = Request::get("/leads/7").body(()).unwrap().into_parts();
        let visit = Visit::of(&parts, &settings());
        let check = |roles: &[Role], expected: &[&str]| {
            let links = links(&visit, roles);
            let shown: Vec<&str> = links.iter().map(|link| link.href.as_str()).collect();
            assert_eq!(shown, expected, "{roles:?}");
            assert!(links.iter().all(|link| link.current == (link.href == "/leads")));
        };
        check(&[], &["/day"]);
        check(&[Role::Auditor], &["/day", "/audit"]);
        check(&[Role::Analyst], &["/day", "/findings", "/leads", "/missing", "/checks", "/tips", "/search"]);
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
        for (did, word, _) in Did::ALL {
            assert_eq!(Flash::Done(*did).word(), *word);
            assert_eq!(Flash::parse(word), Some(Flash::Done(*did)));
        }
        assert_eq!(Flash::parse("<b>"), None);
        assert_eq!(Flash::parse(&format!("tip-received-{}", "x".repeat(41))), None);
    }
}
