use super::*;
use crate::domain::closure::Closure;
use crate::domain::code::Code;
use crate::domain::link::{Counter, Stage};
use crate::domain::procedure::Field;
use crate::domain::questionnaire::{Kind, Question, Role, Status, Steps};
use crate::locale::Lang;

fn question(key: &str, required: bool, result_only: bool, allows_na: bool) -> Question {
    let role = if required { Role::Headline } else { Role::Element };
    Question { id: 1.into(), key: key.into(), role, required, result_only, allows_na, texts: BTreeMap::new() }
}

fn questionnaire() -> Questionnaire {
    let questions = vec![
        question("overall", true, false, false),
        question("procedure", false, false, false),
        question("result", false, true, false),
        question("feedback", false, false, true),
    ];
    Questionnaire {
        id: 3.into(),
        kind: Kind::Tthc,
        version: 1,
        status: Status::Published,
        steps: Steps::default(),
        texts: BTreeMap::new(),
        questions,
    }
}

fn snapshot() -> Snapshot {
    let field = |id: i64, key: &str| Field {
        id: id.into(),
        key: key.into(),
        name: key.into(),
        name_en: key.into(),
        closure: Closure::default(),
    };
    let procedure = |id: i64, code: &str, field: i64, to: Option<&str>| ProcedureVersion {
        procedure: id.into(),
        code: code.into(),
        name: code.into(),
        field: field.into(),
        confirmed: true,
        valid_from: "2025-01-01".parse().unwrap(),
        valid_to: to.map(|day| day.parse().unwrap()),
    };
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let counter = Counter {
        id: 7.into(),
        unit: 70.into(),
        name: "Quầy 3".into(),
        opens: time(7),
        closes: time(17),
        closure: Closure::default(),
    };
    Snapshot {
        counters: BTreeMap::from([(7.into(), counter)]),
        fields: vec![field(1, "land"), field(2, "tax")],
        procedures: vec![
            procedure(11, "1.001", 1, None),
            procedure(12, "1.002", 1, Some("2026-01-01")),
            procedure(21, "2.001", 2, None),
        ],
        ..Snapshot::default()
    }
}

fn link(field: Option<i64>, stage: Stage) -> Link {
    Link {
        id: 9.into(),
        code: Code::numbered(5),
        counter: 7.into(),
        kind: Kind::Tthc,
        field: field.map(FieldId::from),
        procedure: None,
        deciding: None,
        stage: Some(stage),
        valid_from: "2025-01-01".parse().unwrap(),
        valid_to: None,
        revoked: false,
        replaces: None,
    }
}

fn read_pairs(link: &Link, channel: Channel, pairs: &[(&str, &str)]) -> Result<Response, Vec<String>> {
    let now = Local::at("2026-09-30T03:00:00Z".parse().unwrap());
    let form: Form = pairs.iter().copied().collect();
    read(&snapshot(), link, &questionnaire(), &form, Lang::Vi, channel, now)
        .map_err(|faults| faults.into_iter().map(|fault| fault.field).collect())
}

const ID: (&str, &str) = ("id", "5f0c6c1e-8f3b-4a3e-9d55-1f2e3d4c5b6a");

#[test]
fn a_whole_form_becomes_a_response() {
    let link = link(None, Stage::Result);
    let pairs = [
        ID,
        ("field", "land"),
        ("procedure", "1.001"),
        ("procedure", "3"),
        ("overall", "5"),
        ("result", "2"),
        ("feedback", "na"),
        ("comment", "  Rất tốt\r\nCảm ơn\0 "),
        ("respondent", "organization"),
        ("stranger", "x"),
    ];
    let response = read_pairs(&link, Channel::Qr, &pairs).unwrap();
    assert_eq!((response.served.raw(), response.deciding.raw()), (70, 70));
    assert_eq!((response.field, response.procedure), (Some(1.into()), Some(11.into())));
    assert_eq!(response.scores.len(), 4);
    assert_eq!(response.comment.unwrap().body, "Rất tốt\nCảm ơn");
    assert_eq!(response.respondent, Some(Respondent::Organization));
    assert!(response.flags.is_empty());
}

#[test]
fn only_the_overall_question_must_be_answered() {
    let link = link(Some(1), Stage::Intake);
    let response = read_pairs(&link, Channel::Kiosk, &[ID, ("overall", "3"), ("result", "5")]).unwrap();
    assert_eq!(response.scores.keys().collect::<Vec<_>>(), ["overall"]);
    assert!(response.flags.has(Flag::Assisted));
    assert_eq!(read_pairs(&link, Channel::Qr, &[ID]).unwrap_err(), ["overall"]);
}

#[test]
fn each_fault_is_named_in_the_order_of_the_page() {
    let long = "ă".repeat(1201);
    let pairs = [
        ("id", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("field", "nothing"),
        ("overall", "na"),
        ("result", "6"),
        ("comment", &*long),
        ("respondent", "ghost"),
    ];
    let faults = read_pairs(&link(None, Stage::Result), Channel::Qr, &pairs).unwrap_err();
    assert_eq!(faults, ["id", "field", "overall", "result", "comment", "respondent"]);
}

#[test]
fn a_procedure_belongs_to_the_field_and_is_in_force() {
    let link = link(Some(1), Stage::Result);
    for code in ["1.002", "2.001", "9.999"] {
        let pairs = [ID, ("overall", "4"), ("procedure", code)];
        assert_eq!(read_pairs(&link, Channel::Qr, &pairs).unwrap_err(), ["procedure-code"], "{code}");
    }
    assert_eq!(
        read_pairs(&link, Channel::Qr, &[ID, ("overall", "4"), ("procedure", "")]).unwrap().procedure,
        None
    );
}
