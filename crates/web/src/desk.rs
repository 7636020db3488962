//! A signed-in visitor at work: who they are, what for, and how an answer reaches them.
//!
//! Every act and every view is one handler, mounted twice: as a page, and below `/api/v1` for programs. The path of the
//! request says which of the two is asked; [`Desk::show`] and [`Desk::done`] answer accordingly.

use crate::cookie::Cookie;
use crate::forms::{Filed, to_keep};
use crate::layout::{Did, FLASH_SECONDS, Flash, Layout, keep, page};
use crate::visit::Visit;
use crate::{Site, errors};
use askama::Template;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use homeward_access::{Act, Actor, Kind, Purpose, Resource, purpose_of};
use homeward_casework::{Casework, Context, Outside, Revision, Seat, Sitting, Trouble, Who};
use homeward_model::text::{control, is_blank};
use homeward_model::{Grounds, Instant, MemberId, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What a page says that asks for itself anew while nobody does anything.
pub(crate) const WATCHING: &str = "watching=1";

/// A signed-in visitor.
pub(crate) struct Desk {
    pub(crate) site: Arc<Site>,
    pub(crate) visit: Visit,
    pub(crate) casework: Casework,
    pub(crate) actor: Actor,
    /// What the visitor said that this session is for.
    pub(crate) stated: Option<Purpose>,
    pub(crate) who: Who,
    pub(crate) now: Instant,
    pub(crate) secret: Vec<u8>,
    /// The token of this visitor's forms: the one that the browser holds, or a new one that goes out with the page.
    pub(crate) token: String,
    from: String,
    program: bool,
}

impl FromRequestParts<Arc<Site>> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Desk, Response> {
        let visit = Visit::of(parts, &site.settings);
        let program = errors::is_api(&visit.path);
        let closed = || {
            if program {
                return errors::problem(StatusCode::UNAUTHORIZED, "sign in first: `POST /api/v1/session`");
            }
            let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
            let wanted: String = serde_urlencoded::to_string([("then", wanted)]).unwrap_or_default();
            Redirect::to(&format!("/sign-in?{wanted}")).into_response()
        };
        let (Some(casework), Some(secret)) = (&site.casework, secret(&parts.headers, site)) else {
            return Err(closed());
        };
        let (from, now) = (visit.address.to_string(), (site.now)());
        let outside = Outside { from: &from, now };
        let failed = |trouble| trouble_shown(site, &visit, &trouble, "");
        // A board that refreshes by itself does not keep a session awake.
        let watches = parts.uri.query().is_some_and(|query| query.split('&').any(|part| part == WATCHING));
        let seat = if watches {
            casework.watching_seat(outside, &secret).await
        } else {
            casework.seat(outside, &secret).await
        };
        let sitting = match seat.map_err(failed)? {
            Seat::Open(sitting) => sitting,
            Seat::Ended(member)
                if !program && keep_filed(casework, outside, member, parts).await.map_err(failed)? =>
            {
                return Err(Redirect::to("/sign-in?then=%2Fforms").into_response());
            }
            Seat::Ended(_) | Seat::None => return Err(closed()),
        };
        let Sitting { actor, purpose: stated, .. } = sitting;
        let who = casework.who(now).await.map_err(failed)?;
        let casework = casework.clone();
        let (site, token) = (Arc::clone(site), visit.form_token(site));
        Ok(Desk { site, visit, casework, actor, stated, who, now, secret, token, from, program })
    }
}

/// Keeps a form that came in after its session had ended, for the member who wrote it. `false` when there was none.
async fn keep_filed(
    casework: &Casework,
    outside: Outside<'_>,
    member: MemberId,
    parts: &Parts,
) -> Result<bool, Trouble> {
    let filed = parts.extensions.get::<Filed>().and_then(|Filed(body)| to_keep(body));
    let Some(body) = filed else { return Ok(false) };
    casework.keep_form(outside, member, parts.uri.path(), &body).await?;
    Ok(true)
}

/// The secret of a session: in the cookie, or for programs in the header `authorization: Bearer`.
fn secret(headers: &HeaderMap, site: &Site) -> Option<Vec<u8>> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
    let text = bearer.or_else(|| Cookie::Session.read(headers, site.settings.behind_proxy))?;
    let pairs = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    pairs.then(|| text.as_bytes().to_vec())
}

impl Desk {
    /// Who asks, what for, from where, and when.
    pub(crate) fn context<'a>(&'a self, purpose: &'a Purpose) -> Context<'a> {
        Context { actor: &self.actor, purpose, from: &self.from, now: self.now }
    }

    /// The same for what needs no actor.
    pub(crate) fn outside(&self) -> Outside<'_> {
        Outside { from: &self.from, now: self.now }
    }

    /// Whether the visitor may do an act on a record of a kind that is their organisation's: make one, open one.
    pub(crate) fn may_own(&self, kind: Kind, act: Act) -> bool {
        let (purpose, new) = (purpose_for(kind), Resource::owned(kind, self.actor.organisation));
        !self.casework.may(&self.context(&purpose), &new, &[act]).is_empty()
    }

    /// Whether the visitor is a victim specialist.
    pub(crate) fn is_specialist(&self) -> bool {
        self.actor.roles.has(Role::VictimSpecialist)
    }

    /// Whether a program asks.
    pub(crate) const fn is_program(&self) -> bool {
        self.program
    }

    /// What every page of this visitor carries.
    pub(crate) fn layout(&self) -> Layout {
        Layout::signed_in(self)
    }

    /// A view: for people on a page, for programs as JSON.
    pub(crate) fn show<V: Serialize, T: Template>(
        &self,
        view: V,
        on: impl FnOnce(Layout, V) -> T,
    ) -> Response {
        if self.program {
            return axum::Json(view).into_response();
        }
        self.page(StatusCode::OK, on(self.layout(), view))
    }

    /// A page.
    pub(crate) fn page(&self, status: StatusCode, template: impl Template) -> Response {
        let mut answer = page(status, &self.site, &self.visit, &template);
        if self.visit.token.is_none() {
            let cookie = Cookie::Csrf.write(&self.token, self.site.settings.behind_proxy, None);
            keep(answer.headers_mut(), cookie);
        }
        answer
    }

    /// An act was done: people are sent on to a page that says so, programs get what it made.
    pub(crate) fn done<V: Serialize>(&self, view: &V, to: &str, did: Did) -> Response {
        if self.program {
            return axum::Json(view).into_response();
        }
        let mut answer = Redirect::to(to).into_response();
        let cookie = Cookie::Flash.write(
            &Flash::Done(did).word(),
            self.site.settings.behind_proxy,
            Some(FLASH_SECONDS),
        );
        keep(answer.headers_mut(), cookie);
        answer
    }

    /// An act that did not happen, with what was typed, so that nothing is lost.
    pub(crate) fn trouble(&self, trouble: &Trouble, typed: &str) -> Response {
        // Here it is known who that was.
        if let Trouble::Answered { noun, word, by, at: when } = trouble {
            let (by, when) = (self.who.member(*by), at(*when));
            let said = format!("this {noun} was {word} already by {by} at {when}; nothing was changed");
            return trouble_on(self.layout(), &self.site, &self.visit, &Trouble::Illegal(said), typed);
        }
        trouble_on(self.layout(), &self.site, &self.visit, trouble, typed)
    }

    /// Does an act on the record of a kind that an address names; shows what it made of the record, and where that is.
    pub(crate) async fn act<I: std::str::FromStr, R, V: Serialize>(
        &self,
        (kind, noun, wanted): (Kind, &'static str, &str),
        (typed, did): (&str, Did),
        act: impl AsyncFnOnce(&Context<'_>, I) -> Result<R, Trouble>,
        shown: impl FnOnce(&R) -> (V, String),
    ) -> Response {
        let purpose = purpose_for(kind);
        let done = async { act(&self.context(&purpose), id(wanted, noun)?).await };
        match done.await {
            Ok(record) => {
                let (view, to) = shown(&record);
                self.done(&view, &to, did)
            }
            Err(trouble) => self.trouble(&trouble, typed),
        }
    }

    /// Version and request of a change. A request that names no id gets one: it is then done once for each time it is sent.
    pub(crate) fn revision(&self, seen: i64, request: &str) -> Result<Revision, Trouble> {
        Ok(Revision { seen, request: self.request(request)? })
    }

    /// The id of a request, as the client made it.
    pub(crate) fn request(&self, text: &str) -> Result<u128, Trouble> {
        if text.is_empty() {
            return Ok(self.fresh());
        }
        let id: Result<homeward_model::LeadId, _> = text.parse();
        id.map(homeward_model::LeadId::bits)
            .map_err(|_| Trouble::invalid(format!("`request` must be a uuid, not `{}`", short(text))))
    }

    /// Bits of a new id.
    pub(crate) fn fresh(&self) -> u128 {
        fresh(&self.site)
    }
}

/// What a kind of record is read for in the ordinary course of work.
pub(crate) fn purpose_for(kind: Kind) -> Purpose {
    Purpose::of(purpose_of(kind))
}

/// Bits of a new id in the shape of a version 7 uuid.
pub(crate) fn fresh(site: &Site) -> u128 {
    let random = site.random()[..16].iter().fold(0u128, |bits, byte| bits << 8 | u128::from(*byte));
    homeward_model::LeadId::new((site.now)(), random).bits()
}

/// The first characters of a text, for a message.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Why somebody decided, as they wrote it.
pub(crate) fn grounds(text: &str) -> Result<Grounds, Trouble> {
    Ok(Grounds::new(if is_blank(text) { "" } else { text })?)
}

/// An id in a path or a field; what is no id names nothing.
pub(crate) fn id<T: std::str::FromStr>(text: &str, noun: &'static str) -> Result<T, Trouble> {
    text.trim().parse().map_err(|_| Trouble::Missing { noun })
}

/// Where a page of a list begins: after the last id of the page before; the first page says nothing.
pub(crate) fn after<T: std::str::FromStr>(text: &str, noun: &'static str) -> Result<Option<T>, Trouble> {
    if text.is_empty() { Ok(None) } else { id(text, noun).map(Some) }
}

/// A word by which a list is narrowed, when one was given. A word that there is not would show an empty list, as if there
/// were nothing to show.
pub(crate) fn narrowed(field: &str, given: &str, words: &[&str]) -> Result<Option<String>, Trouble> {
    if given.is_empty() || words.contains(&given) {
        return Ok(Some(given.to_owned()).filter(|word| !word.is_empty()));
    }
    let known = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let given = short(given);
    Err(Trouble::invalid(format!("`{field}` cannot be `{given}`; hint: it is empty or one of {known}")))
}

/// What was sent: a form from a page, JSON from a program.
pub(crate) struct Sent<T> {
    /// The fields.
    pub(crate) fields: T,
    /// The body as it came, to be shown again when the act does not happen.
    pub(crate) typed: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<Site>> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Sent<T>, Response> {
        let (parts, body) = request.into_parts();
        let visit = Visit::of(&parts, &site.settings);
        let bytes: Bytes = to_bytes(body, crate::LARGEST_BODY)
            .await
            .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        let refused = |why: String| trouble_shown(site, &visit, &Trouble::Invalid(why), "");
        if errors::is_api(&visit.path) {
            let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            if kind.is_none_or(|kind| !kind.starts_with("application/json")) {
                let detail = "send `content-type: application/json`";
                return Err(errors::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
            }
            let fields = serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
            let whole = serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
            if let Some(control) = control_in(&whole) {
                return Err(refused(no_control(control)));
            }
            return Ok(Sent { fields, typed: String::new() });
        }
        let typed = String::from_utf8_lossy(&bytes).into_owned();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&typed).unwrap_or_default();
        if let Some(control) = pairs.iter().find_map(|(_, text)| control(text)) {
            return Err(refused(no_control(control)));
        }
        let fields = serde_urlencoded::from_bytes(&bytes).map_err(|error| refused(error.to_string()))?;
        Ok(Sent { fields, typed })
    }
}

/// The first control character in the texts of a body.
fn control_in(body: &serde_json::Value) -> Option<char> {
    match body {
        serde_json::Value::String(text) => control(text),
        serde_json::Value::Array(items) => items.iter().find_map(control_in),
        serde_json::Value::Object(fields) => fields.values().find_map(control_in),
        _ => None,
    }
}

fn no_control(control: char) -> String {
    let code = u32::from(control);
    format!("a field holds the control character U+{code:04X}, which nobody can read; hint: type it anew")
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    layout: Layout,
    title: &'static str,
    about: String,
    typed: Vec<(String, String)>,
}

/// Fields that a page wrote into its forms, not the person.
pub(crate) const OURS: [&str; 4] = ["csrf", "request", "seen", "then"];

/// An act that did not happen, for people or programs.
pub(crate) fn trouble_shown(site: &Site, visit: &Visit, trouble: &Trouble, typed: &str) -> Response {
    trouble_on(Layout::new(site, visit), site, visit, trouble, typed)
}

fn trouble_on(layout: Layout, site: &Site, visit: &Visit, trouble: &Trouble, typed: &str) -> Response {
    let (status, title, about) = match trouble {
        Trouble::Missing { .. } => return StatusCode::NOT_FOUND.into_response(),
        Trouble::Conflict { .. } => (StatusCode::CONFLICT, "Somebody was faster", trouble.to_string()),
        Trouble::Illegal(_) | Trouble::Answered { .. } => {
            (StatusCode::CONFLICT, "That is not possible now", trouble.to_string())
        }
        Trouble::Invalid(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Something must be mended", trouble.to_string())
        }
        Trouble::Unavailable(why) => {
            eprintln!("error: {}: {why}", visit.path);
            let about = "It was not done, and nothing was changed. Try again in a moment.".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, "It does not work right now", about)
        }
    };
    if errors::is_api(&visit.path) {
        return errors::problem(status, &about);
    }
    let typed: Vec<(String, String)> = serde_urlencoded::from_str(typed).unwrap_or_default();
    let typed = typed.into_iter().filter(|(name, text)| !OURS.contains(&name.as_str()) && !text.is_empty());
    page(status, site, visit, &TroublePage { layout, title, about, typed: typed.collect() })
}

/// A moment for a page: minutes, with the zone named.
pub(crate) fn at(moment: Instant) -> String {
    crate::layout::with_zone(moment)
}

/// A moment as a field of a form holds it, in UTC.
pub(crate) fn typed(moment: Instant) -> String {
    at(moment).trim_end_matches(" UTC").replacen(' ', "T", 1)
}

#[cfg(test)]
mod tests {
    use crate::testing::recorded;
    use axum::body::Body;
    use axum::extract::Request;
    use homeward_casework::rehearsal::EAST;
    use homeward_model::Role;

    #[tokio::test]
    async fn a_browser_without_a_token_gets_the_one_that_its_forms_repeat() {
        let site = recorded().await;
        let session = site.sign_in(EAST, Role::Analyst).await;
        let request = Request::get("/day").header("cookie", format!("session={session}"));
        let answer = site.send(request.body(Body::empty()).unwrap()).await;
        let token = answer.header("set-cookie").split(['=', ';']).nth(1).unwrap();
        assert_eq!(token.len(), 64);
        assert!(answer.text().contains(&format!("name=\"csrf\" value=\"{token}\"")), "{}", answer.text());
    }
}
