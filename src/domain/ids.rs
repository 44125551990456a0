//! Identifiers: one type each, so that a counter is never passed where a unit is meant.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// What stands in its place where nothing was stated, in stored numbers and in filters.
            pub const UNSTATED: Self = Self(0);

            /// The number under which the database knows it.
            pub const fn raw(self) -> i64 {
                self.0
            }

            /// The id for a stored number in which zero stands for "none".
            pub fn stated(raw: i64) -> Option<Self> {
                (raw != 0).then_some(Self(raw))
            }

            /// Whether a filter by this id takes what was stated.
            pub fn takes(self, stated: Option<Self>) -> bool {
                stated.unwrap_or(Self::UNSTATED) == self
            }
        }

        impl From<i64> for $name {
            fn from(raw: i64) -> Self {
                Self(raw)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// An administrative unit or provincial body, stable through renames and moves.
    UnitId
);
id!(
    /// A counter of a one-stop section.
    CounterId
);
id!(
    /// A field of administrative procedures, such as land.
    FieldId
);
id!(
    /// An administrative procedure, stable through changes of its code.
    ProcedureId
);
id!(
    /// One version of a questionnaire.
    QuestionnaireId
);
id!(
    /// A question of one questionnaire version.
    QuestionId
);
id!(
    /// A link behind a QR code.
    LinkId
);
id!(
    /// A member of staff who can sign in.
    PersonId
);
id!(
    /// A key with which another program reads figures.
    KeyId
);
id!(
    /// A version of the figures of a period, on its way to being published.
    PublicationId
);
id!(
    /// A batch of answers on paper or from interviews.
    BatchId
);
