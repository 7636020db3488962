//! What the pages need from elsewhere: three small traits that the caller fills, or leaves out.
//!
//! Without them the public pages still help; what would need a record says so and names whom to call.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

/// An answer that takes its time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A tip as the public page took it: text and links, never files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTip {
    /// What it says, 1 to 5,000 characters.
    pub text: String,
    /// Addresses of pages, at most ten, each `http://` or `https://`. Nobody has opened them.
    pub links: Vec<String>,
    /// How to reach who gave it, when they said so.
    pub contact: Option<String>,
}

/// The tip is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TipReceived {
    /// What the sender may quote; it opens nothing.
    pub reference: String,
}

/// It could not be done; the text is for the operator's log, never for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

/// Takes tips in. An `Ok` means that the tip is on disk.
pub trait TipSink: Send + Sync {
    /// Keeps a tip.
    fn receive(&self, tip: NewTip) -> Answer<'_, Result<TipReceived, Unavailable>>;
}

/// One try to sign in.
#[derive(Clone)]
pub struct SignIn {
    /// Name of the account.
    pub account: String,
    /// Password.
    pub password: String,
    /// One-time code, when one was given.
    pub code: Option<String>,
    /// Where the try came from.
    pub address: IpAddr,
}

/// What became of a try to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    /// A session was opened; its secret goes into the cookie and nowhere else.
    Accepted {
        /// The secret.
        session: String,
    },
    /// Wrong name, password or code, or a locked or ended account: all of them look the same from outside.
    Refused,
}

/// An account that the demo shows on the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// Name of the account.
    pub account: String,
    /// Its password.
    pub password: String,
    /// The job, in plain words.
    pub job: String,
}

/// Lets people in.
pub trait Authenticator: Send + Sync {
    /// Answers one try. Counting tries and locking accounts is the authenticator's.
    fn sign_in(&self, attempt: SignIn) -> Answer<'_, Result<SignInOutcome, Unavailable>>;

    /// Accounts to show on the sign-in page; a real one shows none.
    fn demo_accounts(&self) -> Vec<DemoAccount> {
        Vec::new()
    }
}

/// Tells whether what must be written can be written.
pub trait Probe: Send + Sync {
    /// `Ok` when the database and the audit log take writes.
    fn check(&self) -> Answer<'_, Result<(), Unavailable>>;
}
