//! Staff: roles, and what each may see.

use super::ids::{PersonId, UnitId};
use crate::locale::Lang;

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sets up people and everything else.
    Administrator,
    /// Sở Nội vụ: runs the method for the whole province.
    Method,
    /// Looks at the scores of one unit and what is below it.
    UnitViewer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::Method, Self::UnitViewer];

    /// The word under which it is stored and given on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Method => "so-noi-vu",
            Self::UnitViewer => "unit-viewer",
        }
    }

    /// The role of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Whether the role sees every unit and every small cell.
    pub const fn sees_province(self) -> bool {
        matches!(self, Self::Administrator | Self::Method)
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
        /// The unit to which a viewer is bound.
        unit: Option<UnitId>,
        /// Preferred language.
        language: Lang,
    },
}

impl Actor {
    /// Whether the actor sees every unit and every small cell.
    pub fn sees_province(&self) -> bool {
        match self {
            Self::Operator => true,
            Self::Person { role, .. } => role.sees_province(),
        }
    }

    /// The unit to which the actor is bound.
    pub fn scope(&self) -> Option<UnitId> {
        match self {
            Self::Person { role: Role::UnitViewer, unit, .. } => *unit,
            _ => None,
        }
    }

    /// The name written into the audit.
    pub fn audit_name(&self) -> &str {
        match self {
            Self::Operator => "operator",
            Self::Person { login, .. } => login,
        }
    }
}
