//! Signing in and out: password, one-time code, session.

use crate::{Casework, Outside, Result};
use homeward_access::Purpose;
use homeward_model::{Instant, MemberId};
use homeward_store::credential::SignIn as Answer;
use homeward_store::form_draft::KeptForm;
use homeward_store::session::Seat;
use totp_rs::Builder;

/// One try to sign in.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    /// The address of the account.
    pub account: &'a str,
    /// The password.
    pub password: &'a str,
    /// The one-time code, when one was given.
    pub code: Option<&'a str>,
    /// The secret of the session that a right answer opens, from an approved generator.
    pub secret: &'a [u8],
    /// Whether an account without a second factor is let in: in the demo only.
    pub one_factor: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// The session is open.
    Accepted(MemberId),
    /// Wrong address, password or code, or an account without access: nothing says which.
    Refused,
}

impl Casework {
    /// Answers one try to sign in.
    pub async fn sign_in(&self, outside: Outside<'_>, attempt: SignIn<'_>) -> Result<SignedIn> {
        let SignIn { account, password, code, secret, one_factor } = attempt;
        let Answer::Known(member) = self.store().try_password(outside, account, password).await? else {
            return Ok(SignedIn::Refused);
        };
        let proved = match self.store().totp_secret(member).await? {
            Some(key) => match code.and_then(|code| step_of(&key, code, outside.now)) {
                Some(step) => self.store().take_code(outside, member, step).await?,
                None => false,
            },
            None => one_factor,
        };
        if !proved {
            // Without a code, too: else a right password would tell itself from a wrong one by what is counted.
            self.store().wrong_code(outside, member).await?;
            return Ok(SignedIn::Refused);
        }
        self.store().open_session(outside, member, secret).await?;
        Ok(SignedIn::Accepted(member))
    }

    /// Who sits in a session.
    pub async fn seat(&self, outside: Outside<'_>, secret: &[u8]) -> Result<Seat> {
        Ok(self.store().session(outside, secret).await?)
    }

    /// The same for a page that refreshes by itself: it does not keep the session awake.
    pub async fn watching_seat(&self, outside: Outside<'_>, secret: &[u8]) -> Result<Seat> {
        Ok(self.store().watched_session(outside, secret).await?)
    }

    /// What a member says that this session is for; a search is recorded with it.
    pub async fn state_purpose(&self, outside: Outside<'_>, secret: &[u8], purpose: &Purpose) -> Result<()> {
        Ok(self.store().set_purpose(outside, secret, purpose).await?)
    }

    /// Keeps a half filled form for a member whose session has ended.
    pub async fn keep_form(
        &self,
        outside: Outside<'_>,
        member: MemberId,
        path: &str,
        body: &[u8],
    ) -> Result<()> {
        Ok(self.store().keep_form(outside, member, path, body).await?)
    }

    /// The newest form that was kept for a member.
    pub async fn kept_form(&self, outside: Outside<'_>, member: MemberId) -> Result<Option<KeptForm>> {
        Ok(self.store().form(outside, member).await?)
    }

    /// Forgets a kept form.
    pub async fn drop_form(&self, outside: Outside<'_>, member: MemberId, path: &str) -> Result<()> {
        Ok(self.store().drop_form(outside, member, path).await?)
    }

    /// Ends a session.
    pub async fn sign_out(&self, outside: Outside<'_>, secret: &[u8]) -> Result<()> {
        Ok(self.store().end_session(outside, secret).await?)
    }
}

/// The step of time for which a one-time code is right (RFC 6238: SHA-1, 30 s, six digits), one step of drift either way.
fn step_of(key: &[u8], code: &str, now: Instant) -> Option<i64> {
    let codes = Builder::new().with_secret(key.to_vec()).build().ok()?;
    let seconds = u64::try_from(now.0.div_euclid(1_000_000)).ok()?;
    codes.check(code.trim(), seconds).map(|step| step as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let key = b"12345678901234567890";
        let check = |seconds: i64, code: &str, step: Option<i64>| {
            assert_eq!(step_of(key, code, Instant(seconds * 1_000_000)), step, "{seconds}");
        };
        check(59, "287082", Some(1));
        check(59 + 30, "287082", Some(1));
        check(59 + 90, "287082", None);
        check(1_111_111_109, " 081804 ", Some(1_111_111_109 / 30));
        check(59, "28708", None);
        check(59, "", None);
    }
}
