//! Small cells: figures over so few people that they would speak of persons.
//!
//! [`is_hidden`] judges a cell by itself. Whoever shows a whole table, or several tables about the same
//! answers, must also see to it that no hidden cell follows from the shown ones: a [`Grid`] takes the
//! cells and the sums that hold between them, and [`Grid::protect`] says which cells to hide.

mod attack;
mod bounds;
mod grid;
mod prime;
mod shield;
mod system;
#[cfg(test)]
mod tests;
mod ties;

pub use grid::{Grid, Place, Protected, Standing};

/// Fewest answers for which a figure is shown outside Sở Nội vụ.
pub const SHOWN_TO_UNITS: u64 = 5;

/// Fewest answers for which a figure is shown to the public.
pub const SHOWN_TO_PUBLIC: u64 = 10;

/// Whether a figure over `n` answers stays hidden from someone who may see cells from `floor` on.
///
/// An empty cell tells of no one and is shown as empty.
pub const fn is_hidden(n: u64, floor: u64) -> bool {
    n > 0 && n < floor
}
