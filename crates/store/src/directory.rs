//! Who is who: names of agencies and members by id, so that pages can show people instead of ids. It says nothing of any
//! record that people decide on, and nobody outside this program reads it whole.

use crate::record::Noun;
use crate::schema::record;
use crate::{Held, Result, Store};
use homeward_model::{
    Agency, AgencyId, AgencyKind, AgencyState, Member, MemberId, MemberScope, MemberState, Role,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// An agency as others may know it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownAgency {
    /// Its id.
    pub id: AgencyId,
    /// Its name.
    pub name: String,
    /// Its ORI; a provider has none.
    pub ori: Option<String>,
    /// What kind it is.
    pub kind: AgencyKind,
    /// Whether its members may act.
    pub active: bool,
}

/// A member as colleagues may know them.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownMember {
    /// The id.
    pub id: MemberId,
    /// The name, as shown.
    pub name: String,
    /// The address for sign-in, at which they are also written to.
    pub email: String,
    /// The number at which they are called.
    pub phone: Option<String>,
    /// The organisation.
    pub agency: AgencyId,
    /// The jobs.
    pub roles: Vec<Role>,
    /// Task forces, compartments and the end of access.
    pub scope: MemberScope,
    /// Whether they can sign in.
    pub active: bool,
}

/// Agencies and members by id.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Agencies.
    pub agencies: HashMap<AgencyId, KnownAgency>,
    /// Members.
    pub members: HashMap<MemberId, KnownMember>,
}

impl Store {
    /// Reads the directory.
    pub async fn directory(&self) -> Result<Directory> {
        let mut directory = Directory::default();
        for Held { noun, .. } in self.every::<Agency>().await? {
            let active = matches!(noun.state(), AgencyState::Active { .. });
            let ori = noun.ori.as_ref().map(|ori| ori.as_str().to_owned());
            let known = KnownAgency { id: noun.id, name: noun.name, ori, kind: noun.kind, active };
            directory.agencies.insert(known.id, known);
        }
        for Held { noun, .. } in self.every::<Member>().await? {
            let known = KnownMember {
                id: noun.id,
                email: noun.email.as_str().to_owned(),
                phone: noun.phone().map(ToString::to_string),
                agency: noun.agency,
                roles: noun.roles().list().to_vec(),
                scope: noun.scope().clone(),
                active: *noun.state() == MemberState::Active,
                name: noun.name,
            };
            directory.members.insert(known.id, known);
        }
        Ok(directory)
    }

    /// Every record of a noun, by id, purged ones left out. For nouns of which there are few.
    pub(crate) async fn every<N: Noun>(&self) -> Result<Vec<Held<N>>> {
        let rows = record::Entity::find()
            .filter(record::Column::Kind.eq(N::KIND.word()))
            .filter(record::Column::Body.ne(Vec::<u8>::new()))
            .order_by_asc(record::Column::Id)
            .all(self.connection())
            .await?;
        self.hold_all(rows).await
    }
}
