//! Long lists in pages.

use std::collections::HashMap;

/// Rows on one page.
pub const PAGE: usize = 50;

/// Which page of a list is shown, and the addresses of those beside it.
pub struct Paging {
    /// Rows before the page.
    pub skipped: usize,
    /// Address of the page before, if there is one.
    pub before: Option<String>,
    /// Address of the page after, if there is one.
    pub after: Option<String>,
}

/// The number of the page that an address asks for, from 1.
pub fn number(words: &HashMap<String, String>) -> usize {
    words.get("page").and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, 100_000)
}

impl Paging {
    /// The page `number` of a list with `total` rows; `address` gives the address without the page.
    pub fn of(number: usize, total: usize, address: &str) -> Self {
        let joint = if address.contains('?') { '&' } else { '?' };
        let page = |number: usize| format!("{address}{joint}page={number}");
        let skipped = (number - 1) * PAGE;
        Self {
            skipped,
            before: (number > 1).then(|| page(number - 1)),
            after: (skipped + PAGE < total).then(|| page(number + 1)),
        }
    }
}
