//! The usual periods as links beside the field in which any other is typed.

use chrono::NaiveDate;

use super::filters::Filters;
use crate::app::catalogue::Snapshot;
use crate::db::conn::Conn;
use crate::db::rollups;
use crate::domain::period::{Period, Span};
use crate::domain::questionnaire;
use crate::error::Result;
use crate::locale::Lang;

/// Months that are offered, at most.
const MONTHS: usize = 24;

/// A period that leads to the same page.
pub struct Step {
    /// Word.
    pub word: String,
    /// Address.
    pub address: String,
    /// Whether the page shows it.
    pub is_open: bool,
}

/// The periods that a page offers.
pub struct Periods {
    /// Quarters, halves and years around today.
    pub usual: Vec<Step>,
    /// Months from the last with answers back to the first, at most two years of them.
    pub months: Vec<Step>,
}

/// The days of the months in which there are answers; none without any.
///
/// # Errors
/// Those of the database.
pub fn answered(conn: &mut Conn, snapshot: &Snapshot) -> Result<Option<Period>> {
    let extent = rollups::extent(conn, &questionnaire::overall(&snapshot.questionnaires))?;
    Ok(extent.and_then(|(first, last)| Period::between(month(first)?.from(), month(last)?.to())))
}

/// The month of a number yyyymm.
fn month(number: i32) -> Option<Period> {
    let year = number.div_euclid(100);
    let month = u32::try_from(number.rem_euclid(100)).ok()?;
    NaiveDate::from_ymd_opt(year, month, 1).map(|day| Period::around(day, Span::Month))
}

impl Periods {
    /// The periods around today and those with answers, each at the page's address.
    pub fn of(
        lang: Lang,
        filters: &Filters,
        today: NaiveDate,
        answered: Option<Period>,
        address: &dyn Fn(&Filters) -> String,
    ) -> Self {
        let open = filters.no_period.is_none().then_some(filters.period);
        Self::beside(lang, open, today, answered, &|period| {
            address(&filters.with(|filters| {
                filters.period = period;
                filters.no_period = None;
            }))
        })
    }

    /// The same on a page with filters of its own, which may show all times.
    pub fn beside(
        lang: Lang,
        open: Option<Period>,
        today: NaiveDate,
        answered: Option<Period>,
        address: &dyn Fn(Period) -> String,
    ) -> Self {
        let step = |period: Period| Step {
            word: lang.period(period),
            address: address(period),
            is_open: open == Some(period),
        };
        let quarter = Period::around(today, Span::Quarter);
        let (half, year) = (Period::around(today, Span::Half), Period::around(today, Span::Year));
        let usual = [quarter, quarter.previous(), half, half.previous(), year, year.previous()];
        let months = answered.map(|all| (all, all.trail(Span::Month, MONTHS)));
        let months = months.into_iter().flat_map(|(all, mut months)| {
            months.retain(|month| all.contains(month.from()));
            months.reverse();
            months
        });
        Self { usual: usual.into_iter().map(step).collect(), months: months.map(step).collect() }
    }
}
