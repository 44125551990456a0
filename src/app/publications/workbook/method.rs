//! The last sheet: how figures are computed, against what they are judged, and what they do not say. The constants
//! of the formulas stand here, under names.

use rust_xlsxwriter::utility::quote_sheet_name;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::Book;
use super::figures::fraction;
use super::grid::Tab;
use super::overview::{Writer, instant};
use super::page::{Content, Look};
use crate::domain::dataset::TargetEntry;
use crate::domain::index::{CAP, Z};
use crate::domain::number::real;
use crate::domain::target::Verdict;
use crate::locale::Lang;

const WIDTHS: [(u16, f64); 6] = [(0, 26.0), (1, 74.0), (2, 14.0), (3, 34.0), (4, 13.0), (5, 13.0)];
const LAST: u16 = 5;

const FORMULAS: [&str; 12] =
    ["n", "k", "f1", "element", "interval", "f2", "f3", "f4", "f5", "rate", "goal", "clean"];

const LIMITS: [&str; 7] =
    ["not-sipas", "voluntary", "flags", "units", "comparison", "unconfirmed", "recompute"];

impl Book<'_> {
    /// Writes the sheet and gives the named cells.
    pub fn method(&self, sheet: &mut Worksheet) -> Result<Vec<(&'static str, String)>, XlsxError> {
        let mut writer = self.writer(sheet, Tab::Method, &WIDTHS)?;
        let names = self.constants(&mut writer)?;
        self.formulas(&mut writer)?;
        self.plan(&mut writer)?;
        self.questions(&mut writer)?;
        self.limits(&mut writer)?;
        Ok(names)
    }

    fn section(&self, writer: &mut Writer, key: &str) -> Result<(), XlsxError> {
        writer.section(&self.lang.text(&format!("workbook.method.{key}")), LAST)
    }

    fn constants(&self, writer: &mut Writer) -> Result<Vec<(&'static str, String)>, XlsxError> {
        let method = &self.dataset.method;
        let z = method.z.parse().unwrap_or(Z);
        self.section(writer, "constants")?;
        let mut names = Vec::new();
        for (name, look, value) in [
            ("z_wilson", Look::Exact, z),
            ("n_enough", Look::Count, real(method.enough)),
            ("f5_cap", Look::Count, CAP),
        ] {
            let meaning = self.lang.text(&format!("workbook.method.{name}"));
            names.push((
                name,
                format!("{}!$C${}", quote_sheet_name(&Tab::Method.name(self.lang)), writer.row + 1),
            ));
            writer.line([
                (Look::Code, Content::Text(name.to_owned())),
                (Look::Text, Content::Text(meaning)),
                (look, Content::Number(value)),
            ])?;
        }
        writer.line([
            (Look::Code, Content::Text(self.lang.text("workbook.method.floor"))),
            (Look::Text, Content::Text(self.lang.text("workbook.method.floor-is"))),
            (Look::Count, Content::Number(real(self.dataset.floor))),
        ])?;
        Ok(names)
    }

    fn formulas(&self, writer: &mut Writer) -> Result<(), XlsxError> {
        self.section(writer, "formulas")?;
        for key in FORMULAS {
            self.pair(writer, &format!("workbook.method.name-{key}"), &format!("workbook.method.is-{key}"))?;
        }
        self.section(writer, "verdicts")?;
        for verdict in [
            Verdict::TooFew,
            Verdict::MetSurely,
            Verdict::MetUnsurely,
            Verdict::MissedUnsurely,
            Verdict::MissedSurely,
        ] {
            let key = verdict.key();
            self.pair(writer, &format!("verdict.{key}"), &format!("workbook.method.when-{key}"))?;
        }
        Ok(())
    }

    fn pair(&self, writer: &mut Writer, name: &str, meaning: &str) -> Result<(), XlsxError> {
        writer.line([
            (Look::Code, Content::Text(self.lang.text(name))),
            (Look::Text, Content::Text(self.lang.text(meaning))),
        ])
    }

    /// The targets in force on any day of the period.
    fn plan(&self, writer: &mut Writer) -> Result<(), XlsxError> {
        self.section(writer, "targets")?;
        let titles = ["code", "plan-target", "target", "basis", "from", "to"]
            .map(|key| self.lang.text(&format!("workbook.column.{key}")));
        writer.head(titles.iter().map(String::as_str))?;
        for TargetEntry { key, name, name_en, threshold, legal_basis, valid_from, valid_to, .. } in
            &self.dataset.targets
        {
            let text = |text: String| (Look::Text, Content::Text(text));
            writer.line([
                (Look::Code, Content::Text(key.clone())),
                text(self.names.own(name, name_en)),
                (Look::Percent, Content::Number(fraction((*threshold).into()))),
                text(legal_basis.clone()),
                text(self.lang.date(*valid_from)),
                text(valid_to.map_or_else(String::new, |day| self.lang.date(day))),
            ])?;
        }
        Ok(())
    }

    /// The questionnaire versions with their questions, which are asked in Vietnamese.
    fn questions(&self, writer: &mut Writer) -> Result<(), XlsxError> {
        self.section(writer, "questionnaires")?;
        for questionnaire in &self.dataset.questionnaires {
            let kind = self.names.kind(questionnaire.kind);
            let version = questionnaire.version.to_string();
            let levels = (1..=5u8).rev().zip(&questionnaire.levels);
            let levels: Vec<String> = levels.map(|(level, word)| format!("{level} · {word}")).collect();
            let title =
                self.lang.with("workbook.method.questionnaire", &[("kind", &kind), ("version", &version)]);
            writer.line([
                (Look::Head, Content::Text(self.lang.text("workbook.column.code"))),
                (Look::Head, Content::Text(title)),
                (Look::Head, Content::Blank),
                (Look::Head, Content::Text(self.lang.text("workbook.method.measures"))),
            ])?;
            writer.line([
                (Look::Code, Content::Text(self.lang.text("workbook.method.scale"))),
                (Look::Text, Content::Text(levels.join(", "))),
            ])?;
            for question in &questionnaire.questions {
                let role = if question.headline { "headline" } else { "element" };
                writer.line([
                    (Look::Code, Content::Text(question.key.clone())),
                    (Look::Text, Content::Text(question.ask.clone())),
                    (Look::Text, Content::Text(self.lang.text(&format!("workbook.method.{role}")))),
                    (Look::Text, Content::Text(self.names.own(&question.label, &question.label_en))),
                ])?;
            }
        }
        Ok(())
    }

    fn limits(&self, writer: &mut Writer) -> Result<(), XlsxError> {
        self.section(writer, "limits")?;
        let day = self.lang.date(self.dataset.period.to);
        let frozen = instant(self.dataset.frozen_at);
        for key in LIMITS {
            let places = [("day", day.as_str()), ("frozen", frozen.as_str())];
            let text = self.lang.with(&format!("workbook.limit.{key}"), &places);
            writer.paragraph(&text)?;
        }
        if self.lang == Lang::Vi {
            return Ok(());
        }
        writer.paragraph(&self.lang.text("workbook.limit.language"))
    }
}
