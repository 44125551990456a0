//! What each counter brought in the months of some days, read from the tallies.

use std::collections::BTreeMap;

use diesel::{QueryableByName, RunQueryDsl};

use super::conn::Conn;
use super::violation::translate;
use crate::domain::ids::{CounterId, QuestionId, UnitId};
use crate::domain::period::Period;
use crate::domain::rhythm::Rhythm;
use crate::domain::tally::{day_date, day_number};
use crate::error::Result;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    counter: i64,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    first: i32,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    last: i32,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    answers: i64,
}

/// First day, last day and number of answers of each counter in each month of a period, by one question an answer.
///
/// # Errors
/// Those of the database.
pub fn by_counter_and_month(
    conn: &mut Conn,
    period: Period,
    units: &[UnitId],
    questions: &[QuestionId],
) -> Result<BTreeMap<CounterId, Vec<Rhythm>>> {
    let list = |numbers: &mut dyn Iterator<Item = i64>| -> String {
        numbers.map(|number| format!(", {number}")).collect()
    };
    let statement = format!(
        "SELECT counter_id AS counter, MIN(day) AS first, MAX(day) AS last, \
         CAST(SUM(n5 + n4 + n3 + n2 + n1) AS BIGINT) AS answers FROM tallies \
         WHERE served_unit_id IN (0{}) AND question_id IN (0{}) AND day BETWEEN {} AND {} GROUP BY counter_id, day / 100",
        list(&mut units.iter().map(|unit| unit.raw())),
        list(&mut questions.iter().map(|question| question.raw())),
        day_number(period.from()),
        day_number(period.to()),
    );
    let rows = diesel::sql_query(statement).load::<Row>(conn).map_err(translate)?;
    let rhythm = |row: Row| {
        let (first, last) = (day_date(row.first)?, day_date(row.last)?);
        let answers = u64::try_from(row.answers).ok()?;
        Some((row.counter.into(), Rhythm { first, last, answers }))
    };
    let mut found: BTreeMap<CounterId, Vec<Rhythm>> = BTreeMap::new();
    for (counter, month) in rows.into_iter().filter_map(rhythm) {
        found.entry(counter).or_default().push(month);
    }
    Ok(found)
}
