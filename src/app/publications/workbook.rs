//! The figures of a period as a workbook for analysts: counts are values, and every percentage, bound and verdict
//! is a formula over them, so that whoever opens it can check how each figure comes about.

mod charts;
mod column;
mod figures;
mod grid;
mod method;
mod names;
mod overview;
mod page;
mod table;
mod weigh;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::Names;
use crate::domain::dataset::Dataset;
use crate::error::{Error, Result};
use crate::locale::Lang;
use grid::{Grid, Tab};
use page::Looks;
use weigh::Strata;

/// The five levels from the top down, as on pages.
const LEVELS: [u32; 5] = [TEAL, 0x5F_A8_A3, 0xB9_B4_AA, 0xE0_92_5C, RED];
const TEAL: u32 = 0x0E_6F_6B;
const RED: u32 = 0xB4_43_1F;

/// A dataset on its way into a workbook.
struct Book<'a> {
    dataset: &'a Dataset,
    lang: Lang,
    names: Names<'a>,
    strata: Strata<'a>,
    grids: Vec<Grid<'a>>,
    looks: Looks,
}

/// Writes the figures of a period as XLSX. The same dataset gives the same bytes.
///
/// # Errors
/// Internal, when the writer fails.
pub fn workbook(dataset: &Dataset, lang: Lang) -> Result<Vec<u8>> {
    Book::of(dataset, lang).write().map_err(Error::internal)
}

impl<'a> Book<'a> {
    fn of(dataset: &'a Dataset, lang: Lang) -> Self {
        let strata = Strata::of(dataset);
        let grids = Tab::TABLES.into_iter().map(|tab| Grid::new(dataset, tab, lang, strata.weighing()));
        // Both views of units are shown only where they differ.
        let grids = grids.filter(|grid| grid.tab != Tab::UnitsThen || !grid.lines.is_empty()).collect();
        Self { dataset, lang, names: Names::of(dataset, lang), strata, grids, looks: Looks::new(lang) }
    }

    fn write(&self) -> std::result::Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_default_format(&page::plain(), 18, 64)?;
        workbook.set_properties(&self.properties()?);
        let overview = workbook.add_worksheet().set_name(Tab::Overview.name(self.lang))?;
        let shares = self.overview(overview)?;
        let charts = workbook.add_worksheet().set_name(Tab::Charts.name(self.lang))?;
        self.charts(charts, &shares)?;
        for grid in &self.grids {
            let sheet = workbook.add_worksheet().set_name(&grid.name)?;
            // What a formula gives is an empty text where it is not said.
            sheet.set_formula_result_default("");
            self.table(grid, sheet)?;
        }
        let method = workbook.add_worksheet().set_name(Tab::Method.name(self.lang))?;
        for (name, cell) in self.method(method)? {
            workbook.define_name(name, &format!("={cell}"))?;
        }
        workbook.save_to_buffer()
    }

    fn properties(&self) -> std::result::Result<DocProperties, XlsxError> {
        let title = format!("{}, {}", self.lang.text("workbook.heading"), self.period());
        let frozen = ExcelDateTime::from_timestamp(self.dataset.frozen_at.timestamp())?;
        let properties = DocProperties::new().set_title(title).set_creation_datetime(&frozen);
        Ok(properties.set_custom_property("Language", if self.lang == Lang::Vi { "vi-VN" } else { "en" }))
    }

    fn grid(&self, tab: Tab) -> Option<&Grid<'a>> {
        self.grids.iter().find(|grid| grid.tab == tab)
    }

    fn period(&self) -> String {
        self.names.period(&self.dataset.period.key)
    }

    /// Which version this is, and its number where it is published.
    fn issue(&self) -> String {
        let version = self.dataset.version.to_string();
        match &self.dataset.issue {
            Some(issue) => {
                let number = issue.number.to_string();
                self.lang.with("workbook.issue", &[("number", &number), ("version", &version)])
            }
            None => self.lang.with("workbook.version", &[("version", &version)]),
        }
    }
}
