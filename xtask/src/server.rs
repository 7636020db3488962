//! A real server on a record that was made up, and the members who sign in to it.

use crate::http::Client;
use crate::{cargo, tidy};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// The programs, and where they work.
pub struct Site {
    homeward: PathBuf,
    load: PathBuf,
    /// The data folder.
    pub data: PathBuf,
    /// The database; `None` for the folder's own.
    pub database: Option<String>,
}

/// The agency that runs the system in a record that was made up.
const DESK: &str = "NC0000000";

/// A server; it is killed when this is dropped.
pub struct Running {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
}

/// An account of the record that was made up.
#[derive(Clone)]
pub struct Account {
    /// The address.
    pub email: String,
    /// The job.
    pub role: String,
    /// The member's id.
    pub member: String,
    /// The organisation's id.
    pub agency: String,
    password: String,
    codes: Vec<u8>,
}

/// What is known of the record that was made up.
#[derive(Clone, Default)]
pub struct MadeUp {
    /// Accounts.
    pub accounts: Vec<Account>,
    /// Members: id, organisation, job.
    pub members: Vec<[String; 3]>,
    /// Leads, by id.
    pub leads: Vec<String>,
    /// Checks, by id.
    pub checks: Vec<String>,
    /// Missing reports, by id.
    pub reports: Vec<String>,
    /// Cases, by id.
    pub cases: Vec<String>,
    /// Initiatives, by id, the one under way first.
    pub initiatives: Vec<String>,
    /// Operations, by id.
    pub operations: Vec<String>,
    /// Events, by id.
    pub events: Vec<String>,
    /// Victims, by id.
    pub victims: Vec<String>,
}

/// Builds server and loader in a profile: `quick` is optimised without the link-time work of a release, `dev` is built
/// soonest.
pub fn site(root: &Path, profile: &str, data: PathBuf, database: Option<String>) -> Result<Site> {
    let what = ["-p", "homeward", "-p", "homeward-store", "--features", "homeward-store/bench"];
    let made = ["--bin", "homeward", "--example", "load"];
    cargo(root, &[&["build", "--quiet", "--profile", profile], &what[..], &made[..]].concat())?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let built = tidy::target_directory(root)?.join(folder);
    Ok(Site { homeward: built.join("homeward"), load: built.join("examples/load"), data, database })
}

impl Site {
    /// Makes the record up, with so many of each noun.
    pub fn load(&self, size: &[(&str, usize)]) -> Result<MadeUp> {
        let mut command = Command::new(&self.load);
        command.arg(&self.data).arg(self.database.as_deref().unwrap_or("own"));
        command.args(size.iter().map(|(noun, number)| format!("{noun}={number}")));
        crate::run(&mut command)?;
        let text = std::fs::read_to_string(self.data.join("made-up.tsv"))?;
        let mut made = MadeUp::default();
        for line in text.lines() {
            match line.split('\t').collect::<Vec<_>>()[..] {
                ["member", id, agency, role] => {
                    made.members.push([id, agency, role].map(str::to_owned));
                }
                ["account", email, password, codes, role, member, agency] => made.accounts.push(Account {
                    email: email.to_owned(),
                    role: role.to_owned(),
                    member: member.to_owned(),
                    agency: agency.to_owned(),
                    password: password.to_owned(),
                    codes: bytes(codes)?,
                }),
                ["lead", id] => made.leads.push(id.to_owned()),
                ["check", id] => made.checks.push(id.to_owned()),
                ["case", id] => made.cases.push(id.to_owned()),
                ["report", id] => made.reports.push(id.to_owned()),
                ["initiative", id] => made.initiatives.push(id.to_owned()),
                ["operation", id] => made.operations.push(id.to_owned()),
                ["event", id] => made.events.push(id.to_owned()),
                ["victim", id] => made.victims.push(id.to_owned()),
                _ => bail!("`{line}` is not a line of a record that was made up"),
            }
        }
        Ok(made)
    }

    /// A command of the record.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_in(&self.data, arguments)
    }

    /// The same on another data folder of this site's kind.
    pub fn command_in(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.homeward);
        for name in ["HOMEWARD_DATABASE", "HOMEWARD_KEY_FILE", "HOMEWARD_AUDIT_WITNESS"] {
            command.env_remove(name);
        }
        if let Some(database) = self.database.as_ref().filter(|_| data == self.data) {
            command.env("HOMEWARD_DATABASE", database);
        }
        if data == self.data {
            command.env("HOMEWARD_AUDIT_WITNESS", data.join("witness"));
        }
        command.arg("--data").arg(data).args(arguments);
        command
    }

    /// Starts the server without limits of rate, for all members come from this machine.
    pub fn serve(&self) -> Result<Running> {
        let mut command =
            self.command(&["serve", "--listen", "127.0.0.1:0", "--desk", DESK, "--no-rate-limit"]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("it has no output")?).read_line(&mut line)?;
        let at = line.trim().rsplit('/').next().and_then(|at| at.parse().ok());
        if let Some(at) = at {
            Ok(Running { child, at })
        } else {
            let _ = child.kill();
            child.wait()?;
            bail!("the server says `{}` and not where it listens", line.trim())
        }
    }
}

impl Running {
    /// Kills it at once, as when the power goes.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Account {
    /// Signs in with password and one-time code.
    pub fn sign_in(&self, at: SocketAddr) -> Result<(Client, String)> {
        let mut client = Client::new(at);
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let codes = totp_rs::Builder::new().with_secret(self.codes.clone()).build();
        let code = codes.map_err(|error| anyhow::anyhow!("{error}"))?.generate(seconds).to_string();
        let session = client.sign_in(&self.email, &self.password, &code)?;
        Ok((client, session))
    }
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair)?;
        Ok(u8::from_str_radix(pair, 16)?)
    });
    pairs.collect()
}
