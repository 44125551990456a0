//! The first sheet: what there is at a glance, each figure taken from the sheet that computes it.

use chrono::{DateTime, Utc};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::Book;
use super::column::Column;
use super::figures::{Place, fraction};
use super::grid::{Grid, Line, Tab};
use super::names::Named;
use super::page::{Content, Look, Outcome, Page, height};
use crate::domain::dataset::{Cut, Mark};
use crate::domain::day::Local;
use crate::domain::index::Share;
use crate::domain::number::real;
use crate::domain::questionnaire::Kind;

/// Place and width of the columns.
const WIDTHS: [(u16, f64); 8] =
    [(0, 54.0), (1, 13.0), (2, 13.0), (3, 13.0), (4, 13.0), (5, 13.0), (6, 25.0), (7, 16.0)];

const LAST: u16 = 7;

const JUDGED: [Column; 7] =
    [Column::Valid, Column::Index, Column::Low, Column::High, Column::Target, Column::Verdict, Column::Clean];

const OTHERS: [Column; 7] = [
    Column::Elements,
    Column::Complete,
    Column::Mean,
    Column::OfFive,
    Column::OfSpan,
    Column::Weighted,
    Column::Coverage,
];

/// Where the shares of channels stand: titles in the first row, a row for each kind below.
pub struct Shares {
    /// Row of titles.
    pub head: u32,
    /// Rows of kinds.
    pub kinds: u32,
    /// Channels, from the second column on.
    pub channels: u16,
}

/// A sheet written from the top down.
pub struct Writer<'w> {
    /// The sheet.
    pub page: Page<'w>,
    /// Widths of its columns in characters.
    pub widths: &'static [(u16, f64)],
    /// The next row.
    pub row: u32,
}

impl Writer<'_> {
    /// The title of a part, over so many columns.
    pub fn section(&mut self, title: &str, last: u16) -> Result<(), XlsxError> {
        self.row += 1;
        self.page.say(self.row, 0, Look::Section, title)?;
        for column in 1..=last {
            self.page.put(self.row, column, Look::Section, &Content::Blank)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Titles of columns.
    pub fn head<'t>(&mut self, titles: impl IntoIterator<Item = &'t str>) -> Result<(), XlsxError> {
        self.line(titles.into_iter().map(|title| (Look::Head, Content::Text(title.to_owned()))))
    }

    /// A row, as high as its texts need.
    pub fn line(&mut self, cells: impl IntoIterator<Item = (Look, Content)>) -> Result<(), XlsxError> {
        let mut texts = Vec::new();
        for ((column, width), (look, content)) in self.widths.iter().zip(cells) {
            self.page.put(self.row, *column, look, &content)?;
            if let (Look::Text | Look::Head | Look::Label, Content::Text(text)) = (look, content) {
                // Titles are bold and keep some space above and below.
                texts.push((text, if look == Look::Head { 0.8 * width } else { *width }));
            }
        }
        let height = height(texts.iter().map(|(text, width)| (text.as_str(), *width)));
        self.page.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }

    /// A row whose last cell takes all columns that are left.
    pub fn wide<const N: usize>(&mut self, cells: [(Look, Content); N]) -> Result<(), XlsxError> {
        let (first, last) = (self.widths.get(N.saturating_sub(1)), self.widths.last());
        if let (Some((first, _)), Some((last, _)), Some((look, _))) = (first, last, cells.last()) {
            let format = self.page.looks.of(*look);
            self.page.sheet.merge_range(self.row, *first, self.row, *last, "", format)?;
        }
        self.line(cells)
    }

    /// A text over all columns, as high as it needs.
    pub fn paragraph(&mut self, text: &str) -> Result<(), XlsxError> {
        let last = self.widths.last().map_or(0, |(column, _)| *column);
        let width = self.widths.iter().map(|(_, width)| width).sum();
        let format = self.page.looks.of(Look::Text);
        self.page.sheet.merge_range(self.row, 0, self.row, last, "", format)?;
        self.page.say(self.row, 0, Look::Text, text)?;
        self.page.sheet.set_row_height(self.row, height([(text, width)]))?;
        self.row += 1;
        Ok(())
    }
}

impl Book<'_> {
    /// Writes the first sheet.
    pub fn overview(&self, sheet: &mut Worksheet) -> Result<Shares, XlsxError> {
        let mut writer = self.writer(sheet, Tab::Overview, &WIDTHS)?;
        writer.page.sheet.set_print_fit_to_pages(1, 1);
        self.facts(&mut writer)?;
        self.mirrored(&mut writer, "overall", &[Cut::Total], &JUDGED)?;
        self.mirrored(&mut writer, "targets", &[Cut::Target], &JUDGED)?;
        self.mirrored(&mut writer, "others", &[Cut::Total], &OTHERS)?;
        let shares = self.shares(&mut writer)?;
        self.imported(&mut writer)?;
        writer.section(&self.lang.text("workbook.overview.warnings"), LAST)?;
        for warning in self.warnings() {
            writer.paragraph(&warning)?;
        }
        Ok(shares)
    }

    /// A sheet of several tables, begun with its titles.
    pub fn writer<'w>(
        &'w self,
        sheet: &'w mut Worksheet,
        tab: Tab,
        widths: &'static [(u16, f64)],
    ) -> Result<Writer<'w>, XlsxError> {
        let title = self.lang.text(&format!("workbook.title.{}", tab.key()));
        self.set_up(sheet, &title)?;
        sheet.set_formula_result_default("");
        sheet.set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
        for (column, width) in widths {
            sheet.set_column_width(*column, *width)?;
        }
        let mut page = Page { sheet, looks: &self.looks };
        page.say(0, 0, Look::Title, &format!("{title}, {}", self.period()))?;
        page.say(1, 0, Look::Note, &self.lang.text("workbook.heading"))?;
        if self.dataset.simulated {
            page.say(2, 0, Look::Alarm, &self.lang.text("workbook.simulated"))?;
        }
        Ok(Writer { page, widths, row: 3 })
    }

    fn facts(&self, writer: &mut Writer) -> Result<(), XlsxError> {
        let (dataset, lang) = (self.dataset, self.lang);
        let days = format!("{} – {}", lang.date(dataset.period.from), lang.date(dataset.period.to));
        let mut facts = vec![
            ("days", days),
            ("version", dataset.version.to_string()),
            ("frozen", instant(dataset.frozen_at)),
            ("method", format!("{} v{}", dataset.method.id, dataset.method.version)),
        ];
        match &dataset.issue {
            None => facts.push(("state", lang.text("workbook.overview.unpublished"))),
            Some(issue) => {
                facts.push(("number", issue.number.to_string()));
                facts.push(("published", instant(issue.at)));
                facts.extend(issue.previous.iter().map(|hash| ("previous", hash.clone())));
                facts.extend(issue.corrects.iter().map(|hash| ("corrects", hash.clone())));
                facts.push(("complete", issue.complete.clone()));
            }
        }
        writer.row += 1;
        for (key, value) in facts {
            let label = lang.text(&format!("workbook.overview.{key}"));
            let row = writer.row;
            writer.line([(Look::Label, Content::Text(label)), (Look::Code, Content::Text(value))])?;
            for column in 2..=LAST {
                writer.page.put(row, column, Look::Code, &Content::Blank)?;
            }
        }
        Ok(())
    }

    /// Rows of the sheet of targets, each cell a reference to it.
    fn mirrored(
        &self,
        writer: &mut Writer,
        key: &str,
        cuts: &[Cut],
        columns: &[Column],
    ) -> Result<(), XlsxError> {
        let Some(grid) = self.grid(Tab::Targets) else {
            return Ok(());
        };
        writer.section(&self.lang.text(&format!("workbook.overview.{key}")), LAST)?;
        let titles: Vec<String> = columns.iter().map(|column| column.title(self.lang)).collect();
        let first = self.lang.text("workbook.column.name");
        writer.head([first.as_str()].into_iter().chain(titles.iter().map(String::as_str)))?;
        for (row, line) in grid.placed().filter(|(_, line)| cuts.contains(&line.by)) {
            let name = if line.by == Cut::Total {
                self.names.kind(line.kind)
            } else {
                Named::of(&self.names, line.kind, line.by, line.row).name
            };
            let cells = columns.iter().map(|column| (column.look(), self.mirror(grid, row, line, *column)));
            writer.line([(Look::Text, Content::Text(name))].into_iter().chain(cells))?;
        }
        Ok(())
    }

    /// A reference to a cell of a table.
    pub fn mirror(&self, grid: &Grid, row: u32, line: &Line, column: Column) -> Content {
        if grid.place(column).is_none() {
            return Content::Blank;
        }
        let far = grid.far_cell(column, row);
        match (Place { book: self, grid, line, row }).content(column) {
            Content::Number(number) => Content::formula(far, number),
            Content::Text(text) => Content::Formula(far, Outcome::Text(text)),
            Content::Formula(_, outcome) | Content::Array(_, outcome) => Content::Formula(far, outcome),
            other => other,
        }
    }

    /// The share of each channel, by kind.
    fn shares(&self, writer: &mut Writer) -> Result<Shares, XlsxError> {
        let of = |kind| self.dataset.rows(kind, Cut::Channel).iter();
        let mut channels: Vec<&str> = Vec::new();
        for key in Kind::ALL.into_iter().flat_map(of).filter_map(|row| row.key.first()) {
            if !channels.contains(&key.as_str()) {
                channels.push(key);
            }
        }
        writer.section(&self.lang.text("workbook.overview.channels"), LAST)?;
        let first = self.lang.text("workbook.column.kind");
        let names: Vec<String> = channels.iter().map(|key| self.names.word("channel", key)).collect();
        let head = writer.row;
        writer.head([first.as_str()].into_iter().chain(names.iter().map(String::as_str)))?;
        for kind in Kind::ALL {
            let name = self.names.kind(kind);
            let cells = channels.iter().map(|key| (Look::Percent, self.share_of(kind, key)));
            writer.line([(Look::Text, Content::Text(name))].into_iter().chain(cells))?;
        }
        let kinds = u32::try_from(Kind::ALL.len()).unwrap_or_default();
        Ok(Shares { head, kinds, channels: u16::try_from(channels.len()).unwrap_or_default() })
    }

    fn share_of(&self, kind: Kind, channel: &str) -> Content {
        let find = |tab, by, key: Option<&str>| {
            let grid = self.grid(tab)?;
            let is_it = |line: &Line| {
                line.kind == kind && line.by == by && line.row.key.first().map(String::as_str) == key
            };
            let (row, line) = grid.placed().find(|(_, line)| is_it(line))?;
            Some((grid.far_cell(Column::Valid, row), line.row.n()))
        };
        let all = find(Tab::Targets, Cut::Total, None);
        let own = find(Tab::Stages, Cut::Channel, Some(channel));
        match (own, all) {
            (Some((part, Some(k))), Some((whole, Some(n)))) => Content::formula(
                format!("IF({whole}=0,\"\",{part}/{whole})"),
                Share { k, n }.percent().map(|percent| percent / 100.0),
            ),
            (None, _) => Content::Blank,
            _ => Content::Hidden,
        }
    }

    fn imported(&self, writer: &mut Writer) -> Result<(), XlsxError> {
        if self.dataset.imported.is_empty() {
            return Ok(());
        }
        let text = |key: &str| self.lang.text(&format!("workbook.overview.{key}"));
        writer.section(&text("imported"), LAST)?;
        let target = Column::Target.title(self.lang);
        let (name, figure) = (self.lang.text("workbook.column.plan-target"), text("figure"));
        let (respondents, source) = (text("respondents"), text("source"));
        let titles = [name, figure, respondents, target, source];
        writer.wide(titles.map(|title| (Look::Head, Content::Text(title))))?;
        for figure in &self.dataset.imported {
            let target = self.names.target(&figure.target);
            let threshold =
                target.map_or(Content::Blank, |one| Content::Number(fraction(one.threshold.into())));
            let missing = || Content::Text(text("missing"));
            let index = figure.index.map_or_else(missing, |index| Content::Number(fraction(index)));
            let respondents = figure.respondents.and_then(|count| u64::try_from(count).ok());
            let source = figure.source.clone().map_or(Content::Blank, Content::Text);
            writer.wide([
                (Look::Text, Content::Text(self.names.target_name(&figure.target))),
                (Look::Percent, index),
                (Look::Count, respondents.map_or(Content::Blank, |count| Content::Number(real(count)))),
                (Look::Percent, threshold),
                (Look::Text, source),
            ])?;
        }
        Ok(())
    }

    /// What whoever reads the figures must know.
    fn warnings(&self) -> Vec<String> {
        let (dataset, lang) = (self.dataset, self.lang);
        let text = |key: &str, places: &[(&str, &str)]| lang.with(&format!("workbook.warning.{key}"), places);
        let tables = || dataset.surveys.iter().flat_map(|survey| &survey.tables);
        let mut warnings = vec![text("not-sipas", &[])];
        let hidden = tables().flat_map(|table| &table.rows).filter(|row| row.levels.is_none()).count();
        if dataset.floor > 0 {
            let (floor, count) = (dataset.floor.to_string(), hidden.to_string());
            warnings.push(text("hidden", &[("floor", &floor), ("count", &count)]));
        }
        for survey in dataset.surveys.iter().filter(|survey| !survey.breaks.is_empty()) {
            let days: Vec<String> = survey.breaks.iter().map(|day| lang.date(*day)).collect();
            let kind = self.names.kind(survey.kind);
            warnings.push(text("changed", &[("kind", &kind), ("days", &days.join(", "))]));
        }
        for (mark, key) in [(Mark::Retargeted, "retargeted"), (Mark::Split, "split"), (Mark::Ended, "ended")]
        {
            let names = self.marked(mark);
            if !names.is_empty() {
                warnings.push(text(key, &[("names", &names.join("; "))]));
            }
        }
        for missing in dataset.imported.iter().filter(|figure| figure.index.is_none()) {
            warnings.push(text("missing", &[("name", &self.names.target_name(&missing.target))]));
        }
        if let Some(late) = dataset.issue.as_ref().and_then(|issue| issue.late) {
            warnings.push(text("late", &[("count", &lang.count(late))]));
        }
        if dataset.simulated {
            warnings.push(lang.text("workbook.simulated"));
        }
        warnings
    }

    /// Names of the units and targets that bear a mark.
    fn marked(&self, mark: Mark) -> Vec<String> {
        let mut names = Vec::new();
        for line in [Tab::Targets, Tab::Units]
            .into_iter()
            .filter_map(|tab| self.grid(tab))
            .flat_map(|grid| &grid.lines)
        {
            let name = Named::of(&self.names, line.kind, line.by, line.row).name;
            if line.row.marks.contains(&mark) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// An instant as Vietnamese clocks show it.
pub fn instant(at: DateTime<Utc>) -> String {
    let local = Local::at(at);
    format!("{} {}", local.time.format("%H:%M"), local.day.format("%d/%m/%Y"))
}
