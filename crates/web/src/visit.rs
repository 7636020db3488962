//! What a request says about its visitor: language, address, token, a message left by the page before.

use crate::cookie::Cookie;
use crate::lang::{Lang, Words};
use crate::layout::Flash;
use crate::{Settings, Site};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// One request's visitor.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Path of the page.
    pub(crate) path: String,
    /// Language to answer in.
    pub(crate) lang: Lang,
    /// What links add so that a language chosen by hand stays: nothing, `?lang=en` or `?lang=es`.
    pub(crate) query: &'static str,
    /// Where the request came from.
    pub(crate) address: IpAddr,
    /// The form token that the browser holds.
    pub(crate) token: Option<String>,
    /// A message left by the page before.
    pub(crate) flash: Option<Flash>,
}

impl Visit {
    /// Reads a request's head.
    pub(crate) fn of(parts: &Parts, settings: &Settings) -> Visit {
        let secure = settings.behind_proxy;
        let query = parts.uri.query().unwrap_or_default();
        let chosen = query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Lang::parse);
        Visit {
            path: parts.uri.path().to_owned(),
            lang: chosen.unwrap_or_else(|| Lang::of_browser(&parts.headers)),
            query: match chosen {
                Some(Lang::English) => "?lang=en",
                Some(Lang::Spanish) => "?lang=es",
                None => "",
            },
            address: address(parts, settings),
            token: Cookie::Csrf
                .read(&parts.headers, secure)
                .filter(|token| is_token(token))
                .map(str::to_owned),
            flash: Cookie::Flash.read(&parts.headers, secure).and_then(Flash::parse),
        }
    }

    /// The words of the visitor's language.
    pub(crate) fn words(&self) -> &'static Words {
        self.lang.words()
    }

    /// The token for the forms of this page: the one that the browser holds, or a new one.
    pub(crate) fn form_token(&self, site: &Site) -> String {
        self.token.clone().unwrap_or_else(|| new_secret(site))
    }
}

/// 256 random bits in hexadecimal digits: the token of forms, the secret of a session.
pub(crate) fn new_secret(site: &Site) -> String {
    site.random().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The sender's address: the peer's, or behind a proxy the last one forwarded, the only one that the proxy itself wrote.
fn address(parts: &Parts, settings: &Settings) -> IpAddr {
    let forwarded = || {
        let last = parts.headers.get_all("x-forwarded-for").iter().next_back()?;
        last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let peer = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let found = if settings.behind_proxy { forwarded().or_else(peer) } else { peer() };
    found.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

impl FromRequestParts<Arc<Site>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Visit, Infallible> {
        Ok(Visit::of(parts, &site.settings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::settings;
    use axum::http::Request;

    #[test]
    fn only_the_proxy_s_own_word_counts() {
        let check = |behind_proxy, forwarded: &[&str], expected: &str| {
            let mut request = Request::get("/");
            for line in forwarded {
                request = request.header("x-forwarded-for", *line);
            }
            let peer: SocketAddr = "198.51.100.1:5000".parse().unwrap();
            let (parts, ()) = request.extension(ConnectInfo(peer)).body(()).unwrap().into_parts();
            let found = address(&parts, &Settings { behind_proxy, ..settings() });
            assert_eq!(found.to_string(), expected, "{forwarded:?}");
        };
        check(false, &["192.0.2.1"], "198.51.100.1");
        check(true, &["192.0.2.1"], "192.0.2.1");
        check(true, &["203.0.113.9, 192.0.2.1"], "192.0.2.1");
        check(true, &["203.0.113.9", "192.0.2.1"], "192.0.2.1");
        check(true, &["rubbish"], "198.51.100.1");
        check(true, &[], "198.51.100.1");
    }
}
