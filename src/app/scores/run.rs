//! Running a query: scope, sums, and the rows that follow from them.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::{Group, Judge};
use super::settled::Settled;
use super::{Cell, Dimension, Flagged, Query, Row, SortKey, Table};
use crate::app::catalogue::Snapshot;
use crate::app::reach;
use crate::db::conn::Conn;
use crate::db::sums::{Asked, Column, Filter, Sum, all_sums, sums};
use crate::domain::ids::{CounterId, FieldId};
use crate::domain::index::Share;
use crate::domain::link::{Channel, Stage};
use crate::domain::person::Actor;
use crate::domain::questionnaire::Role;
use crate::error::{Error, Result};
use crate::locale::Message;

/// Most rows of a table, as many as there is a use for in one file.
const MOST_ROWS: usize = 100_000;

/// Answers a query within what the actor may see.
///
/// # Errors
/// Not found for a unit outside the actor's subtree; those of the database.
pub fn run(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, query: &Query) -> Result<Table> {
    let [table] = run_each(conn, snapshot, actor, [query.clone()])?;
    Ok(table)
}

/// The same as [`run_all`] for so many queries as are known beforehand.
///
/// # Errors
/// Those of [`run_all`].
pub fn run_each<const N: usize>(
    conn: &mut Conn,
    snapshot: &Snapshot,
    actor: &Actor,
    queries: [Query; N],
) -> Result<[Table; N]> {
    let tables = run_all(conn, snapshot, actor, &queries)?;
    tables.try_into().map_err(|_| Error::internal("a query without its table"))
}

/// Answers some queries at once, in their order: one way to the database and back for their sums. What is not
/// brief asks for its dossiers besides.
///
/// # Errors
/// Not found for a unit outside the actor's subtree; those of the database.
pub fn run_all(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, queries: &[Query]) -> Result<Vec<Table>> {
    let within =
        |query: &Query| Ok(Query { unit: reach::unit(snapshot, actor, query.unit)?, ..query.clone() });
    let queries = queries.iter().map(within).collect::<Result<Vec<Query>>>()?;
    let asked: Vec<Asked> = queries.iter().map(|query| asked(snapshot, query)).collect();
    let sums = all_sums(conn, &asked)?;
    queries.into_iter().zip(sums).map(|(query, sums)| table(conn, snapshot, actor, query, &sums)).collect()
}

fn asked(snapshot: &Snapshot, query: &Query) -> Asked {
    let mut columns = columns(&query.by);
    columns.push(Column::Flagged);
    Asked { period: query.period, filter: filter(snapshot, query), columns }
}

fn table(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, query: Query, sums: &[Sum]) -> Result<Table> {
    let judge = Judge::new(snapshot, actor, &query);
    let settled = match Settled::find(conn, snapshot, &query)? {
        Some(mut settled) => {
            weigh(conn, &judge, &mut settled)?;
            Some(settled)
        }
        None => None,
    };
    let mut groups: BTreeMap<Vec<Cell>, Group> = BTreeMap::new();
    let mut all = Group::default();
    for sum in sums {
        let Some(role) = judge.roles.get(&sum.question).copied() else {
            continue;
        };
        let is_element = role == Role::Element;
        if judge.is_in_total(sum) {
            all.add(sum, role);
            if is_element && judge.floor > 0 {
                all.count_people(judge.newest(sum.question), sum);
            }
        }
        if query.by.contains(&Dimension::Element) && !is_element {
            continue;
        }
        let mut split = false;
        let cells: Vec<Cell> =
            query.by.iter().map(|dimension| judge.cell(*dimension, sum, &mut split)).collect();
        let group = groups.entry(cells).or_default();
        group.split |= split;
        // In a table by element the element takes the place of the overall question.
        let role = if query.by.contains(&Dimension::Element) { Role::Headline } else { role };
        group.add(sum, role);
        if role == Role::Element && judge.floor > 0 {
            group.count_people(judge.newest(sum.question), sum);
        }
    }
    if groups.len() > MOST_ROWS {
        let message = Message::new("error.too-many-rows").with_count("most", MOST_ROWS);
        return Err(Error::invalid("by", message.with_count("found", groups.len())));
    }
    let mut rows: Vec<(Vec<SortKey>, Row)> = groups
        .into_iter()
        .map(|(cells, group)| {
            let settled = settled.as_ref().map(|known| known.of(&cells));
            let keys = cells.iter().map(|cell| SortKey::of(*cell, snapshot, judge.day));
            (keys.collect(), judge.row(cells, &group, settled))
        })
        .collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let total = judge.row(Vec::new(), &all, settled.as_ref().map(|known| known.total().clone()));
    let day = judge.day;
    Ok(Table { query, rows, total, day })
}

/// Adds the answers to the overall question to the strata that F5 weighs.
fn weigh(conn: &mut Conn, judge: &Judge, settled: &mut Settled) -> Result<()> {
    let query = judge.query.clone().brief();
    let mut columns = columns(&query.by);
    for column in [Column::Served, Column::Field] {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    if query.flagged != Flagged::Included {
        columns.push(Column::Flagged);
    }
    let asked = Asked { period: query.period, filter: filter(judge.snapshot, &query), columns };
    for sum in sums(conn, &asked)? {
        let counts = query.flagged.takes(sum.flagged);
        let Some(field) = FieldId::stated(sum.field).filter(|_| counts) else {
            continue;
        };
        let mut split = false;
        let Cell::Unit(unit) = judge.unit(sum.served.into(), &mut split) else {
            continue;
        };
        let cells = query.by.iter().map(|dimension| judge.cell(*dimension, &sum, &mut split));
        settled.count(cells.collect(), (unit, field), Share::satisfied(&sum.levels));
    }
    Ok(())
}

fn filter(snapshot: &Snapshot, query: &Query) -> Filter {
    let everywhere = || snapshot.units.versions().map(|version| version.unit).collect::<BTreeSet<_>>();
    let subtree = query.unit.map(|unit| snapshot.units.subtree(unit));
    let (mut served, deciding) = match subtree {
        Some(units) if query.of_deciding => (everywhere(), units),
        Some(units) => (units, BTreeSet::new()),
        None => (everywhere(), BTreeSet::new()),
    };
    // The keys lead from units to counters: a counter alone would have every unit read.
    let counter = query.counter.and_then(|counter| snapshot.counters.get(&counter));
    if let Some(counter) = counter {
        let heirs = snapshot.units.heirs(counter.unit);
        served.retain(|unit| heirs.contains(unit));
    }
    let stages = match &query.stages {
        Some(stages) => stages.clone(),
        // A table by stage shows the other stages too, apart from the headline.
        None if query.by.contains(&Dimension::Stage) => Vec::new(),
        None if query.kind.has_fields() => Stage::HEADLINE.to_vec(),
        None => Vec::new(),
    };
    Filter {
        everywhere: counter.is_none() && (query.unit.is_none() || query.of_deciding),
        served: served.into_iter().collect(),
        deciding: deciding.into_iter().collect(),
        questions: snapshot
            .questions(query.kind)
            .filter(|question| question.role == Role::Headline || !query.brief)
            .map(|question| question.id)
            .collect(),
        brief: query.brief,
        fields: query.fields.clone().unwrap_or_default(),
        procedure: query.procedure,
        counter: query.counter.map(CounterId::raw),
        stages: stages.into_iter().map(Stage::number).collect(),
        channel: query.channel.map(Channel::number),
    }
}

fn columns(by: &[Dimension]) -> Vec<Column> {
    by.iter()
        .filter_map(|dimension| match dimension {
            Dimension::Unit => Some(Column::Served),
            Dimension::Deciding => Some(Column::Deciding),
            Dimension::Counter => Some(Column::Counter),
            Dimension::Field => Some(Column::Field),
            Dimension::Procedure => Some(Column::Procedure),
            Dimension::Stage => Some(Column::Stage),
            Dimension::Channel => Some(Column::Channel),
            Dimension::Month | Dimension::Quarter => Some(Column::Month),
            Dimension::Element => None,
        })
        .collect()
}
