//! `homeward agency` and `homeward account`: how an operator sets up an installation on which nobody can sign in yet.

use crate::Global;
use crate::operate;
use crate::record::{self, Places, RecordOptions, outside, random};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use homeward_casework::{check_password, code_secret, invitation};
use homeward_model::{
    Agency, AgencyId, AgencyKind, AgencyState, Digest, EmailAddress, Grounds, MemberId, MemberScope, Ori,
    Role, Roles,
};
use homeward_store::{Held, Store, StoreError};
use std::path::{Path, PathBuf};

/// Characters of a password that is made here: 100 bits, far above the least that is asked for.
const PASSWORD: usize = 20;

/// Agencies.
#[derive(Subcommand)]
pub enum AgencyCommand {
    /// The agencies of the record
    #[command(after_help = "Example: homeward agency list")]
    List(RecordOptions),
    /// List an agency, or record the signed terms of one that is listed
    #[command(
        after_help = "Example: homeward agency add --ori NC0600100 --name 'Example Police' --kind police --terms signed.pdf"
    )]
    Add(AgencyArguments),
}

/// Which agency.
#[derive(Args)]
pub struct AgencyArguments {
    /// Its ORI, nine letters and digits; a provider has none
    #[arg(long)]
    ori: Option<String>,
    /// Its name
    #[arg(long)]
    name: String,
    /// What it is: police, federal, prosecutor, clearinghouse or provider
    #[arg(long, value_parser = kind)]
    kind: AgencyKind,
    /// The signed terms; their hash is recorded, and members have access from then on
    #[arg(long, value_name = "FILE")]
    terms: Option<PathBuf>,
    #[command(flatten)]
    record: RecordOptions,
}

/// Accounts.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Make an account, active at once, with a password and one-time codes
    #[command(
        after_help = "Example: homeward account invite --email a.lee@example.org --name 'A. Lee' --agency NC0600100 --role administrator"
    )]
    Invite(InviteArguments),
    /// Release an account that too many wrong attempts locked, when no administrator can
    #[command(
        after_help = "Example: homeward account unlock --email a.lee@example.org --why 'called back at the desk number'"
    )]
    Unlock(UnlockArguments),
}

/// Which account is released.
#[derive(Args)]
pub struct UnlockArguments {
    /// Address for signing in
    #[arg(long)]
    email: String,
    /// How you made sure that its member asks; it is kept with the account
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    record: RecordOptions,
}

/// Whom to invite.
#[derive(Args)]
pub struct InviteArguments {
    /// Address for signing in
    #[arg(long)]
    email: String,
    /// Name, as shown
    #[arg(long)]
    name: String,
    /// ORI of the agency, or its id as `homeward agency list` shows it
    #[arg(long, value_name = "ORI")]
    agency: String,
    /// Role; may be given several times
    #[arg(long = "role", required = true, value_parser = role)]
    roles: Vec<Role>,
    /// File with the first password in it; one is made and shown when not said
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    record: RecordOptions,
}

fn kind(text: &str) -> Result<AgencyKind, String> {
    let words: Vec<&str> = AgencyKind::ALL.iter().map(|kind| kind.word()).collect();
    AgencyKind::parse(text).ok_or_else(|| format!("`{text}` is not one of {}", words.join(", ")))
}

fn role(text: &str) -> Result<Role, String> {
    let words: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
    Role::parse(text).ok_or_else(|| format!("`{text}` is not one of {}", words.join(", ")))
}

/// `homeward agency`.
pub fn agency(global: &Global, command: &AgencyCommand) -> Result<()> {
    match command {
        AgencyCommand::List(options) => list(global, options),
        AgencyCommand::Add(arguments) => add(global, arguments),
    }
}

fn list(global: &Global, options: &RecordOptions) -> Result<()> {
    let places = Places::of(global, options);
    operate::existing(&places)?;
    let agencies = record::block_on(async { Ok(places.open().await?.listed_agencies(outside()).await?) })?;
    if agencies.is_empty() && !global.json {
        println!("no agencies yet; `homeward agency add` lists one");
    }
    for Held { noun: agency, .. } in agencies {
        show(global, &agency);
    }
    Ok(())
}

fn show(global: &Global, agency: &Agency) {
    let Agency { id, ori, name, kind, .. } = agency;
    let (ori, state) = (ori.as_ref().map(Ori::as_str), agency.state().word());
    if global.json {
        let line = serde_json::json!({"id": id.to_string(), "ori": ori, "name": name, "kind": kind.word(), "state": state});
        println!("{line}");
    } else {
        println!("{id}  {:<9}  {:<13}  {state:<9}  {name}", ori.unwrap_or("-"), kind.word());
    }
}

fn add(global: &Global, arguments: &AgencyArguments) -> Result<()> {
    let ori = arguments.ori.as_deref().map(Ori::new).transpose()?;
    let terms = arguments
        .terms
        .as_ref()
        .map(|path| std::fs::read(path).with_context(|| format!("failed to read `{}`", path.display())));
    let terms = terms.transpose()?.map(|text| Digest::of(&text));
    let agency = record::block_on(async {
        let store = record::open(global, &arguments.record).await?;
        let known = match &ori {
            Some(ori) => store.agency_of(ori).await?,
            None => None,
        };
        let held = match known {
            Some(held) if terms.is_none() => {
                bail!(
                    "agency `{}` is listed already; record its signed terms with `--terms FILE`",
                    held.noun.name
                )
            }
            Some(held) => held,
            None => {
                let id = AgencyId::new(crate::now(), random()?);
                let agency = Agency::list(id, ori.clone(), arguments.name.clone(), arguments.kind)?;
                store.list_agency(outside(), agency).await?
            }
        };
        match terms {
            Some(terms) => Ok(store.admit_agency(outside(), held.noun.id, terms).await?.noun),
            None => Ok(held.noun),
        }
    })?;
    show(global, &agency);
    if *agency.state() == AgencyState::Listed && !global.quiet {
        eprintln!(
            "hint: its members have access once its signed terms are recorded: give this again with `--terms FILE`"
        );
    }
    Ok(())
}

/// `homeward account`.
pub fn account(global: &Global, command: &AccountCommand) -> Result<()> {
    match command {
        AccountCommand::Invite(arguments) => invite(global, arguments),
        AccountCommand::Unlock(arguments) => unlock(global, arguments),
    }
}

fn unlock(global: &Global, arguments: &UnlockArguments) -> Result<()> {
    let why = Grounds::new(&arguments.why)?;
    let places = Places::of(global, &arguments.record);
    operate::existing(&places)?;
    let released = record::block_on(async {
        Ok(places.open().await?.release_account(outside(), &arguments.email, why).await?)
    })?;
    let Some(held) = released else {
        bail!("there is no account with the address `{}`", arguments.email.trim());
    };
    let id = held.noun.id;
    if global.json {
        println!("{}", serde_json::json!({"member": id.to_string(), "state": held.noun.state().word()}));
    } else if !global.quiet {
        println!("account {id} is released; whoever knows its password and has its device can sign in again");
    }
    Ok(())
}

fn invite(global: &Global, arguments: &InviteArguments) -> Result<()> {
    let email = EmailAddress::new(&arguments.email)?;
    let roles = Roles::new(arguments.roles.clone())?;
    let (password, made) = password(arguments.password_file.as_deref())?;
    if let Some(path) = &arguments.password_file {
        check_password(&password, &arguments.name, email.as_str())
            .with_context(|| format!("the password in `{}` cannot be taken", path.display()))?;
    }
    let mut random_bytes = [0; 32];
    getrandom::fill(&mut random_bytes).context("the system gives no random bytes")?;
    let (secret, code) = code_secret(&random_bytes, email.as_str());
    let places = Places::of(global, &arguments.record);
    operate::existing(&places)?;
    let id = MemberId::new(crate::now(), random()?);
    let agency = record::block_on(async {
        let store = places.open().await?;
        let agency = find(&store, &arguments.agency).await?;
        let invitation = invitation(id, &arguments.name, email.as_str(), agency.id, roles)?;
        match store.install_member(outside(), invitation, MemberScope::default()).await {
            Err(StoreError::Exists { .. }) => {
                bail!("there is an account with the address `{}` already", email.as_str())
            }
            installed => installed?,
        };
        store.set_credential(outside(), id, &password, Some(&secret)).await?;
        Ok(agency)
    })?;
    if global.json {
        let password = made.then_some(&password);
        println!(
            "{}",
            serde_json::json!({"member": id.to_string(), "password": password, "otpauth": code.address})
        );
    } else {
        println!("account {id} is active; what follows is shown this once");
        if made {
            println!("password: {password}");
        }
        println!("{}", code.address);
    }
    if !agency.takes_part() {
        eprintln!(
            "warning: agency `{}` has no signed terms on record; its members have no access until `homeward agency add --terms FILE`",
            agency.name
        );
    }
    Ok(())
}

async fn find(store: &Store, agency: &str) -> Result<Agency> {
    let found = match agency.parse::<AgencyId>() {
        Ok(id) => store.listed_agencies(outside()).await?.into_iter().find(|held| held.noun.id == id),
        Err(_) => store.agency_of(&Ori::new(agency)?).await?,
    };
    let found = found
        .with_context(|| format!("there is no agency `{agency}`; list it with `homeward agency add`"))?;
    Ok(found.noun)
}

/// The password of a file, or one that is made; and whether it was.
fn password(file: Option<&Path>) -> Result<(String, bool)> {
    let Some(path) = file else {
        let mut bytes = [0; PASSWORD];
        getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
        let alphabet = b"abcdefghjkmnpqrstuvwxyz023456789";
        return Ok((bytes.iter().map(|byte| char::from(alphabet[usize::from(byte % 32)])).collect(), true));
    };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    Ok((password, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_long_and_new() {
        let ((one, made), (two, _)) = (password(None).unwrap(), password(None).unwrap());
        assert!(made && one != two && one.len() == PASSWORD);
    }
}
