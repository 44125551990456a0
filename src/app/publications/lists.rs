//! The lists that explain the keys of a dataset, as things were called on its last day.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};

use crate::app::catalogue::Snapshot;
use crate::domain::dataset::{
    CounterEntry, Cut, FieldEntry, ProcedureEntry, QuestionEntry, QuestionnaireEntry, Survey, TargetEntry,
    UnitEntry,
};
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, FieldId, ProcedureId, UnitId};
use crate::domain::period::Period;
use crate::domain::questionnaire::{Questionnaire, Role, Status};
use crate::domain::target::{Scope, Target};
use crate::locale::Lang;

/// What the rows of a dataset name.
pub struct Named<'a> {
    snapshot: &'a Snapshot,
    period: Period,
    today: NaiveDate,
    units: BTreeSet<UnitId>,
    counters: BTreeSet<CounterId>,
    procedures: BTreeSet<ProcedureId>,
}

impl<'a> Named<'a> {
    /// Collects what rows name.
    pub fn of(snapshot: &'a Snapshot, period: Period, surveys: &[Survey]) -> Self {
        let today = Local::at(Utc::now()).day;
        let ids = |cuts: &[Cut]| -> BTreeSet<i64> {
            let tables = surveys.iter().flat_map(|survey| &survey.tables);
            let rows = tables.filter(|table| cuts.contains(&table.by)).flat_map(|table| &table.rows);
            rows.filter_map(|row| row.key.first()?.parse().ok()).collect()
        };
        let counters: BTreeSet<CounterId> = ids(&[Cut::Counter]).into_iter().map(Into::into).collect();
        let of_rows = ids(&[Cut::Unit, Cut::UnitThen, Cut::Deciding]).into_iter().map(UnitId::from);
        let of_counters = counters.iter().filter_map(|id| snapshot.counters.get(id));
        let of_counters = of_counters.map(|counter| snapshot.units.present(counter.unit, today).unit());
        Self {
            units: of_rows.chain(of_counters).collect(),
            procedures: ids(&[Cut::Procedure]).into_iter().map(Into::into).collect(),
            counters,
            snapshot,
            period,
            today,
        }
    }

    /// Units.
    pub fn units(&self) -> Vec<UnitEntry> {
        let holds = |unit: UnitId| -> Vec<String> {
            let all: BTreeSet<UnitId> = self.snapshot.units.versions().map(|version| version.unit).collect();
            let held =
                all.into_iter().filter(|one| self.snapshot.units.present(*one, self.today).unit() == unit);
            held.map(|one| one.to_string()).collect()
        };
        let entry = |unit: &UnitId| {
            let version = self.snapshot.units.nearest(*unit, self.period.to())?;
            Some(UnitEntry {
                id: unit.to_string(),
                code: version.code.clone(),
                name: version.name.clone(),
                level: version.level.key().to_owned(),
                valid_from: version.valid_from,
                valid_to: version.valid_to,
                holds: holds(*unit),
            })
        };
        self.units.iter().filter_map(entry).collect()
    }

    /// Counters.
    pub fn counters(&self) -> Vec<CounterEntry> {
        let entry = |id: &CounterId| {
            let counter = self.snapshot.counters.get(id)?;
            Some(CounterEntry {
                id: id.to_string(),
                unit: self.snapshot.units.present(counter.unit, self.today).unit().to_string(),
                name: counter.name.clone(),
            })
        };
        self.counters.iter().filter_map(entry).collect()
    }

    /// Fields.
    pub fn fields(&self) -> Vec<FieldEntry> {
        let fields = self.snapshot.fields.iter();
        fields
            .map(|field| FieldEntry {
                key: field.key.clone(),
                name: field.name.clone(),
                name_en: field.name_en.clone(),
            })
            .collect()
    }

    /// Procedures.
    pub fn procedures(&self) -> Vec<ProcedureEntry> {
        let entry = |id: &ProcedureId| {
            let version = self.snapshot.procedure(*id, self.period.to())?;
            Some(ProcedureEntry {
                id: id.to_string(),
                code: version.code.clone(),
                name: version.name.clone(),
                field: self.field_key(version.field),
            })
        };
        self.procedures.iter().filter_map(entry).collect()
    }

    /// Targets in force on any day of the period.
    pub fn targets(&self) -> Vec<TargetEntry> {
        let in_period = self.snapshot.targets.iter().filter(|target| {
            target.valid_from <= self.period.to()
                && target.valid_to.is_none_or(|end| end > self.period.from())
        });
        in_period.map(|target| self.target(target)).collect()
    }

    fn target(&self, target: &Target) -> TargetEntry {
        let (kind, fields) = match &target.scope {
            Scope::Imported => (None, None),
            Scope::Measured { kind, fields } => (Some(*kind), fields.as_deref()),
        };
        TargetEntry {
            key: target.key.clone(),
            name: target.name.clone(),
            name_en: target.name_en.clone(),
            kind,
            fields: fields.map(|fields| fields.iter().map(|field| self.field_key(*field)).collect()),
            threshold: target.threshold.hundredths(),
            legal_basis: target.legal_basis.clone(),
            valid_from: target.valid_from,
            valid_to: target.valid_to,
        }
    }

    /// Questionnaire versions that were published before the end of the period and not retired before it began.
    /// The first of a kind came with the program, and asked since before that was written down.
    pub fn questionnaires(&self) -> Vec<QuestionnaireEntry> {
        let all = self.snapshot.questionnaires.iter();
        all.filter(|one| self.was_in_use(one)).map(entry_of).collect()
    }

    fn was_in_use(&self, questionnaire: &Questionnaire) -> bool {
        let day = |at: chrono::NaiveDateTime| Local::at(at.and_utc()).day;
        let begun = questionnaire.version == 1
            || questionnaire.steps.published.as_ref().is_none_or(|stamp| day(stamp.at) <= self.period.to());
        let retired = questionnaire.steps.retired.as_ref();
        let lasted = retired.is_none_or(|stamp| day(stamp.at) >= self.period.from());
        questionnaire.status != Status::Draft && begun && lasted
    }

    fn field_key(&self, field: FieldId) -> String {
        self.snapshot.field(field).map_or_else(String::new, |field| field.key.clone())
    }
}

fn entry_of(questionnaire: &Questionnaire) -> QuestionnaireEntry {
    let vietnamese = Lang::Vi.key();
    let levels = questionnaire.text(Lang::Vi).map(|texts| texts.words(vietnamese)).unwrap_or_default();
    let questions = questionnaire.asked().map(|question| {
        let of = |lang| question.text(lang).cloned().unwrap_or_default();
        let (vi, en) = (of(Lang::Vi), of(Lang::En));
        QuestionEntry {
            key: question.key.clone(),
            headline: question.role == Role::Headline,
            ask: vi.ask,
            label: vi.label,
            label_en: en.label,
        }
    });
    QuestionnaireEntry {
        kind: questionnaire.kind,
        version: questionnaire.version,
        levels,
        questions: questions.collect(),
    }
}
