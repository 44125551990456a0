//! Comments without their texts: what a list needs to choose and sort them by what a reader may see.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

use super::{Comment, Filter, SELECT, Stored, literal};
use crate::db::conn::Conn;
use crate::db::sums::list;
use crate::db::types::{Id, StoredId};
use crate::db::violation::translate;
use crate::domain::comment::State;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::tally::day_date;
use crate::error::{Error, Result};

/// Ids in one statement.
const AT_ONCE: usize = 500;

/// A comment without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Unit at whose counter it was written.
    pub served: UnitId,
    /// Id.
    pub id: Uuid,
    /// Day of the answer.
    pub day: NaiveDate,
    /// Level of the overall question as stored, zero for none.
    pub level: i16,
    /// Counter.
    pub counter: CounterId,
    /// Field.
    pub field: Option<FieldId>,
    /// Procedure.
    pub procedure: Option<ProcedureId>,
    /// State.
    pub state: State,
    /// Until when it is to be handled.
    pub due: NaiveDate,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    served_unit_id: i64,
    #[diesel(sql_type = Id)]
    id: StoredId,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    day: i32,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    level: i16,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    counter_id: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    field_id: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    procedure_id: i64,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    state: i16,
    #[diesel(sql_type = diesel::sql_types::Date)]
    due_on: NaiveDate,
}

impl KeyRow {
    fn read(self) -> Result<Key> {
        let broken = |what: &str| Error::internal(format!("a comment of an unknown {what}"));
        Ok(Key {
            served: self.served_unit_id.into(),
            id: self.id.0,
            day: day_date(self.day).ok_or_else(|| broken("day"))?,
            level: self.level,
            counter: self.counter_id.into(),
            field: FieldId::stated(self.field_id),
            procedure: ProcedureId::stated(self.procedure_id),
            state: State::from_number(self.state).ok_or_else(|| broken("state"))?,
            due: self.due_on,
        })
    }
}

/// The keys of all comments of a filter, in no order.
///
/// # Errors
/// Those of the database.
pub fn keys(conn: &mut Conn, filter: &Filter) -> Result<Vec<Key>> {
    let statement = format!(
        "SELECT c.served_unit_id, c.id, c.day, c.level, c.counter_id, c.field_id, c.procedure_id, c.state, \
         c.due_on FROM comments c WHERE {}",
        filter.conditions()
    );
    let rows = diesel::sql_query(statement).load::<KeyRow>(conn).map_err(translate)?;
    rows.into_iter().map(KeyRow::read).collect()
}

/// The comments of some ids, in the order of these.
///
/// # Errors
/// Those of the database.
pub fn by_ids(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Comment>> {
    let mut found = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let literals = list(some.iter().map(|id| literal(conn, *id)));
        let statement = format!("{SELECT} WHERE c.id IN ({literals})");
        for row in diesel::sql_query(statement).load::<Stored>(conn).map_err(translate)? {
            found.insert(row.id.0, row.read()?);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}
