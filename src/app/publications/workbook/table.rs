//! A table on a sheet of its own: titles, rows, and how it is read and printed.

use rust_xlsxwriter::{
    ConditionalFormatText, ConditionalFormatTextRule, Format, IgnoreError, Worksheet, XlsxError,
};

use super::column::{Column, Group};
use super::figures::Place;
use super::grid::{FIRST, Grid, Tab};
use super::page::{Content, Look, Page, height};
use super::{Book, RED, TEAL, names};
use crate::domain::number::nearest;
use crate::domain::target::Verdict;

/// Place of the titles of columns; those of groups stand above.
const HEAD: u32 = FIRST - 1;

/// Width of an A4 page in landscape between its margins, in pixels of 1/96 inch, less what programs differ in.
const PAPER: f64 = 925.0;

impl Book<'_> {
    /// Writes a table.
    pub fn table(&self, grid: &Grid, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let title = self.lang.text(&format!("workbook.title.{}", grid.tab.key()));
        self.set_up(sheet, &title)?;
        let mut page = Page { sheet, looks: &self.looks };
        page.say(0, 0, Look::Title, &format!("{title}, {}", self.period()))?;
        page.say(1, 0, Look::Note, &self.remark(grid))?;
        self.head(grid, &mut page)?;
        for (row, line) in grid.placed() {
            let place = Place { book: self, grid, line, row };
            let mut texts = Vec::new();
            for (at, column) in (0u16..).zip(&grid.columns) {
                let content = place.content(*column);
                page.put(row, at, column.look(), &content)?;
                if let (Look::Text, Content::Text(text)) = (column.look(), content) {
                    texts.push((text, column.width()));
                }
            }
            let height = height(texts.iter().map(|(text, width)| (text.as_str(), *width)));
            page.sheet.set_row_height(row, height)?;
        }
        if grid.lines.is_empty() {
            page.say(FIRST, 0, Look::Note, &self.lang.text("workbook.empty"))?;
        }
        self.colour_verdicts(grid, page.sheet)?;
        arrange(grid, page.sheet)
    }

    fn remark(&self, grid: &Grid) -> String {
        let mut remarks = vec![self.lang.text(&format!("workbook.note.{}", grid.tab.key()))];
        let has_f5 = grid.place(Column::Weighted).is_some();
        if has_f5 && (!self.strata.weighing().is_live || !super::grid::is_summed(grid.tab)) {
            remarks.push(self.lang.text("workbook.note.f5-kept"));
        }
        if grid.lines.iter().any(|line| line.row.levels.is_none()) {
            let floor = self.dataset.floor.to_string();
            remarks.push(self.lang.with("workbook.note.hidden", &[("floor", &floor)]));
        }
        if self.dataset.simulated {
            remarks.push(self.lang.text("workbook.simulated"));
        }
        remarks.join(" ")
    }

    fn head(&self, grid: &Grid, page: &mut Page) -> Result<(), XlsxError> {
        let mut group = Group::Lead;
        for (at, column) in (0u16..).zip(&grid.columns) {
            let is_first = column.group() != group;
            group = column.group();
            let title = if is_first { self.group_title(grid, group) } else { String::new() };
            let look = if is_first { Look::Band } else { Look::BandRest };
            page.say(HEAD - 1, at, look, &title)?;
            page.say(HEAD, at, Look::Head, &self.column_title(grid, *column))?;
        }
        page.sheet.set_row_height(HEAD, 62)?;
        Ok(())
    }

    fn group_title(&self, grid: &Grid, group: Group) -> String {
        if grid.tab == Tab::Levels && group == Group::Index {
            // Only n of this group stands there, which belongs to the counts before it.
            return String::new();
        }
        let is_element = grid.tab == Tab::Elements && group == Group::Index;
        let key = if is_element { "element-index" } else { group.key() };
        self.lang.text(&format!("workbook.group.{key}"))
    }

    fn column_title(&self, grid: &Grid, column: Column) -> String {
        let own = match (grid.tab, column) {
            (Tab::Elements, Column::Index) => "element-index",
            (Tab::Counters, Column::Second) => "counter",
            (Tab::Trend, Column::Second) => "plan-target",
            (_, Column::Running(number @ 3..)) => {
                let pool = self.strata.pool(usize::from(number - 3));
                let fields = names::pool(&self.names, pool);
                return self.lang.with("workbook.column.running-pool", &[("fields", &fields)]);
            }
            _ => return column.title(self.lang),
        };
        self.lang.text(&format!("workbook.column.{own}"))
    }

    /// Sure verdicts in colour; the words say it all without.
    fn colour_verdicts(&self, grid: &Grid, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let Some(column) = grid.place(Column::Verdict).filter(|_| !grid.lines.is_empty()) else {
            return Ok(());
        };
        for (verdict, colour) in [(Verdict::MetSurely, TEAL), (Verdict::MissedSurely, RED)] {
            let word = self.lang.text(&format!("verdict.{}", verdict.key()));
            let rule = ConditionalFormatText::new()
                .set_rule(ConditionalFormatTextRule::BeginsWith(word))
                .set_format(Format::new().set_font_color(colour));
            sheet.add_conditional_format(FIRST, column, grid.last(), column, &rule)?;
        }
        Ok(())
    }

    /// Paper, margins, and what stands on each printed page.
    pub fn set_up(&self, sheet: &mut Worksheet, title: &str) -> Result<(), XlsxError> {
        let title = format!("{title}, {}", self.period()).replace('&', "&&");
        let page = self.lang.text("workbook.page");
        let simulated = self.lang.text("workbook.simulated-short");
        let remark = if self.dataset.simulated { simulated } else { self.lang.text("workbook.not-sipas") };
        sheet
            .set_landscape()
            .set_paper_size(9)
            .set_margins(0.5, 0.5, 0.7, 0.65, 0.3, 0.3)
            .set_header(format!("&L&9{title}&R&9{}", self.issue()))
            .set_footer(format!("&L&9{remark}&R&9{page} &P/&N"));
        Ok(())
    }
}

/// Widths, frozen titles, filter, and where printed pages begin.
fn arrange(grid: &Grid, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let mut lead = 0u16;
    let (mut lead_width, mut width, mut widest) = (0.0, 0.0f64, 0.0f64);
    let (mut breaks, mut group) = (Vec::new(), Group::Lead);
    for (at, column) in (0u16..).zip(&grid.columns) {
        sheet.set_column_width(at, column.width())?;
        // A column of w characters takes 7·w + 5 pixels.
        let pixels = 7.0f64.mul_add(column.width(), 5.0);
        if column.group() == Group::Lead {
            lead = at + 1;
            lead_width += pixels;
        } else {
            if column.group() != group && column.group().begins_page() {
                breaks.push(u32::from(at));
                width = 0.0;
            }
            width += pixels;
            widest = widest.max(width);
        }
        group = column.group();
    }
    let last_column = u16::try_from(grid.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.set_freeze_panes(FIRST, lead)?;
    sheet.set_repeat_rows(HEAD - 1, HEAD)?.set_repeat_columns(0, lead.saturating_sub(1))?;
    sheet.set_vertical_page_breaks(&breaks)?;
    let scale = nearest(100.0 * PAPER / (lead_width + widest)).clamp(40, 100);
    sheet.set_print_scale(u16::try_from(scale).unwrap_or(100));
    if !grid.lines.is_empty() {
        sheet.autofilter(HEAD, 0, grid.last(), last_column)?;
        // Codes are texts of digits, and n leaves out the answers beside it on purpose.
        let texts = IgnoreError::NumberStoredAsText;
        sheet.ignore_error_range(FIRST, 0, grid.last(), lead.saturating_sub(1), texts)?;
        if let Some(valid) = grid.place(Column::Valid) {
            let sums = IgnoreError::FormulaOmitsCells;
            sheet.ignore_error_range(FIRST, valid, grid.last(), valid, sums)?;
        }
    }
    Ok(())
}
