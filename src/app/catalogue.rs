//! The catalogue in memory: citizens' pages are served from it without a database read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chrono::NaiveDate;

use crate::db;
use crate::db::conn::{Conn, Database};
use crate::domain::code::Code;
use crate::domain::day::Local;
use crate::domain::ids::{CounterId, FieldId, LinkId, ProcedureId, QuestionId, UnitId};
use crate::domain::link::{Counter, Link};
use crate::domain::period::Period;
use crate::domain::procedure::{Field, ProcedureVersion};
use crate::domain::questionnaire::change;
use crate::domain::questionnaire::{Kind, Question, Questionnaire, Role, Status};
use crate::domain::target::Target;
use crate::domain::unit::Units;
use crate::error::Result;

/// How often each instance asks whether the catalogue changed.
const INTERVAL: Duration = Duration::from_millis(400);

/// Everything that changes rarely, as it was at one revision; never changed in place.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Grows with each change.
    pub revision: i64,
    /// Whether the data are simulated; every page then says so.
    pub simulated: bool,
    /// Units of all times.
    pub units: Units,
    /// Counters.
    pub counters: BTreeMap<CounterId, Counter>,
    /// Fields in their official order.
    pub fields: Vec<Field>,
    /// Bodies that handle a field.
    pub bodies_by_field: BTreeMap<FieldId, Vec<UnitId>>,
    /// Versions of procedures, by name.
    pub procedures: Vec<ProcedureVersion>,
    /// Published and retired questionnaires.
    pub questionnaires: Vec<Questionnaire>,
    /// Links by code, revoked ones too.
    pub links: HashMap<Code, Link>,
    /// Targets of all times in their official order.
    pub targets: Vec<Target>,
}

/// The days that lie in a period.
fn within(period: Period, mut days: Vec<NaiveDate>) -> Vec<NaiveDate> {
    days.retain(|day| (period.from()..=period.to()).contains(day));
    days
}

impl Snapshot {
    /// The field of an id.
    pub fn field(&self, id: FieldId) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The field of a key.
    pub fn field_by_key(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The fields to which something new may belong on a day, in their official order.
    pub fn fields_on(&self, day: NaiveDate) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| !field.is_closed_on(day))
    }

    /// The field of a key, if something new may belong to it on a day.
    pub fn open_field(&self, key: &str, day: NaiveDate) -> Option<&Field> {
        self.field_by_key(key).filter(|field| !field.is_closed_on(day))
    }

    /// The procedure as it was on a day, or else as it was last.
    pub fn procedure(&self, id: ProcedureId, day: NaiveDate) -> Option<&ProcedureVersion> {
        let versions = || self.procedures.iter().filter(|version| version.procedure == id);
        versions()
            .find(|version| version.is_valid_on(day))
            .or_else(|| versions().max_by_key(|version| version.valid_from))
    }

    /// The procedures of a field on a day, by name.
    pub fn procedures_of(&self, field: FieldId, day: NaiveDate) -> impl Iterator<Item = &ProcedureVersion> {
        self.procedures.iter().filter(move |version| version.field == field && version.is_valid_on(day))
    }

    /// The questionnaire version that new answers are asked with.
    pub fn published(&self, kind: Kind) -> Option<&Questionnaire> {
        let of_kind =
            self.questionnaires.iter().filter(|one| one.kind == kind && one.status == Status::Published);
        of_kind.max_by_key(|one| one.version)
    }

    /// The questionnaire version that was asked on a day in Vietnam, of a day before the first one that one.
    pub fn asked_on(&self, kind: Kind, day: NaiveDate) -> Option<&Questionnaire> {
        let published = |one: &&Questionnaire| {
            let at = one.steps.published.as_ref().map(|stamp| Local::at(stamp.at.and_utc()).day);
            at.is_none_or(|at| at <= day)
        };
        let of_kind = || self.questionnaires.iter().filter(|one| one.kind == kind);
        let in_force = of_kind().filter(published).max_by_key(|one| one.version);
        in_force.or_else(|| of_kind().min_by_key(|one| one.version))
    }

    /// A version that is or was published.
    pub fn version(&self, kind: Kind, number: i32) -> Option<&Questionnaire> {
        self.questionnaires.iter().find(|one| one.kind == kind && one.version == number)
    }

    /// The days of a period on which the questionnaire of a kind changed so that figures from before and
    /// after cannot be compared.
    pub fn breaks(&self, kind: Kind, period: Period) -> Vec<NaiveDate> {
        within(period, change::breaks(&self.questionnaires, kind, None))
    }

    /// The days of a period on which the words of a question changed so that its answers from before and after
    /// cannot be compared; `question` is that of any version.
    pub fn breaks_of(&self, question: QuestionId, period: Period) -> Vec<NaiveDate> {
        let asked_in = |one: &&Questionnaire| one.questions.iter().any(|own| own.id == question);
        let Some(version) = self.questionnaires.iter().find(asked_in) else {
            return Vec::new();
        };
        let key = version.questions.iter().find(|own| own.id == question).map(|own| own.key.as_str());
        within(period, change::breaks(&self.questionnaires, version.kind, key))
    }

    /// Questions of all versions of a kind.
    pub fn questions(&self, kind: Kind) -> impl Iterator<Item = &Question> {
        self.questionnaires.iter().filter(move |one| one.kind == kind).flat_map(|one| &one.questions)
    }

    /// Ids of the questions of a role in all versions of a kind.
    pub fn question_ids(&self, kind: Kind, role: Role) -> Vec<QuestionId> {
        self.questions(kind).filter(|question| question.role == role).map(|question| question.id).collect()
    }

    /// The link of an id.
    pub fn link(&self, id: LinkId) -> Option<&Link> {
        self.links.values().find(|link| link.id == id)
    }

    /// The unit that runs the counter of a link on a day: after a merger, the one that took it over.
    pub fn served(&self, link: &Link, day: NaiveDate) -> Option<UnitId> {
        let counter = self.counters.get(&link.counter)?;
        Some(self.units.present(counter.unit, day).unit())
    }

    /// The unit that decides the dossiers of a link on a day: as it says, or the unit served.
    pub fn deciding(&self, link: &Link, day: NaiveDate) -> Option<UnitId> {
        let named = link.deciding.map(|unit| self.units.present(unit, day).unit());
        named.or_else(|| self.served(link, day))
    }
}

/// The snapshot in force, swapped whole.
#[derive(Debug, Default)]
pub struct Catalogue {
    current: ArcSwap<Snapshot>,
}

impl Catalogue {
    /// Loads the catalogue.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(database: &Database) -> Result<Arc<Self>> {
        let catalogue = Arc::new(Self::default());
        catalogue.refresh(database)?;
        Ok(catalogue)
    }

    /// The snapshot in force.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Loads again if the stored revision differs.
    ///
    /// # Errors
    /// Those of the database; the old snapshot then stays in force.
    pub fn refresh(&self, database: &Database) -> Result<()> {
        database.read(|conn| {
            let (revision, _) = db::revision::current(conn)?;
            if revision != self.current.load().revision {
                self.current.store(Arc::new(read(conn)?));
            }
            Ok(())
        })
    }

    /// Follows changes made by any instance for as long as the process lives.
    ///
    /// # Errors
    /// Internal, when the machine gives no thread.
    pub fn follow(self: &Arc<Self>, database: Database) -> Result<()> {
        let catalogue = Arc::downgrade(self);
        let watch = move || {
            while let Some(catalogue) = catalogue.upgrade() {
                if let Err(error) = catalogue.refresh(&database) {
                    tracing::warn!(%error, "the catalogue could not be refreshed");
                }
                drop(catalogue);
                std::thread::sleep(INTERVAL);
            }
        };
        std::thread::Builder::new()
            .name("catalogue".into())
            .spawn(watch)
            .map(drop)
            .map_err(crate::error::Error::internal)
    }
}

fn read(conn: &mut Conn) -> Result<Snapshot> {
    let (revision, simulated) = db::revision::current(conn)?;
    let fields = db::procedures::fields(conn)?;
    Ok(Snapshot {
        revision,
        simulated,
        units: db::units::load(conn)?,
        counters: db::links::counters(conn)?.into_iter().map(|counter| (counter.id, counter)).collect(),
        bodies_by_field: db::units::bodies_by_field(conn)?,
        procedures: db::procedures::versions(conn)?,
        questionnaires: db::questionnaires::load(conn)?,
        links: db::links::list(conn)?.into_iter().map(|link| (link.code.clone(), link)).collect(),
        targets: db::targets::load(conn, &fields)?,
        fields,
    })
}
