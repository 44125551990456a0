//! Charts over the cells of the other sheets, so that they follow them.

use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartDataLabel, ChartDataLabelPosition, ChartFont, ChartFormat,
    ChartLegendPosition, ChartLine, ChartLineDashType, ChartMarker, ChartMarkerType, ChartSolidFill,
    ChartType, Worksheet, XlsxError,
};

use super::column::Column;
use super::grid::{Grid, Tab};
use super::overview::Shares;
use super::page::{Look, Page, pattern};
use super::{Book, LEVELS, RED, TEAL, names};
use crate::domain::dataset::Cut;
use crate::domain::questionnaire::Kind;

/// Size of a chart, and the space that it takes with its margins, in pixels and rows.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 342;
const STEP: u32 = 660;
const ROWS: u32 = 20;

/// Colours that can be told apart, also without seeing red and green.
const LINES: [u32; 7] = [TEAL, 0xE0_92_5C, 0x4A_5F_8C, 0xB4_43_1F, 0x8A_6F_A8, 0x5F_A8_A3, 0x5E_5A_52];

impl Book<'_> {
    /// Writes the sheet of charts.
    pub fn charts(&self, sheet: &mut Worksheet, shares: &Shares) -> Result<(), XlsxError> {
        let title = self.lang.text("workbook.title.charts");
        self.set_up(sheet, &title)?;
        sheet.set_formula_result_default("");
        sheet.set_print_scale(68).set_screen_gridlines(false).set_column_width(0, 16)?;
        for column in 1..16 {
            sheet.set_column_width(column, 12)?;
        }
        let mut page = Page { sheet, looks: &self.looks };
        page.say(0, 0, Look::Title, &format!("{title}, {}", self.period()))?;
        page.say(1, 0, Look::Note, &self.lang.text("workbook.note.charts"))?;
        if self.dataset.simulated {
            page.say(2, 0, Look::Alarm, &self.lang.text("workbook.simulated"))?;
        }
        let data = 4 + 3 * ROWS;
        let trend = self.trend(&mut page, data)?;
        let charts = [
            self.fields_chart(),
            self.levels_chart(Kind::Tthc, Cut::Field, "levels-field"),
            trend,
            self.shares_chart(shares),
            self.levels_chart(Kind::Tthc, Cut::Element, "levels-element"),
            self.levels_chart(Kind::AgencyService, Cut::Element, "levels-agency"),
        ];
        for (number, chart) in (0u32..).zip(charts.into_iter().flatten()) {
            let row = 4 + number / 2 * ROWS;
            page.sheet.insert_chart_with_offset(row, 0, &chart, number % 2 * STEP, 0)?;
        }
        // Four charts on a printed page.
        page.sheet.set_page_breaks(&[3 + 2 * ROWS])?;
        Ok(())
    }

    fn chart(&self, kind: ChartType, key: &str) -> Chart {
        let mut chart = Chart::new(kind);
        let period = self.period();
        let text = |key: &str| self.lang.with(&format!("workbook.chart.{key}"), &[("period", &period)]);
        let (title, alt) = (text(key), text(&format!("{key}-alt")));
        let mut font = ChartFont::new();
        font.set_size(11).set_bold();
        chart.title().set_name(&title).set_font(&font);
        chart.set_alt_text(alt).set_width(WIDTH).set_height(HEIGHT);
        chart.legend().set_position(ChartLegendPosition::Bottom);
        let mut small = ChartFont::new();
        small.set_size(8);
        let mut rule = ChartLine::new();
        rule.set_color(0xD5_D2_CB);
        // Bars lie on their side, and so do their axes.
        if matches!(kind, ChartType::BarStacked | ChartType::BarPercentStacked) {
            chart.y_axis().set_reverse().set_major_gridlines(false).set_label_interval(1).set_font(&small);
            let scale = chart.x_axis().set_label_position(ChartAxisLabelPosition::High);
            scale.set_num_format("0%").set_major_gridlines(true).set_major_gridlines_line(&rule);
        } else {
            chart.y_axis().set_num_format("0%").set_major_gridlines_line(&rule);
        }
        chart
    }

    /// Fields as bars, their targets as a line.
    fn fields_chart(&self) -> Option<Chart> {
        let grid = self.grid(Tab::Fields)?;
        let (first, last) = grid.block(Kind::Tthc, Cut::Field)?;
        let range = |column| stretch(grid, column, first, last);
        let mut chart = self.chart(ChartType::Column, "fields");
        let mut labels = ChartDataLabel::new();
        let mut small = ChartFont::new();
        small.set_size(8);
        let mut white = ChartFont::new();
        white.set_size(8).set_color(0xFF_FF_FF);
        labels.show_value().set_num_format(pattern("0.0%", self.lang)).set_font(&white);
        labels.set_position(ChartDataLabelPosition::InsideEnd);
        let bars = chart.add_series();
        bars.set_categories(&range(Column::Name)?).set_values(&range(Column::Index)?);
        bars.set_name(&self.lang.text("workbook.chart.index")).set_data_label(&labels).set_gap(60);
        bars.set_format(&mut filled(TEAL));
        chart.x_axis().set_font(&small);
        chart.y_axis().set_min(0).set_max(1).set_major_unit(0.2);
        if let Some(targets) = range(Column::Target) {
            let mut line = Chart::new(ChartType::Line);
            let series = line.add_series();
            series.set_categories(&range(Column::Name)?).set_values(&targets);
            series.set_name(&self.lang.text("workbook.chart.target"));
            let mut dash = ChartLine::new();
            dash.set_color(RED).set_width(2).set_dash_type(ChartLineDashType::Dash);
            series.set_format(ChartFormat::new().set_line(&dash));
            chart.combine(&line);
        }
        Some(chart)
    }

    /// The five levels of the rows of a cut, as parts of a whole.
    fn levels_chart(&self, kind: Kind, by: Cut, key: &str) -> Option<Chart> {
        let grid = self.grid(Tab::Levels)?;
        let (first, last) = grid.block(kind, by)?;
        let mut chart = self.chart(ChartType::BarPercentStacked, key);
        let names = stretch(grid, Column::Name, first, last)?;
        for (level, colour) in (1..=5u8).rev().zip(LEVELS) {
            let series = chart.add_series();
            series.set_categories(&names).set_values(&stretch(grid, Column::Level(level), first, last)?);
            series.set_name(&self.lang.text(&format!("console.level.{level}"))).set_gap(40);
            series.set_format(&mut filled(colour));
        }
        Some(chart)
    }

    /// The channels by which answers came.
    fn shares_chart(&self, shares: &Shares) -> Option<Chart> {
        if shares.channels == 0 {
            return None;
        }
        let sheet = Tab::Overview.name(self.lang);
        let mut chart = self.chart(ChartType::BarStacked, "channels");
        let (first, last) = (shares.head + 1, shares.head + shares.kinds);
        for (column, colour) in (1..=shares.channels).zip(LINES) {
            let series = chart.add_series();
            series.set_categories((sheet.as_str(), first, 0, last, 0));
            series.set_values((sheet.as_str(), first, column, last, column));
            series.set_name((sheet.as_str(), shares.head, column)).set_gap(60);
            series.set_format(&mut filled(colour));
        }
        chart.x_axis().set_min(0).set_max(1).set_major_unit(0.2);
        Some(chart)
    }

    /// What the lines of the trend are drawn from, with a gap where there are too few answers; and its chart.
    fn trend(&self, page: &mut Page, top: u32) -> Result<Option<Chart>, XlsxError> {
        let Some(grid) = self.grid(Tab::Trend) else {
            return Ok(None);
        };
        let lines: Vec<_> = grid.placed().filter(|(_, line)| line.by == Cut::Trend).collect();
        let (mut periods, mut targets): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for (_, line) in &lines {
            for (list, key) in [&mut periods, &mut targets].into_iter().zip(&line.row.key) {
                if !list.contains(&key.as_str()) {
                    list.push(key);
                }
            }
        }
        if lines.is_empty() {
            return Ok(None);
        }
        page.say(top, 0, Look::Section, &self.lang.text("workbook.chart.trend-data"))?;
        page.say(top + 1, 0, Look::Head, &self.lang.text("workbook.column.period"))?;
        for (row, period) in (top + 2..).zip(&periods) {
            page.say(row, 0, Look::Text, &names::period(&self.names, period))?;
        }
        let mut lowest = 1.0f64;
        for (column, target) in (1u16..).zip(&targets) {
            page.say(top + 1, column, Look::Head, &names::short_target(&self.names, target))?;
            for (place, line) in &lines {
                let has_enough = line.row.n().is_some_and(|n| n >= self.dataset.method.enough);
                let mut key = line.row.key.iter();
                let (period, own) = (key.next(), key.next());
                let at = (top + 2..).zip(&periods).find(|(_, one)| period.is_some_and(|key| key == *one));
                let Some((row, _)) = at.filter(|_| has_enough && own.is_some_and(|key| key == target)) else {
                    continue;
                };
                lowest = lowest
                    .min(line.row.share().and_then(|share| share.percent()).map_or(1.0, |one| one / 100.0));
                page.put(row, column, Look::Percent, &self.mirror(grid, *place, line, Column::Index))?;
            }
        }
        page.sheet.set_row_height(top + 1, 48)?;
        let size = (
            u32::try_from(periods.len()).unwrap_or_default(),
            u16::try_from(targets.len()).unwrap_or_default(),
        );
        Ok(Some(self.trend_chart(top + 1, size, lowest)))
    }

    fn trend_chart(&self, head: u32, (periods, targets): (u32, u16), lowest: f64) -> Chart {
        let sheet = Tab::Charts.name(self.lang);
        let mut chart = self.chart(ChartType::Line, "trend");
        for (column, colour) in (1..=targets).zip(LINES.into_iter().cycle()) {
            let mut line = ChartLine::new();
            line.set_color(colour).set_width(2.25);
            let mut marker = ChartMarker::new();
            marker.set_type(ChartMarkerType::Circle).set_size(6).set_format(&mut filled(colour));
            let series = chart.add_series();
            series.set_categories((sheet.as_str(), head + 1, 0, head + periods, 0));
            series.set_values((sheet.as_str(), head + 1, column, head + periods, column));
            series.set_name((sheet.as_str(), head, column)).set_marker(&marker);
            series.set_format(ChartFormat::new().set_line(&line));
        }
        // Lines show change, so the scale may begin above zero, at the tenth below the lowest point.
        chart.y_axis().set_min((lowest * 10.0).floor() / 10.0).set_max(1).set_major_unit(0.05);
        chart
    }
}

fn filled(colour: u32) -> ChartFormat {
    let mut fill = ChartSolidFill::new();
    fill.set_color(colour);
    let mut format = ChartFormat::new();
    format.set_solid_fill(&fill);
    format
}

/// The cells of a column between two rows; none where the table has no such column.
fn stretch(grid: &Grid, column: Column, first: u32, last: u32) -> Option<String> {
    grid.place(column)?;
    let (from, to) = (grid.far_cell(column, first), grid.cell(column, last));
    Some(format!("={from}:{to}"))
}
