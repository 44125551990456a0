//! Links: what a QR code says without asking.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::closure::Closure;
use super::code::Code;
use super::ids::{CounterId, FieldId, LinkId, ProcedureId, UnitId};
use super::questionnaire::Kind;
use super::unit::is_valid_on;

/// A counter of a one-stop section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Id.
    pub id: CounterId,
    /// Unit that runs it: where the citizen is served.
    pub unit: UnitId,
    /// Name, such as "Quầy 3".
    pub name: String,
    /// Opening hour.
    pub opens: NaiveTime,
    /// Closing hour.
    pub closes: NaiveTime,
    /// When it is closed.
    pub closure: Closure,
}

impl Counter {
    /// Whether the counter is closed on a day.
    pub fn is_closed_on(&self, day: NaiveDate) -> bool {
        self.closure.holds_on(day)
    }
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal $key:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $key)] $variant),+
        }

        impl $name {
            /// Every one, in the order of the stored numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number under which it is stored; never zero.
            pub const fn number(self) -> i16 {
                match self { $(Self::$variant => $number),+ }
            }

            /// The word used in addresses, forms and exports.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }

            /// The one stored as this number.
            pub const fn from_number(number: i16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The one of that word.
            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(in crate::domain) use numbered;

numbered!(
    /// Where in the life of a dossier the citizen is asked.
    Stage {
        /// Tiếp nhận.
        Intake = 1 "intake",
        /// Yêu cầu bổ sung.
        Supplement = 2 "supplement",
        /// Từ chối.
        Refusal = 3 "refusal",
        /// Trả kết quả.
        Result = 4 "result",
    }
);

impl Stage {
    /// The stages over which the headline index of `tthc` is computed.
    pub const HEADLINE: [Self; 2] = [Self::Refusal, Self::Result];
}

/// Stages that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stages {
    /// Those of the headline index.
    Headline,
    /// One alone.
    One(Stage),
}

impl Stages {
    /// Those of the headline, then each alone.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Headline).chain(Stage::ALL.iter().copied().map(Self::One))
    }

    /// The stages.
    pub const fn list(&self) -> &[Stage] {
        match self {
            Self::Headline => &Stage::HEADLINE,
            Self::One(stage) => std::slice::from_ref(stage),
        }
    }

    /// The word in an address.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::One(stage) => stage.key(),
        }
    }

    /// Those of that word.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::all().find(|stages| stages.key() == key)
    }
}

numbered!(
    /// How an answer came in.
    Channel {
        /// The citizen's own phone.
        Qr = 1 "qr",
        /// A tablet at the counter.
        Kiosk = 2 "kiosk",
        /// A paper form keyed in by staff.
        Paper = 3 "paper",
        /// An interview.
        Interview = 4 "interview",
    }
);

numbered!(
    /// As whom the citizen answered.
    Respondent {
        /// Cá nhân.
        Citizen = 1 "citizen",
        /// Tổ chức, doanh nghiệp.
        Organization = 2 "organization",
    }
);

impl Channel {
    /// The channels whose answers staff enter.
    pub const BY_STAFF: [Self; 2] = [Self::Paper, Self::Interview];
}

/// A link from a printed code to a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Id.
    pub id: LinkId,
    /// Printed code.
    pub code: Code,
    /// Counter, hence the unit served.
    pub counter: CounterId,
    /// Kind of questionnaire; its newest published version is asked.
    pub kind: Kind,
    /// Field, where the code knows it.
    pub field: Option<FieldId>,
    /// Procedure, where the code knows it.
    pub procedure: Option<ProcedureId>,
    /// Unit that decides, where it is not the unit served.
    pub deciding: Option<UnitId>,
    /// Stage; none for a questionnaire that is not about a dossier.
    pub stage: Option<Stage>,
    /// First day on which it may be answered.
    pub valid_from: NaiveDate,
    /// Day from which it may not.
    pub valid_to: Option<NaiveDate>,
    /// Whether it was revoked or replaced.
    pub revoked: bool,
    /// The older link that this one replaced on the wall.
    pub replaces: Option<LinkId>,
}

impl Link {
    /// Whether the link may be answered on a day.
    pub fn is_open_on(&self, day: NaiveDate) -> bool {
        !self.revoked && is_valid_on(self.valid_from, self.valid_to, day)
    }
}
