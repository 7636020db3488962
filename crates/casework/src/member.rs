//! Members: invited, let in with a first password and one-time codes, changed, locked, released, gone.

use crate::{Casework, Context, Held, Listed, Outside, Page, Result, Revision, Trouble};
use data_encoding::BASE32_NOPAD;
use homeward_access::Act;
use homeward_model::text::{control, is_blank};
use homeward_model::{EmailAddress, Grounds, Member, MemberId, MemberScope, PhoneNumber, Roles};
use homeward_rules::record::{RecordRules, is_banned_password};
use homeward_store::credential::{NewCredential, SignIn};
use homeward_store::member::Invitation;
use homeward_store::session::OpenSession;
use std::fmt::Write;

/// Bytes of the secret of one-time codes: the length of the hash (RFC 4226, section 4).
const SECRET: usize = 20;

/// The secret of a member's one-time codes, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSecret {
    /// In base 32, as people type it into their device.
    pub text: String,
    /// The same as `otpauth://` address, as devices read it.
    pub address: String,
}

/// Whether a password may be chosen: long enough, not a common one, not what everybody knows of the member.
pub fn check_password(password: &str, name: &str, email: &str) -> Result<()> {
    let least = RecordRules::embedded().sessions.password_length.count;
    if password.chars().count() < least as usize {
        return Err(Trouble::invalid(format!("the password must have at least {least} characters")));
    }
    if is_banned_password(password) {
        return Err(Trouble::invalid("this password is one of the most common ones, choose another"));
    }
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<String>();
    let chosen = plain(password);
    let account = email.split('@').next().unwrap_or_default();
    if [name, email, account].iter().any(|known| !known.is_empty() && chosen == plain(known)) {
        return Err(Trouble::invalid("the password must not be the name or the address"));
    }
    Ok(())
}

/// A new secret of one-time codes from random bytes, as it is kept and as its member sees it once.
pub fn code_secret(random: &[u8; 32], email: &str) -> (Vec<u8>, CodeSecret) {
    let secret = random[..SECRET].to_vec();
    let text = BASE32_NOPAD.encode(&secret);
    let label = email.bytes().fold(String::new(), |mut label, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            label.push(char::from(byte));
        } else {
            let _ = write!(label, "%{byte:02X}");
        }
        label
    });
    let address = format!("otpauth://totp/Homeward:{label}?secret={text}&issuer=Homeward");
    (secret, CodeSecret { text, address })
}

/// A telephone number as people write it; none when nothing is written.
fn number(text: &str) -> Result<Option<PhoneNumber>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let number = crate::selectors::phone(text).and_then(|number| PhoneNumber::new(&number).ok());
    let no_number =
        || Trouble::invalid(format!("`{}` is no telephone number; hint: write `704-555-0142`", text.trim()));
    number.map(Some).ok_or_else(no_number)
}

impl Casework {
    /// Members that the actor may see, newest first.
    pub async fn members(&self, context: &Context<'_>, listed: &Listed) -> Result<Page<Member>> {
        Ok(self.store().members(context, listed).await?)
    }

    /// One member.
    pub async fn member(&self, context: &Context<'_>, id: MemberId) -> Result<Held<Member>> {
        Ok(self.store().member(context, id).await?)
    }

    /// Invites a person, with task forces and the end of access. The id of the member is that of the request.
    pub async fn invite_member(
        &self,
        context: &Context<'_>,
        invitation: Invitation,
        scope: MemberScope,
    ) -> Result<Held<Member>> {
        let id = invitation.id;
        let held = self.store().invite_member(context, invitation).await?;
        self.forget_who();
        if scope == *held.noun.scope() {
            return Ok(held);
        }
        // A request of its own that follows from the first: sent again, neither happens again.
        let revision = Revision { seen: held.version, request: !id.bits() };
        Ok(self.store().change_scope(context, id, revision, scope).await?)
    }

    /// Lets an invited member in, with a first password and a new secret of one-time codes.
    pub async fn activate_member(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        password: &str,
        random: &[u8; 32],
    ) -> Result<(Held<Member>, CodeSecret)> {
        let (new, shown) = self.new_credential(context, id, password, random).await?;
        let new = NewCredential { password, totp_secret: &new };
        let held = self.store().let_in(context, id, revision, new).await?;
        self.forget_who();
        Ok((held, shown))
    }

    /// Gives a member a new password and a new secret of one-time codes, when either was lost. Their sessions end, and they and
    /// those who answer for the account are told.
    pub async fn give_credential(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        password: &str,
        random: &[u8; 32],
    ) -> Result<(Held<Member>, CodeSecret)> {
        let (new, shown) = self.new_credential(context, id, password, random).await?;
        let new = NewCredential { password, totp_secret: &new };
        Ok((self.store().give_credential(context, id, revision, new).await?, shown))
    }

    /// A secret of one-time codes for a member whom the actor may see, once the password was found good enough.
    async fn new_credential(
        &self,
        context: &Context<'_>,
        id: MemberId,
        password: &str,
        random: &[u8; 32],
    ) -> Result<(Vec<u8>, CodeSecret)> {
        let held = self.store().member(context, id).await?;
        let email = held.noun.email.as_str();
        check_password(password, &held.noun.name, email)?;
        Ok(code_secret(random, email))
    }

    /// Changes the number at which a member is called; empty takes it away.
    pub async fn change_phone(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        phone: &str,
    ) -> Result<Held<Member>> {
        let held = self.store().change_phone(context, id, revision, number(phone)?).await?;
        self.forget_who();
        Ok(held)
    }

    /// Changes the number at which the actor is called; empty takes it away.
    pub async fn keep_own_number(
        &self,
        context: &Context<'_>,
        request: u128,
        phone: &str,
    ) -> Result<Held<Member>> {
        let held = self.store().keep_own_number(context, request, number(phone)?).await?;
        self.forget_who();
        Ok(held)
    }

    /// Changes the jobs of a member.
    pub async fn change_roles(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        roles: Roles,
    ) -> Result<Held<Member>> {
        let held = self.store().change_roles(context, id, revision, roles).await?;
        self.forget_who();
        Ok(held)
    }

    /// Changes task forces and the end of access. Compartments stay as they are.
    pub async fn change_scope(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        scope: MemberScope,
    ) -> Result<Held<Member>> {
        let held = self.store().member(context, id).await?;
        let compartments = held.noun.scope().compartments.clone();
        let scope = MemberScope { compartments, ..scope };
        Ok(self.store().change_scope(context, id, revision, scope).await?)
    }

    /// Locks an account; its sessions are over.
    pub async fn lock_member(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Member>> {
        let held = self.store().lock_member(context, id, revision, grounds).await?;
        self.forget_who();
        Ok(held)
    }

    /// Releases a locked account.
    pub async fn unlock_member(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Member>> {
        let held = self.store().unlock_member(context, id, revision, grounds).await?;
        self.forget_who();
        Ok(held)
    }

    /// Records that a member left; their sessions are over.
    pub async fn member_left(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        grounds: Grounds,
    ) -> Result<Held<Member>> {
        let held = self.store().member_left(context, id, revision, grounds).await?;
        self.forget_who();
        Ok(held)
    }

    /// Ends all sessions of a member, by an administrator.
    pub async fn end_sessions_of(&self, context: &Context<'_>, id: MemberId) -> Result<Held<Member>> {
        let held = self.store().member(context, id).await?;
        let what = [("sessions", "ended".to_owned())];
        self.store().permit(context, Act::LockMember, &held.resource, Some(id.bits()), &what).await?;
        self.store().end_sessions(Outside { from: context.from, now: context.now }, id).await?;
        Ok(held)
    }

    /// The actor's own open sessions, the newest first.
    pub async fn own_sessions(&self, context: &Context<'_>) -> Result<Vec<OpenSession>> {
        let outside = Outside { from: context.from, now: context.now };
        Ok(self.store().sessions_of(outside, context.actor.member).await?)
    }

    /// Ends all sessions of the actor.
    pub async fn sign_out_everywhere(&self, context: &Context<'_>) -> Result<()> {
        let outside = Outside { from: context.from, now: context.now };
        Ok(self.store().end_sessions(outside, context.actor.member).await?)
    }

    /// Changes the actor's own password. A wrong old one counts as a wrong attempt to sign in, and too many end the sessions
    /// too: somebody sits in one who does not know the password. All sessions end.
    pub async fn change_password(&self, context: &Context<'_>, old: &str, new: &str) -> Result<()> {
        let outside = Outside { from: context.from, now: context.now };
        let who = self.who(context.now).await?;
        let own = context.actor.member;
        let known = who.known_member(own).ok_or(Trouble::Missing { noun: "member" })?;
        check_password(new, &known.name, &known.email)?;
        let answer = self.store().try_password(outside, &known.email, old).await?;
        if answer == SignIn::Locked {
            self.store().end_sessions(outside, own).await?;
        }
        if answer != SignIn::Known(own) {
            return Err(Trouble::invalid("the old password is not right"));
        }
        if old == new {
            return Err(Trouble::invalid("the new password is the old one"));
        }
        let secret = self.store().totp_secret(own).await?;
        self.store().set_credential(outside, own, new, secret.as_deref()).await?;
        Ok(self.store().end_sessions(outside, own).await?)
    }
}

/// An invitation as an administrator fills it in.
pub fn invitation(
    id: MemberId,
    name: &str,
    email: &str,
    agency: homeward_model::AgencyId,
    roles: Roles,
) -> Result<Invitation> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_blank(&name) || name.chars().count() > 200 {
        return Err(Trouble::invalid("the name must have 1 to 200 characters"));
    }
    if control(&name).is_some() {
        return Err(Trouble::invalid("the name must have no control character"));
    }
    Ok(Invitation { id, name, email: EmailAddress::new(email.trim())?, agency, roles })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_uncommon_and_nobody_s_name() {
        let check = |password: &str, said: &str| {
            let found = check_password(password, "Ana Reyes", "ana.reyes@example.org");
            let found = found.err().map(|trouble| trouble.to_string()).unwrap_or_default();
            assert!(found.contains(said) && found.is_empty() == said.is_empty(), "{password}: {found}");
        };
        check("seven kind herons", "");
        check("short", "at least 8 characters");
        check("Baseball", "most common");
        check("anareyes", "must not be the name");
        check("Ana.Reyes", "must not be the name");
        check("ana.reyes@example.org", "must not be the name");
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        let check = |text: &str, expected: Option<&str>| {
            let read = number(text).unwrap().map(|number| number.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        };
        check(" ", None);
        check("704-555-0142", Some("+17045550142"));
        check("+1 (704) 555-0142", Some("+17045550142"));
        assert!(number("ask the desk").unwrap_err().to_string().contains("hint:"));
    }

    #[test]
    fn a_device_reads_the_secret() {
        let (_, known) = code_secret(b"12345678901234567890............", "a.lee+1@example.org");
        assert!(known.address.starts_with(
            "otpauth://totp/Homeward:a.lee%2B1%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
        ));
        let (secret, shown) = code_secret(&[0x5e; 32], "ana+1@example.org");
        assert_eq!((secret.len(), shown.text.len()), (20, 32));
        assert_eq!(
            shown.address,
            format!("otpauth://totp/Homeward:ana%2B1%40example.org?secret={}&issuer=Homeward", shown.text)
        );
    }
}
