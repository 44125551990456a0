use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::test::TestRequest;
use chrono::{NaiveDate, NaiveTime};

use super::cache::Cache;
use super::submit::{Sent, with_form};
use super::visit::Query;
use crate::app::answers::Form;
use crate::app::catalogue::Snapshot;
use crate::domain::closure::Closure;
use crate::domain::code::Code;
use crate::domain::day::Local;
use crate::domain::link::{Counter, Link, Stage};
use crate::domain::procedure::{Field, ProcedureVersion};
use crate::domain::questionnaire::{Kind, Question, QuestionText, Questionnaire, Role, Status, Steps, Texts};
use crate::domain::unit::{UnitLevel, UnitVersion, Units};
use crate::locale::Lang;

const ASKS: [(&str, &str); 6] = [
    ("overall", "Nhìn chung, Ông/Bà có hài lòng với việc giải quyết thủ tục hành chính lần này không?"),
    ("access", "Nơi tiếp đón, bảng chỉ dẫn, chỗ ngồi và trang thiết bị phục vụ"),
    ("procedure", "Quy định về hồ sơ, thời hạn, phí, lệ phí được công khai và thực hiện đúng"),
    ("staff", "Thái độ và cách hướng dẫn của công chức, viên chức"),
    ("result", "Kết quả nhận được (đúng hẹn, đúng nội dung)"),
    ("feedback", "Việc tiếp nhận, giải quyết góp ý, phản ánh, kiến nghị"),
];
const OPENING: &str = "Kính mời Ông/Bà đánh giá việc giải quyết thủ tục hành chính. Phiếu không hỏi họ tên, số điện \
                       thoại, mã hồ sơ; câu trả lời không ảnh hưởng đến hồ sơ.";

fn day() -> NaiveDate {
    "2026-09-30".parse().unwrap()
}

fn questionnaire() -> Questionnaire {
    let question = |(key, ask): (&str, &str)| Question {
        id: 1.into(),
        key: key.into(),
        role: if key == "overall" { Role::Headline } else { Role::Element },
        required: key == "overall",
        result_only: key == "result",
        allows_na: key == "feedback",
        texts: BTreeMap::from([(Lang::Vi.into(), QuestionText { ask: ask.into(), label: key.into() })]),
    };
    let text = Texts {
        title: "Đánh giá việc giải quyết thủ tục hành chính".into(),
        opening: OPENING.into(),
        ..Texts::default()
    };
    Questionnaire {
        id: 1.into(),
        kind: Kind::Tthc,
        version: 1,
        status: Status::Published,
        steps: Steps::default(),
        texts: BTreeMap::from([(Lang::Vi.into(), text)]),
        questions: ASKS.into_iter().map(question).collect(),
    }
}

fn link(number: u32, field: Option<i64>) -> Link {
    Link {
        id: i64::from(number).into(),
        code: Code::numbered(number),
        counter: 7.into(),
        kind: Kind::Tthc,
        field: field.map(Into::into),
        procedure: None,
        deciding: None,
        stage: Some(Stage::Result),
        valid_from: "2026-01-01".parse().unwrap(),
        valid_to: None,
        revoked: number == 3,
        replaces: None,
    }
}

/// Link 1 knows its field, which has no procedures; link 2 leaves all open; link 3 is revoked and
/// link 4 hangs in its place.
fn snapshot() -> Arc<Snapshot> {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let counter = Counter {
        id: 7.into(),
        unit: 70.into(),
        name: "Quầy 3".into(),
        opens: time(7),
        closes: time(17),
        closure: Closure::default(),
    };
    let unit = UnitVersion {
        unit: 70.into(),
        code: "24781".into(),
        name: "Phường Xuân Hương - Đà Lạt".into(),
        level: UnitLevel::Commune,
        parent: None,
        valid_from: "2025-07-01".parse().unwrap(),
        valid_to: None,
    };
    let field = |id: i64, key: &str, name: &str| Field {
        id: id.into(),
        key: key.into(),
        name: name.into(),
        name_en: format!("{key} (en)"),
        closure: Closure::default(),
    };
    let procedure = |id: i64, name: &str| ProcedureVersion {
        procedure: id.into(),
        code: format!("1.00{id}"),
        name: name.into(),
        field: 2.into(),
        confirmed: true,
        valid_from: "2025-07-01".parse().unwrap(),
        valid_to: None,
    };
    let links = [
        link(1, Some(1)),
        link(2, None),
        link(3, None),
        Link { replaces: Some(3.into()), ..link(4, Some(1)) },
    ];
    Arc::new(Snapshot {
        revision: 1,
        simulated: true,
        units: Units::new(vec![unit], Vec::new()),
        counters: BTreeMap::from([(7.into(), counter)]),
        fields: vec![
            field(1, "land", "Đất đai"),
            field(2, "residence", "Công an, cư trú"),
            field(3, "tax", "Thuế"),
        ],
        procedures: vec![
            procedure(1, "Đăng ký thường trú"),
            procedure(2, "Xác nhận thông tin về cư trú <mới>"),
        ],
        questionnaires: vec![questionnaire()],
        links: links.into_iter().map(|link| (link.code.clone(), link)).collect(),
        ..Snapshot::default()
    })
}

fn code(number: u32) -> String {
    Code::numbered(number).to_string()
}

fn query(text: &str) -> Query {
    actix_web::web::Query::<Query>::from_query(text).unwrap().into_inner()
}

async fn get(code: &str, text: &str) -> (u16, String) {
    let request = TestRequest::default().to_http_request();
    let reply =
        super::show::respond((&snapshot(), &Cache::default()), &request, code, &query(text), day()).unwrap();
    read(reply).await
}

async fn read(reply: actix_web::HttpResponse) -> (u16, String) {
    let status = reply.status().as_u16();
    let body = to_bytes(reply.into_body()).await.ok().unwrap();
    let html = String::from_utf8(body.to_vec()).unwrap();
    // A folder named by the tester receives what was rendered, to be looked at.
    if let Ok(folder) = std::env::var("HAILONG_TEST_PAGES") {
        let name = std::thread::current().name().unwrap().replace("::", "-");
        std::fs::write(format!("{folder}/{name}-{status}-{}.html", html.len()), &html).unwrap();
    }
    (status, html)
}

fn sent(pairs: &[(&str, &str)], check: impl FnOnce(&Sent<'_>)) {
    let (snapshot, form) = (snapshot(), pairs.iter().copied().collect::<Form>());
    let (query, link, questionnaire) = (with_form(Query::default(), &form), link(2, None), questionnaire());
    let now = Local { day: day(), time: NaiveTime::MIN };
    check(&Sent {
        snapshot: &snapshot,
        link: &link,
        questionnaire: &questionnaire,
        query: &query,
        form: &form,
        now,
    });
}

#[actix_web::test]
async fn the_form_asks_with_nothing_chosen_and_carries_an_id() {
    let (status, html) = get(&code(1).to_lowercase(), "").await;
    let page = scraper::Html::parse_document(&html);
    let count = |selector: &str| page.select(&scraper::Selector::parse(selector).unwrap()).count();
    assert_eq!(status, 200);
    assert_eq!(count("input[type=radio]"), 6 * 5 + 1 + 2);
    assert_eq!(count("[checked]"), 0);
    assert_eq!(count("input[name=id]"), 1);
    assert_eq!(count("script, [style], [onclick]"), 0);
    assert_eq!(count(".simulated"), 1);
    assert!(html.contains("Phường Xuân Hương - Đà Lạt · Quầy 3") && html.contains("Dữ liệu mô phỏng"));
}

#[actix_web::test]
async fn the_gzip_form_is_the_plain_one_and_small() {
    for text in ["", "lang=en&kiosk=1"] {
        let request =
            TestRequest::default().insert_header(("accept-encoding", "br, gzip;q=0.8")).to_http_request();
        let reply =
            super::show::respond((&snapshot(), &Cache::default()), &request, &code(1), &query(text), day())
                .unwrap();
        assert_eq!(reply.headers().get("content-encoding").unwrap(), "gzip");
        let packed = to_bytes(reply.into_body()).await.ok().unwrap();
        let mut html = String::new();
        flate2::read::GzDecoder::new(&*packed).read_to_string(&mut html).unwrap();
        assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"));
        assert!(packed.len() <= 14 * 1024, "{} bytes", packed.len());
    }
}

#[actix_web::test]
async fn an_open_link_asks_for_field_then_procedure_then_shows_the_form() {
    let (_, fields) = get(&code(2), "").await;
    assert!(fields.contains(&format!("/s/{}?field=residence", code(2))));
    let (_, procedures) = get(&code(2), "field=residence").await;
    assert!(procedures.contains("procedure=1.001") && procedures.contains("Không rõ / bỏ qua"));
    assert!(procedures.contains("&#60;mới&#62;"));
    let (_, found) = get(&code(2), "field=residence&q=thuong+TRU").await;
    assert!(found.contains("procedure=1.001") && !found.contains("procedure=1.002"));
    let (_, form) = get(&code(2), "field=residence&procedure=1.002").await;
    assert!(
        form.contains(r#"name="procedure" value="1.002""#)
            && form.contains(r#"name="field" value="residence""#)
    );
    let (_, skipped) = get(&code(2), "field=residence&procedure=").await;
    assert!(skipped.contains(r#"name="id""#) && !skipped.contains(r#"name="procedure" value="1."#));
    let (_, none) = get(&code(2), "field=tax").await;
    assert!(none.contains(r#"name="id""#));
}

#[actix_web::test]
async fn a_dead_code_says_why_and_what_to_do() {
    let (status, html) = get("ABC<DE", "").await;
    assert_eq!(status, 404);
    assert!(html.contains("bị gõ sai") && html.contains("ABC&#60;DE"));
    let (status, html) = get(&code(99), "lang=en").await;
    assert_eq!(status, 404);
    assert!(html.contains("There is no survey"));
    let (status, html) = get(&code(3), "").await;
    assert_eq!(status, 410);
    assert!(html.contains(&format!("/s/{}", code(4))));
}

#[actix_web::test]
async fn a_form_with_faults_comes_back_with_all_that_was_given() {
    let id = "5f0c6c1e-8f3b-4a3e-9d55-1f2e3d4c5b6a";
    let pairs = [
        ("id", id),
        ("field", "residence"),
        ("procedure", "1.001"),
        ("procedure", "4"),
        ("staff", "2"),
        ("comment", "Chờ <lâu>"),
        ("respondent", "citizen"),
    ];
    let mut reply = None;
    sent(&pairs, |sent| reply = Some(sent.invalid(&sent.read().unwrap_err()).unwrap()));
    let (status, html) = read(reply.unwrap()).await;
    assert_eq!(status, 422);
    assert!(html.contains("<title>Lỗi: "));
    assert!(html.contains(r##"href="#q-overall""##) && html.contains(r#"id="q-overall""#));
    assert_eq!(html.matches("Xin chọn một mức hài lòng chung.").count(), 2);
    for kept in [id, "Chờ &#60;lâu&#62;", r#"value="1.001""#, r#"value="residence""#] {
        assert!(html.contains(kept), "{kept}");
    }
    assert_eq!(html.matches(" checked>").count(), 3);
}

#[actix_web::test]
async fn a_busy_service_gives_the_form_back_and_says_when_to_come_again() {
    let pairs = [("id", "5f0c6c1e-8f3b-4a3e-9d55-1f2e3d4c5b6a"), ("field", "land"), ("overall", "5")];
    let mut reply = None;
    sent(&pairs, |sent| reply = Some(sent.busy(5).unwrap()));
    let reply = reply.unwrap();
    assert_eq!(reply.headers().get("retry-after").unwrap(), "5");
    let (status, html) = read(reply).await;
    assert_eq!(status, 503);
    assert!(html.contains("Chưa gửi được") && html.matches(" checked>").count() == 1);
}

#[actix_web::test]
async fn a_fault_in_the_field_asks_for_it_in_the_form() {
    let mut reply = None;
    sent(&[("field", "moon"), ("overall", "5")], |sent| {
        reply = Some(sent.invalid(&sent.read().unwrap_err()).unwrap())
    });
    let (_, html) = read(reply.unwrap()).await;
    assert!(html.contains(r#"<select id="q-field" name="field">"#));
}

#[test]
fn the_policy_lets_in_the_style_by_its_hash() {
    assert!(super::style::POLICY.contains("style-src 'sha256-"));
}
