//! What the operator of an installation sets up before anybody can sign in: agencies, first accounts.

use crate::{Casework, Outside, Result};
use homeward_model::{
    Agency, AgencyId, AgencyKind, Digest, EmailAddress, MemberId, MemberScope, Ori, Role, Roles,
};
use homeward_store::member::Invitation;

/// An agency that takes part from the start.
#[derive(Clone, Debug)]
pub struct NewAgency<'a> {
    /// Its id.
    pub id: AgencyId,
    /// Its ORI; a provider has none.
    pub ori: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
    /// What kind it is.
    pub kind: AgencyKind,
    /// The terms that it signed.
    pub terms: &'a str,
}

/// An account that is active from the start.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// The member.
    pub id: MemberId,
    /// The name, as shown.
    pub name: &'a str,
    /// The address for sign-in.
    pub email: &'a str,
    /// The organisation.
    pub agency: AgencyId,
    /// The jobs.
    pub roles: &'a [Role],
    /// Task forces and the end of access.
    pub scope: MemberScope,
    /// The password.
    pub password: &'a str,
    /// The secret of one-time codes; without one the account is for the demo only.
    pub one_time_secret: Option<&'a [u8]>,
}

impl Casework {
    /// Lists an agency and records its terms.
    pub async fn install_agency(&self, outside: Outside<'_>, new: NewAgency<'_>) -> Result<()> {
        let ori = new.ori.map(Ori::new).transpose()?;
        let agency = Agency::list(new.id, ori, new.name.to_owned(), new.kind)?;
        self.store().list_agency(outside, agency).await?;
        self.store().admit_agency(outside, new.id, Digest::of(new.terms.as_bytes())).await?;
        self.forget_who();
        Ok(())
    }

    /// Makes an account with its password.
    pub async fn install_account(&self, outside: Outside<'_>, new: NewAccount<'_>) -> Result<()> {
        let invitation = Invitation {
            id: new.id,
            name: new.name.to_owned(),
            email: EmailAddress::new(new.email)?,
            agency: new.agency,
            roles: Roles::new(new.roles.to_vec())?,
        };
        self.store().install_member(outside, invitation, new.scope).await?;
        self.store().set_credential(outside, new.id, new.password, new.one_time_secret).await?;
        self.forget_who();
        Ok(())
    }
}
