//! The tables of a workbook: which rows stand on which sheet, in which columns, and how formulas name their cells.

use rust_xlsxwriter::utility::{column_number_to_name, quote_sheet_name};

use super::column::Column;
use crate::domain::dataset::{Cut, Dataset, Row};
use crate::domain::questionnaire::Kind;
use crate::locale::Lang;

/// The first row of figures, counted from 0: title, remark, titles of groups and of columns stand above.
pub const FIRST: u32 = 4;

/// A sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What there is at a glance.
    Overview,
    /// Charts.
    Charts,
    /// The whole, and each target.
    Targets,
    /// Fields.
    Fields,
    /// Units served, as they are now.
    Units,
    /// Units served, as they were.
    UnitsThen,
    /// Units that decide.
    Deciding,
    /// Unit served and field.
    UnitFields,
    /// Element questions.
    Elements,
    /// Procedures.
    Procedures,
    /// Counters.
    Counters,
    /// Stages and channels.
    Stages,
    /// Months and periods.
    Trend,
    /// Levels as shares.
    Levels,
    /// Flags.
    Flags,
    /// Method and limits.
    Method,
}

impl Tab {
    /// The sheets that are tables.
    pub const TABLES: [Self; 13] = [
        Self::Targets,
        Self::Fields,
        Self::Units,
        Self::UnitsThen,
        Self::Deciding,
        Self::UnitFields,
        Self::Elements,
        Self::Procedures,
        Self::Counters,
        Self::Stages,
        Self::Trend,
        Self::Levels,
        Self::Flags,
    ];

    /// The word in locale keys.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Charts => "charts",
            Self::Targets => "targets",
            Self::Fields => "fields",
            Self::Units => "units",
            Self::UnitsThen => "units-then",
            Self::Deciding => "deciding",
            Self::UnitFields => "unit-fields",
            Self::Elements => "elements",
            Self::Procedures => "procedures",
            Self::Counters => "counters",
            Self::Stages => "stages",
            Self::Trend => "trend",
            Self::Levels => "levels",
            Self::Flags => "flags",
            Self::Method => "method",
        }
    }

    /// What the sheet is called.
    pub fn name(self, lang: Lang) -> String {
        lang.text(&format!("workbook.tab.{}", self.key()))
    }

    /// The tables that stand on it.
    pub const fn cuts(self) -> &'static [Cut] {
        match self {
            Self::Targets => &[Cut::Total, Cut::Target],
            Self::Fields => &[Cut::Field],
            Self::Units => &[Cut::Unit],
            Self::UnitsThen => &[Cut::UnitThen],
            Self::Deciding => &[Cut::Deciding],
            Self::UnitFields => &[Cut::UnitField],
            Self::Elements => &[Cut::Element],
            Self::Procedures => &[Cut::Procedure],
            Self::Counters => &[Cut::Counter],
            Self::Stages => &[Cut::Stage, Cut::Channel],
            Self::Trend => &[Cut::Month, Cut::Trend],
            Self::Levels => &[Cut::Total, Cut::Field, Cut::Element, Cut::Stage, Cut::Channel],
            Self::Flags => &[Cut::Flag],
            Self::Overview | Self::Charts | Self::Method => &[],
        }
    }
}

/// A row of a dataset on a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Kind.
    pub kind: Kind,
    /// Cut.
    pub by: Cut,
    /// Row.
    pub row: &'a Row,
}

/// A table on a sheet.
pub struct Grid<'a> {
    /// The sheet.
    pub tab: Tab,
    /// Its name.
    pub name: String,
    /// Rows.
    pub lines: Vec<Line<'a>>,
    /// Columns.
    pub columns: Vec<Column>,
}

/// What the F5 columns of a workbook are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighing {
    /// Whether F5 is computed in the workbook, so that every stratum is in it.
    pub is_live: bool,
    /// Groups of several fields that targets pool.
    pub pools: usize,
}

impl<'a> Grid<'a> {
    /// Lays out a sheet.
    pub fn new(dataset: &'a Dataset, tab: Tab, lang: Lang, weighing: Weighing) -> Self {
        let mut lines = Vec::new();
        for kind in Kind::ALL {
            for by in tab.cuts() {
                let rows = dataset.rows(kind, *by);
                lines.extend(rows.iter().map(|row| Line { kind, by: *by, row }));
            }
        }
        if tab == Tab::Trend {
            // A line of a chart takes cells that stand together.
            lines.sort_by_key(|line| {
                (line.kind == Kind::AgencyService, line.by, line.row.key.get(1).cloned())
            });
        }
        let columns = columns(tab, &lines, weighing);
        Self { tab, name: tab.name(lang), lines, columns }
    }

    /// Rows with their places.
    pub fn placed(&self) -> impl Iterator<Item = (u32, &Line<'a>)> {
        (FIRST..).zip(&self.lines)
    }

    /// The last row of figures, or the one above them where there is none.
    pub fn last(&self) -> u32 {
        (FIRST..).zip(&self.lines).last().map_or(FIRST.saturating_sub(1), |(row, _)| row)
    }

    /// The place of a column.
    pub fn place(&self, column: Column) -> Option<u16> {
        (0u16..).zip(&self.columns).find(|(_, one)| **one == column).map(|(place, _)| place)
    }

    /// The letters of a column; those of the last possible one, always empty, where the table has it not.
    fn letters(&self, column: Column) -> String {
        column_number_to_name(self.place(column).unwrap_or(16_383))
    }

    /// A cell as formulas on the same sheet name it.
    pub fn cell(&self, column: Column, row: u32) -> String {
        format!("{}{}", self.letters(column), row + 1)
    }

    /// A cell as formulas on another sheet name it.
    pub fn far_cell(&self, column: Column, row: u32) -> String {
        format!("{}!{}", quote_sheet_name(&self.name), self.cell(column, row))
    }

    /// All cells of a column, fixed.
    pub fn range(&self, column: Column) -> String {
        let letters = self.letters(column);
        format!("${letters}${}:${letters}${}", FIRST + 1, self.last() + 1)
    }

    /// All cells of a column as formulas on another sheet name them.
    pub fn far_range(&self, column: Column) -> String {
        format!("{}!{}", quote_sheet_name(&self.name), self.range(column))
    }

    /// First and last place of the rows of a kind under a cut.
    pub fn block(&self, kind: Kind, by: Cut) -> Option<(u32, u32)> {
        let mut rows = self.placed().filter(|(_, line)| line.kind == kind && line.by == by);
        let (first, _) = rows.next()?;
        Some((first, rows.last().map_or(first, |(last, _)| last)))
    }
}

fn columns(tab: Tab, lines: &[Line], weighing: Weighing) -> Vec<Column> {
    let mut columns = lead(tab, lines);
    columns.extend((1..=5).rev().map(Column::Level));
    if tab == Tab::Levels {
        columns.push(Column::Valid);
        columns.extend((1..=5).rev().map(Column::Share));
        return columns;
    }
    columns.extend([Column::NotApplicable, Column::Valid, Column::Satisfied]);
    columns.extend([Column::Index, Column::Low, Column::High]);
    if lines.iter().any(|line| line.row.target.is_some()) {
        columns.extend([Column::Target, Column::Verdict]);
    }
    columns.extend([Column::Mean, Column::OfFive, Column::OfSpan]);
    let figures = || lines.iter().filter_map(|line| line.row.figures);
    if figures().any(|figures| figures.f2.is_some()) {
        columns.extend([Column::ElementsSatisfied, Column::ElementsValid, Column::Elements]);
    }
    if figures().any(|figures| figures.f3.is_some()) {
        columns.extend([Column::CompleteSatisfied, Column::CompleteValid, Column::Complete]);
    }
    if lines.iter().any(|line| line.row.unflagged.is_some()) {
        columns.extend([Column::CleanSatisfied, Column::CleanValid, Column::Clean, Column::Difference]);
    }
    if lines.iter().any(|line| line.row.settled.is_some()) {
        columns.extend([Column::Settled, Column::Rate, Column::Goal]);
    }
    let is_weighted = figures().any(|figures| figures.f5.is_some());
    weights(&mut columns, tab, is_weighted, weighing);
    columns
}

fn lead(tab: Tab, lines: &[Line]) -> Vec<Column> {
    let mut columns = Vec::new();
    if Kind::ALL.iter().all(|kind| lines.iter().any(|line| line.kind == *kind)) {
        columns.push(Column::Kind);
    }
    if tab.cuts().len() > 1 {
        columns.push(Column::Cut);
    }
    columns.extend([Column::Code, Column::Name]);
    match tab {
        Tab::UnitFields | Tab::Procedures => columns.extend([Column::SecondCode, Column::Second]),
        Tab::Counters | Tab::Trend => columns.push(Column::Second),
        _ => {}
    }
    if tab != Tab::Levels && lines.iter().any(|line| !line.row.marks.is_empty()) {
        columns.push(Column::Marks);
    }
    columns
}

/// Whether F5 of a sheet is computed from the sheet of units and fields.
pub const fn is_summed(tab: Tab) -> bool {
    matches!(tab, Tab::Targets | Tab::Fields | Tab::Units)
}

fn weights(columns: &mut Vec<Column>, tab: Tab, is_weighted: bool, weighing: Weighing) {
    let live = weighing.is_live && is_weighted;
    if live && tab == Tab::UnitFields {
        columns.extend([Column::Id, Column::Weight]);
        let pools = (0u8..).take(weighing.pools + 3);
        columns.extend(pools.map(Column::Running));
        return;
    }
    if live && is_summed(tab) {
        columns.extend([Column::Median, Column::SumSatisfied, Column::SumValid, Column::SumSquares]);
    }
    if is_weighted {
        columns.extend([Column::Weighted, Column::WeightedLow, Column::WeightedHigh]);
        columns.extend([Column::Coverage, Column::Effective, Column::Capped]);
    }
    if live && tab == Tab::Units {
        columns.push(Column::Id);
    }
}
