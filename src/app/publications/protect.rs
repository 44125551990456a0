//! What of a dataset everyone may see.

use crate::domain::dataset::Dataset;
use crate::domain::suppress::SHOWN_TO_PUBLIC;
use crate::locale::Message;

/// A publication that was there before.
pub struct Earlier {
    /// Number in the chain.
    pub number: i64,
    /// All of it.
    pub complete: Dataset,
    /// What everyone saw.
    pub shown: Dataset,
}

/// The public form of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// The dataset with its small groups hidden.
    pub dataset: Dataset,
    /// Why it cannot be published; empty when it can.
    pub obstacles: Vec<Obstacle>,
}

/// Something that stands in the way of publishing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// So few answers came late that a correction would speak of them alone.
    FewLate(u64),
}

impl Obstacle {
    /// The sentence for whoever wants to publish.
    pub fn message(&self) -> Message {
        match self {
            Self::FewLate(found) => Message::new("publications.fault.few-late")
                .with("found", found)
                .with("least", SHOWN_TO_PUBLIC),
        }
    }
}

/// Hides what must not be seen.
pub fn protect(complete: &Dataset, _earlier: &[Earlier]) -> Public {
    let mut dataset = Dataset { floor: SHOWN_TO_PUBLIC, seal: None, ..complete.clone() };
    for row in
        dataset.surveys.iter_mut().flat_map(|survey| &mut survey.tables).flat_map(|table| &mut table.rows)
    {
        if row.n().is_some_and(|n| n > 0 && n < SHOWN_TO_PUBLIC) {
            row.hide();
        }
    }
    Public { dataset, obstacles: Vec::new() }
}
