//! Small cells: figures over so few people that they would speak of persons.

/// Fewest answers for which a figure is shown outside Sở Nội vụ.
pub const SHOWN_TO_UNITS: u64 = 5;

/// Fewest answers for which a figure is shown to everyone.
pub const SHOWN_TO_PUBLIC: u64 = 10;

/// Whether a figure over `n` answers stays hidden from someone who may see cells from `floor` on.
///
/// An empty cell tells of no one and is shown as empty.
pub const fn is_hidden(n: u64, floor: u64) -> bool {
    n > 0 && n < floor
}
