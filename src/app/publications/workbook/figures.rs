//! What the cells of a row hold: counts as values, and all that follows from them as formulas.

use super::Book;
use super::column::{Column, Group};
use super::grid::{Grid, Line};
use super::names::Named;
use super::page::{Content, Outcome};
use crate::domain::dataset::{Figures, Mark, Part};
use crate::domain::index::{self, Share, sample_goal};
use crate::domain::number::real;
use crate::domain::tally::Levels;
use crate::domain::target::Verdict;

/// A row at its place on a sheet.
pub struct Place<'b> {
    /// The workbook.
    pub book: &'b Book<'b>,
    /// The table.
    pub grid: &'b Grid<'b>,
    /// The row.
    pub line: &'b Line<'b>,
    /// Its place, counted from 0.
    pub row: u32,
}

/// Hundredths of a percent as a fraction.
pub fn fraction(hundredths: i64) -> f64 {
    let size = real(hundredths.unsigned_abs()) / 10_000.0;
    if hundredths < 0 { -size } else { size }
}

/// A text within a formula.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The lower and the upper end of the Wilson interval of a share `p` over `n`, as formulas.
pub fn wilson(p: &str, n: &str) -> (String, String) {
    let centre = format!("{p}+z_wilson^2/(2*{n})");
    let half = format!("z_wilson*SQRT({p}*(1-{p})/{n}+z_wilson^2/(4*{n}^2))");
    let spread = format!("(1+z_wilson^2/{n})");
    (format!("MAX(0,({centre}-{half})/{spread})"), format!("MIN(1,({centre}+{half})/{spread})"))
}

impl Place<'_> {
    /// What a column holds here.
    pub fn content(&self, column: Column) -> Content {
        match column.group() {
            Group::Lead => self.lead(column),
            Group::Dossiers => self.dossiers(column),
            Group::Weighted | Group::Weights => self.weighted(column),
            Group::Levels | Group::Index | Group::Shares | Group::Others | Group::Clean => {
                let row = self.line.row;
                match (&row.levels, &row.figures) {
                    _ if column == Column::Target => self.target(),
                    (Some(levels), Some(figures)) => self.figure(column, levels, figures),
                    _ => Content::Hidden,
                }
            }
        }
    }

    /// The cell of a column in this row.
    pub fn cell(&self, column: Column) -> String {
        self.grid.cell(column, self.row)
    }

    fn lead(&self, column: Column) -> Content {
        let (line, lang) = (self.line, self.book.lang);
        let named = Named::of(&self.book.names, line.kind, line.by, line.row);
        Content::Text(match column {
            Column::Kind => lang.text(&format!("workbook.kind.{}", line.kind.key())),
            Column::Cut => lang.text(&format!("workbook.cut.{}", line.by.key())),
            Column::Code => named.code,
            Column::SecondCode => named.second_code,
            Column::Second => named.second,
            Column::Marks => {
                let marks = line.row.marks.iter().map(|mark| lang.text(mark_key(*mark)));
                marks.collect::<Vec<_>>().join("; ")
            }
            _ => named.name,
        })
    }

    fn target(&self) -> Content {
        self.line.row.target.map_or(Content::Blank, |target| Content::Number(fraction(target.into())))
    }

    fn figure(&self, column: Column, levels: &Levels, figures: &Figures) -> Content {
        match column.group() {
            Group::Shares => self.share_of_level(column, levels),
            Group::Others => self.others(column, levels, figures),
            Group::Clean => self.clean(column, levels),
            _ => self.index(column, levels, figures.verdict),
        }
    }

    fn index(&self, column: Column, levels: &Levels, verdict: Option<Verdict>) -> Content {
        let share = Share::satisfied(levels);
        let [n, k, p] = [Column::Valid, Column::Satisfied, Column::Index].map(|column| self.cell(column));
        let (low, high) = wilson(&p, &n);
        let interval = share.interval();
        match column {
            Column::Level(level) => Content::Number(real(at_level(levels, level))),
            Column::NotApplicable => Content::Number(real(levels.na)),
            Column::Valid => {
                let (first, last) = (self.cell(Column::Level(5)), self.cell(Column::Level(1)));
                Content::formula(format!("SUM({first}:{last})"), real(share.n))
            }
            Column::Satisfied => {
                let (five, four) = (self.cell(Column::Level(5)), self.cell(Column::Level(4)));
                Content::formula(format!("{five}+{four}"), real(share.k))
            }
            Column::Index => self.ratio(&k, &n, share),
            Column::Low => Content::formula(
                format!("IF({n}=0,\"\",IF({k}=0,0,{low}))"),
                interval.map(|interval| interval.low / 100.0),
            ),
            Column::High => Content::formula(
                format!("IF({n}=0,\"\",IF({k}={n},1,{high}))"),
                interval.map(|interval| interval.high / 100.0),
            ),
            _ => self.verdict(verdict),
        }
    }

    /// The verdict as [`Verdict::judge`] gives it, on whole numbers.
    fn verdict(&self, verdict: Option<Verdict>) -> Content {
        let Some(verdict) = verdict else {
            return Content::Blank;
        };
        let word = |verdict: Verdict| self.book.lang.text(&format!("verdict.{}", verdict.key()));
        let [few, missed, perhaps_missed, perhaps_met, met] = [
            Verdict::TooFew,
            Verdict::MissedSurely,
            Verdict::MissedUnsurely,
            Verdict::MetUnsurely,
            Verdict::MetSurely,
        ]
        .map(|verdict| quoted(&word(verdict)));
        let [n, k, target] = [Column::Valid, Column::Satisfied, Column::Target].map(|one| self.cell(one));
        let (low, high) = (self.cell(Column::Low), self.cell(Column::High));
        let formula = format!(
            "IF({n}<n_enough,{few},IF(10000*{k}>=ROUND(10000*{target},0)*{n},\
             IF({low}>={target},{met},{perhaps_met}),IF({high}<{target},{missed},{perhaps_missed})))"
        );
        Content::Formula(formula, Outcome::Text(word(verdict)))
    }

    fn share_of_level(&self, column: Column, levels: &Levels) -> Content {
        let Column::Share(level) = column else {
            return Content::Blank;
        };
        let share = Share { k: at_level(levels, level), n: levels.valid() };
        self.ratio(&self.cell(Column::Level(level)), &self.cell(Column::Valid), share)
    }

    /// k/n, or nothing without answers.
    fn ratio(&self, k: &str, n: &str, share: Share) -> Content {
        Content::formula(format!("IF({n}=0,\"\",{k}/{n})"), share.percent().map(|percent| percent / 100.0))
    }

    fn others(&self, column: Column, levels: &Levels, figures: &Figures) -> Content {
        let mean = index::mean(levels);
        let (n, score) = (self.cell(Column::Valid), self.cell(Column::Mean));
        match column {
            Column::Mean => {
                let [five, four, three, two, one] =
                    [5, 4, 3, 2, 1].map(|level| self.cell(Column::Level(level)));
                let sum = format!("5*{five}+4*{four}+3*{three}+2*{two}+{one}");
                Content::formula(format!("IF({n}=0,\"\",({sum})/{n})"), mean.map(|mean| mean.score))
            }
            Column::OfFive => {
                let outcome = mean.map(|mean| mean.of_five / 100.0);
                Content::formula(format!("IF({n}=0,\"\",{score}/5)"), outcome)
            }
            Column::OfSpan => {
                let outcome = mean.map(|mean| mean.of_span / 100.0);
                Content::formula(format!("IF({n}=0,\"\",({score}-1)/4)"), outcome)
            }
            Column::ElementsSatisfied | Column::ElementsValid | Column::Elements => {
                self.part(column, [Column::ElementsSatisfied, Column::ElementsValid], figures.f2)
            }
            _ => self.part(column, [Column::CompleteSatisfied, Column::CompleteValid], figures.f3),
        }
    }

    /// One of k, n and k/n of a part.
    fn part(&self, column: Column, [satisfied, valid]: [Column; 2], part: Option<Part>) -> Content {
        match part {
            None => Content::Blank,
            Some(part) if column == satisfied => Content::Number(real(part.share.k)),
            Some(part) if column == valid => Content::Number(real(part.share.n)),
            Some(part) => self.ratio(&self.cell(satisfied), &self.cell(valid), part.share),
        }
    }

    fn clean(&self, column: Column, levels: &Levels) -> Content {
        let own = [Column::CleanSatisfied, Column::CleanValid];
        let Some(part) = self.line.row.unflagged else {
            // A flag has no answers without it; elsewhere what is not there was hidden.
            return if self.book.dataset.floor > 0 { Content::Hidden } else { Content::Blank };
        };
        if column != Column::Difference {
            return self.part(column, own, Some(part));
        }
        let [n, index, clean_n, clean] =
            [Column::Valid, Column::Index, Column::CleanValid, Column::Clean].map(|one| self.cell(one));
        let both = Share::satisfied(levels).percent().zip(part.share.percent());
        Content::formula(
            format!("IF(OR({n}=0,{clean_n}=0),\"\",{index}-{clean})"),
            both.map(|(all, clean)| (all - clean) / 100.0),
        )
    }

    fn dossiers(&self, column: Column) -> Content {
        let row = self.line.row;
        let Some(settled) = row.settled else {
            return Content::Blank;
        };
        let (cell, n) = (self.cell(Column::Settled), self.cell(Column::Valid));
        match (column, row.n()) {
            (Column::Settled, _) => Content::Number(real(settled)),
            (Column::Goal, _) => {
                Content::formula(format!("ROUND(400*{cell}/(400+{cell}),0)"), real(sample_goal(settled)))
            }
            (_, None) => Content::Hidden,
            (_, Some(answers)) => {
                let rate = (settled > 0).then(|| real(answers) / real(settled));
                Content::formula(format!("IF({cell}>0,{n}/{cell},\"\")"), rate)
            }
        }
    }
}

const fn at_level(levels: &Levels, level: u8) -> u64 {
    match level {
        5 => levels.n5,
        4 => levels.n4,
        3 => levels.n3,
        2 => levels.n2,
        _ => levels.n1,
    }
}

const fn mark_key(mark: Mark) -> &'static str {
    match mark {
        Mark::Split => "workbook.mark.split",
        Mark::Ended => "workbook.mark.ended",
        Mark::Changed => "workbook.mark.changed",
        Mark::Retargeted => "workbook.mark.retargeted",
        Mark::Method => "workbook.mark.method",
    }
}
