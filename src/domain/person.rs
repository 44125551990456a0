//! Staff: roles, and what each may see.

use super::ids::{KeyId, PersonId, UnitId};
use crate::error::{Error, Result};
use crate::locale::{Lang, Message};

/// What a member of staff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sets up people and everything else.
    Administrator,
    /// Sở Nội vụ: runs the method for the whole province.
    Method,
    /// Looks at the scores of one unit and what is below it.
    UnitViewer,
    /// Answers what citizens wrote about one unit and what is below it.
    CommentHandler,
    /// Keys in paper answers and dossier counts of one unit and what is below it.
    DataEntry,
    /// Reads the whole province and the audit, and changes nothing.
    Auditor,
}

/// What a role allows beyond looking at the scores within its reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See figures of groups that are hidden from others because they are small.
    SeeSmallGroups,
    /// Make, replace and revoke links.
    ManageLinks,
    /// Change units, counters, procedures, questionnaires, targets and imported figures.
    ManageCatalogue,
    /// Handle what citizens wrote.
    HandleComments,
    /// See personal data in what citizens wrote: whoever moderates it and nobody else, each look audited.
    UnmaskComments,
    /// Key in or import answers on paper and dossier counts.
    EnterAnswers,
    /// Invite, change and lock people and API keys.
    ManagePeople,
    /// Read the audit.
    ReadAudit,
    /// See how far the figures of a period are on their way to being published.
    ReadPublications,
    /// Close periods, and submit, return, approve and publish their figures.
    Publish,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::Method,
        Self::UnitViewer,
        Self::CommentHandler,
        Self::DataEntry,
        Self::Auditor,
    ];

    /// The word under which it is stored and given on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Method => "so-noi-vu",
            Self::UnitViewer => "unit-viewer",
            Self::CommentHandler => "comment-handler",
            Self::DataEntry => "data-entry",
            Self::Auditor => "auditor",
        }
    }

    /// The role of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Whether the role reaches every unit; the others are bound to one and what is below it.
    pub const fn sees_province(self) -> bool {
        matches!(self, Self::Administrator | Self::Method | Self::Auditor)
    }

    /// Whether whoever has the role must sign in with a code besides the password.
    pub const fn needs_code(self) -> bool {
        matches!(self, Self::Administrator | Self::Method)
    }

    /// Whether the role allows something.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission::{
            EnterAnswers, HandleComments, ManageCatalogue, ManageLinks, ManagePeople, Publish, ReadAudit,
            ReadPublications, SeeSmallGroups, UnmaskComments,
        };
        match permission {
            UnmaskComments => matches!(self, Self::Method),
            SeeSmallGroups | ManageLinks | ManageCatalogue | Publish => {
                matches!(self, Self::Administrator | Self::Method)
            }
            HandleComments => matches!(self, Self::Administrator | Self::Method | Self::CommentHandler),
            EnterAnswers => matches!(self, Self::Administrator | Self::Method | Self::DataEntry),
            ManagePeople => matches!(self, Self::Administrator),
            ReadAudit | ReadPublications => {
                matches!(self, Self::Administrator | Self::Method | Self::Auditor)
            }
        }
    }
}

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// The person can sign in.
    Open,
    /// The person has yet to choose a password by a one-time link.
    Invited,
    /// Nobody can sign in.
    Locked,
}

impl AccountState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Invited, Self::Locked];

    /// The word in addresses and locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invited => "invited",
            Self::Locked => "locked",
        }
    }
}

/// Who asks: a signed-in person, or the operator at the machine's own command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The command line: whoever may read the database file anyway.
    Operator,
    /// A signed-in person.
    Person {
        /// Id.
        id: PersonId,
        /// Sign-in name, for the audit.
        login: String,
        /// Full name.
        name: String,
        /// Role.
        role: Role,
        /// The unit to which whoever does not see the province is bound.
        unit: Option<UnitId>,
        /// Preferred language.
        language: Lang,
    },
    /// Another program with a key: it reads figures, small groups hidden, and nothing else.
    Key {
        /// Id.
        id: KeyId,
        /// The unit to which the key is bound; none means the province.
        unit: Option<UnitId>,
    },
}

impl Actor {
    /// Whether the actor sees every unit.
    pub const fn sees_province(&self) -> bool {
        match self {
            Self::Operator => true,
            Self::Person { role, .. } => role.sees_province(),
            Self::Key { unit, .. } => unit.is_none(),
        }
    }

    /// Whether the actor may do something.
    pub const fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Operator => true,
            Self::Person { role, .. } => role.may(permission),
            Self::Key { .. } => false,
        }
    }

    /// Lets the actor go on only where something is allowed; for others there is no such thing.
    ///
    /// # Errors
    /// Not found.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::NotFound(Message::new("error.page-not-found"))) }
    }

    /// The id of a signed-in person.
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } => Some(*id),
            Self::Operator | Self::Key { .. } => None,
        }
    }

    /// The unit to which the actor is bound.
    pub fn scope(&self) -> Option<UnitId> {
        match self {
            Self::Person { role, unit, .. } if !role.sees_province() => *unit,
            Self::Key { unit, .. } => *unit,
            _ => None,
        }
    }

    /// The language in which the actor is told of things.
    pub const fn language(&self) -> Lang {
        match self {
            Self::Person { language, .. } => *language,
            Self::Operator | Self::Key { .. } => Lang::Vi,
        }
    }

    /// The same actor, bound to the unit that `heir` gives for the own one.
    #[must_use]
    pub fn bound_by(mut self, heir: impl FnOnce(UnitId) -> UnitId) -> Self {
        if let Self::Person { unit, .. } | Self::Key { unit, .. } = &mut self {
            *unit = unit.map(heir);
        }
        self
    }

    /// The name written into the audit.
    pub fn audit_name(&self) -> &str {
        match self {
            Self::Operator => "operator",
            Self::Person { login, .. } => login,
            Self::Key { .. } => "key",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_reads_all_and_changes_nothing() {
        let auditor = Role::Auditor;
        assert!(auditor.sees_province() && auditor.may(Permission::ReadAudit));
        let changes = [
            Permission::SeeSmallGroups,
            Permission::ManageLinks,
            Permission::ManageCatalogue,
            Permission::HandleComments,
            Permission::UnmaskComments,
            Permission::EnterAnswers,
            Permission::ManagePeople,
            Permission::Publish,
        ];
        assert!(!changes.into_iter().any(|change| auditor.may(change)));
    }
}
