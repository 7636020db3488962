//! How members prove who they are: a password as an argon2id hash, and the secret of their one-time codes, encrypted.
//!
//! Too many wrong attempts in a span lock the account (CJIS AC-7, numbers from `rules`): nobody signs in to it until an
//! administrator or the operator releases it. Sessions that were open before go on.

use crate::body::Body;
use crate::connection::{bits, bytes};
use crate::keys::random;
use crate::notification::{self, Notice};
use crate::record::{self, Held, Noun, Revision};
use crate::schema::credential;
use crate::write::Write;
use crate::{Context, Outside, Result, Store, StoreError, emergency, session};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use homeward_access::Act;
use homeward_model::{
    Change, Grounds, Instant, Member, MemberChange, MemberId, MemberState, NoticeKind, Refused, Role, Stamp,
};
use homeward_rules::record::RecordRules;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait};
use tokio::sync::Semaphore;

/// Passwords hashed at a time: each takes 19 MiB, and a flood of attempts must not take the machine.
static HASHING: Semaphore = Semaphore::const_new(4);

/// The answer to a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// It is theirs. The one-time code is still to be asked.
    Known(MemberId),
    /// Address or password is wrong, or the account has no access: nothing says which.
    Wrong,
    /// The account is locked.
    Locked,
}

/// What a member proves themselves with from now on. Whether it is good enough was decided before.
#[derive(Clone, Copy)]
pub struct NewCredential<'a> {
    /// The password.
    pub password: &'a str,
    /// The secret of one-time codes.
    pub totp_secret: &'a [u8],
}

/// Columns that a new password sets anew.
const REPLACED: [credential::Column; 6] = [
    credential::Column::Password,
    credential::Column::Totp,
    credential::Column::LastStep,
    credential::Column::Failures,
    credential::Column::FirstFailureAt,
    credential::Column::SetAt,
];

fn unhashed(because: &impl ToString) -> StoreError {
    StoreError::Keys { path: "password".to_owned(), because: because.to_string() }
}

fn hashed(password: &str) -> Result<String> {
    let mut salt = [0; 16];
    random(&mut salt).map_err(|error| unhashed(&error))?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.map_err(|error| unhashed(&error))?.to_string())
}

impl Store {
    /// Sets the password of a member, and the secret of their one-time codes. Whether both are good enough was decided
    /// before.
    pub async fn set_credential(
        &self,
        outside: Outside<'_>,
        member: MemberId,
        password: &str,
        totp_secret: Option<&[u8]>,
    ) -> Result<()> {
        let row = self.credential(outside.now, member, password, totp_secret).await?;
        let mut write = self.write_outside(outside).await?;
        let done = replace(&mut write, member, row).await;
        write.finish(done).await
    }

    /// Lets an invited member in, with what they prove themselves with.
    pub async fn let_in(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        new: NewCredential<'_>,
    ) -> Result<Held<Member>> {
        let row = self.credential(context.now, id, new.password, Some(new.totp_secret)).await?;
        let mut write = self.write(context).await?;
        let done = once(&mut write, id, revision, row, |member, stamp| Ok(member.activate(stamp)?)).await;
        write.finish(done).await
    }

    /// Gives a member what they prove themselves with anew; their sessions are over. Whoever gives it could sign in as the
    /// member: so the member is told, the other administrators, and those who would see what is done in the member's name:
    /// colleagues behind the wall when the member stands behind it, supervisors when not.
    pub async fn give_credential(
        &self,
        context: &Context<'_>,
        id: MemberId,
        revision: Revision,
        new: NewCredential<'_>,
    ) -> Result<Held<Member>> {
        let row = self.credential(context.now, id, new.password, Some(new.totp_secret)).await?;
        let mut write = self.write(context).await?;
        let done = async {
            let step = |member: Member, stamp| Ok(member.give_credential(stamp)?);
            let held = once(&mut write, id, revision, row, step).await?;
            session::shut(write.connection(), id).await?;
            let behind_wall = held.noun.roles().list().iter().any(|role| role.is_of_service());
            let watches = |role: Role| match role {
                Role::Administrator => true,
                Role::Supervisor => !behind_wall,
                role => behind_wall && role.is_of_service(),
            };
            let agency = held.noun.agency;
            let mut to = emergency::in_jobs(&write, agency, watches, context.now).await?;
            to.retain(|other| ![id, context.actor.member].contains(other));
            to.insert(0, id);
            for to in to {
                let notice = Notice {
                    cause: revision.request,
                    to,
                    agency,
                    kind: NoticeKind::CredentialGiven,
                    noun: Member::NOUN,
                    about: id.to_string(),
                };
                notification::tell(&mut write, "notify", notice, context.now).await?;
            }
            Ok(held)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// The row of a new password. It is hashed before the writer's turn.
    async fn credential(
        &self,
        now: Instant,
        member: MemberId,
        password: &str,
        totp_secret: Option<&[u8]>,
    ) -> Result<credential::ActiveModel> {
        let chosen = password.to_owned();
        let hash = tokio::task::spawn_blocking(move || hashed(&chosen)).await;
        let hash = hash.map_err(|error| unhashed(&error))??;
        let totp = match totp_secret {
            Some(secret) => Some(self.keys().seal("member", member.bits(), "one-time codes", secret)?),
            None => None,
        };
        Ok(credential::ActiveModel {
            member: Set(bytes(member.bits())),
            password: Set(hash),
            totp: Set(totp),
            last_step: Set(0),
            failures: Set(0),
            first_failure_at: Set(0),
            set_at: Set(now.0),
        })
    }

    /// Tries a password. Right or wrong, the attempt is in the trail before this answers. The password is hashed before the
    /// writer's turn, which others wait for; what it means is decided inside, where the attempts of an account are counted one
    /// after the other.
    pub async fn try_password(&self, outside: Outside<'_>, email: &str, password: &str) -> Result<SignIn> {
        let email = email.trim().to_lowercase();
        let held = record::named::<Member>(self.connection(), self.keys(), &email).await?;
        let tried = match held {
            Some(held) => {
                credential::Entity::find_by_id(bytes(held.noun.bits())).one(self.connection()).await?
            }
            None => None,
        };
        let tried = tried.map(|row| row.password);
        let right = verified(password.to_owned(), tried.clone()).await?;
        let mut write = self.write_outside(outside).await?;
        let done = attempt(&mut write, outside, &email, tried.as_deref(), right).await;
        write.finish(done).await
    }

    /// The secret of a member's one-time codes.
    pub async fn totp_secret(&self, member: MemberId) -> Result<Option<Vec<u8>>> {
        let row = credential::Entity::find_by_id(bytes(member.bits())).one(self.connection()).await?;
        let sealed = row.and_then(|row| row.totp);
        sealed
            .map(|sealed| self.keys().open_text("member", member.bits(), "one-time codes", &sealed))
            .transpose()
    }

    /// Takes a right one-time code by its step of time. `false` when that code, or a later one, was taken before: a code is
    /// good once.
    pub async fn take_code(&self, outside: Outside<'_>, member: MemberId, step: i64) -> Result<bool> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let row = credential::Entity::find_by_id(bytes(member.bits())).one(write.connection()).await?;
            let fresh = row.filter(|row| row.last_step < step);
            let outcome = if fresh.is_some() { "taken" } else { "used before" };
            write.say("one-time code", Member::KIND, Some(member.bits()), &[("code", outcome.to_owned())]);
            let Some(row) = fresh else { return Ok(false) };
            let row = credential::ActiveModel {
                member: Set(row.member),
                last_step: Set(step),
                failures: Set(0),
                first_failure_at: Set(0),
                ..Default::default()
            };
            row.update(write.connection()).await?;
            Ok(true)
        };
        let done = done.await;
        write.finish(done).await
    }

    /// Counts a wrong one-time code as a wrong attempt to sign in; too many lock the account as wrong passwords do.
    pub async fn wrong_code(&self, outside: Outside<'_>, member: MemberId) -> Result<SignIn> {
        let mut write = self.write_outside(outside).await?;
        let done = async {
            let row = credential::Entity::find_by_id(bytes(member.bits())).one(write.connection()).await?;
            let held = write.find::<Member>(member.bits()).await?;
            let (Some(held), Some(row)) = (held, row) else { return Ok(SignIn::Wrong) };
            let answer = match held.noun.state() {
                MemberState::Locked { .. } => SignIn::Locked,
                _ => failed(&mut write, outside, held, &row).await?,
            };
            let more = [("code", "wrong".to_owned()), ("answer", format!("{answer:?}"))];
            write.say("one-time code", Member::KIND, Some(member.bits()), &more);
            Ok(answer)
        };
        let done = done.await;
        write.finish(done).await
    }
}

/// A move by which a member gets what they prove themselves with, and that itself. It is shown once: the same request again
/// cannot show it.
async fn once(
    write: &mut Write<'_>,
    id: MemberId,
    revision: Revision,
    row: credential::ActiveModel,
    step: impl FnOnce(Member, Stamp) -> Result<(Member, Change<MemberChange>)>,
) -> Result<Held<Member>> {
    if write.repeats(Act::ChangeMember, Member::KIND, id.bits(), revision.request).await? {
        let because = "it was given by this request already and is shown once; hint: give another";
        return Err(Refused::new("new password", because).into());
    }
    let held = write.alter(Act::ChangeMember, id.bits(), revision, step).await?;
    replace(write, id, row).await?;
    Ok(held)
}

/// Puts a credential in the place of the one before.
async fn replace(write: &mut Write<'_>, member: MemberId, row: credential::ActiveModel) -> Result<()> {
    let replace = OnConflict::column(credential::Column::Member).update_columns(REPLACED).to_owned();
    credential::Entity::insert(row).on_conflict(replace).exec_without_returning(write.connection()).await?;
    write.say("set credential", Member::KIND, Some(member.bits()), &[]);
    Ok(())
}

/// Forgets the wrong attempts of a member, so that the next one does not lock the account again at once.
pub(crate) async fn forgive(connection: &impl ConnectionTrait, member: MemberId) -> Result<()> {
    let there = credential::Entity::find_by_id(bytes(member.bits())).one(connection).await?;
    if there.is_some() {
        count(connection, member, 0, 0).await?;
    }
    Ok(())
}

/// Whether a password is the one of a hash. Without a hash it is as slow as with one, so that time does not tell which
/// addresses are known.
async fn verified(password: String, hash: Option<String>) -> Result<bool> {
    let _free = HASHING.acquire().await.map_err(|error| unhashed(&error))?;
    let work = move || match hash {
        Some(hash) => Ok(Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok()),
        None => hashed(&password).map(|_| false),
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| unhashed(&error))?
}

/// What an attempt means, once the password was held against a hash.
async fn attempt(
    write: &mut Write<'_>,
    outside: Outside<'_>,
    email: &str,
    tried: Option<&str>,
    right: bool,
) -> Result<SignIn> {
    let held = write.find_named::<Member>(email).await?;
    let row = match &held {
        Some(held) => credential::Entity::find_by_id(bytes(held.noun.bits())).one(write.connection()).await?,
        None => None,
    };
    // A password that was replaced while the attempt was hashed counts as none.
    let (Some(held), Some(row)) = (held, row.filter(|row| Some(row.password.as_str()) == tried)) else {
        write.say("sign in", Member::KIND, None, &[("answer", "unknown".to_owned())]);
        return Ok(SignIn::Wrong);
    };
    let id = held.noun.id;
    let answer = if matches!(held.noun.state(), MemberState::Locked { .. }) {
        SignIn::Locked
    } else if !right {
        failed(write, outside, held, &row).await?
    } else if held.noun.has_access(outside.now) {
        // Where a one-time code is still to come the count goes on until it is right: who knows the password must not guess
        // codes without end.
        if row.totp.is_none() {
            count(write.connection(), id, 0, 0).await?;
        }
        SignIn::Known(id)
    } else {
        SignIn::Wrong
    };
    write.say("sign in", Member::KIND, Some(id.bits()), &[("answer", format!("{answer:?}"))]);
    Ok(answer)
}

/// Counts a wrong attempt, and locks the account when there were too many.
async fn failed(
    write: &mut Write<'_>,
    outside: Outside<'_>,
    held: Held<Member>,
    row: &credential::Model,
) -> Result<SignIn> {
    let sessions = &RecordRules::embedded().sessions;
    let counted =
        outside.now.0 < row.first_failure_at.saturating_add_unsigned(sessions.lockout_window.span.micros());
    let (failures, first) =
        if counted { (row.failures + 1, row.first_failure_at) } else { (1, outside.now.0) };
    count(write.connection(), held.noun.id, failures, first).await?;
    if failures < sessions.lockout_attempts.count as i32 || *held.noun.state() != MemberState::Active {
        return Ok(SignIn::Wrong);
    }
    let stamp = Stamp { by: held.noun.id, at: outside.now };
    let (member, change) = held.noun.lock(Grounds::new("too many wrong passwords or codes")?, stamp)?;
    let mut resource = held.resource;
    member.place(&mut resource);
    let held = Held { noun: member, version: held.version + 1, resource };
    let request = outside.now.0 as u128 ^ bits(&row.member).unwrap_or_default();
    write.keep(Act::LockMember, &held, &change.what.write(), request).await?;
    // Sessions that are open go on: whoever tried knows no password, and must not be able to end the member's work.
    Ok(SignIn::Locked)
}

async fn count(connection: &impl ConnectionTrait, member: MemberId, failures: i32, first: i64) -> Result<()> {
    let row = credential::ActiveModel {
        member: Set(bytes(member.bits())),
        failures: Set(failures),
        first_failure_at: Set(first),
        ..Default::default()
    };
    row.update(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_argon2id_with_a_salt_of_its_own() {
        let (one, two) = (hashed("correct horse").unwrap(), hashed("correct horse").unwrap());
        assert!(one.starts_with("$argon2id$v=19$") && one != two);
        Argon2::default().verify_password(b"correct horse", one.as_str()).unwrap();
        assert!(Argon2::default().verify_password(b"battery", one.as_str()).is_err());
    }
}
