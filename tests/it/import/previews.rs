//! What the console shows of a file before it is applied, and what it says when that no longer holds.

use hailong::app::import::{Kind, Read};
use hailong::app::progress::Progress;
use hailong::db::audit;
use hailong::domain::link::Stage;
use hailong::domain::person::{Actor, Role};
use scraper::{Html, Selector};

use crate::support::{App, on_both};

const PATH: &str = "/console/catalogue/import";
const UNITS: [(&str, &str); 1] = [("kind", "units")];

/// The cells of the rows of a preview.
fn rows(page: &str) -> Vec<Vec<String>> {
    let page = Html::parse_document(page);
    let (row, cell) = (Selector::parse("#preview tbody tr").unwrap(), Selector::parse("td, th").unwrap());
    let text = |cell: scraper::ElementRef<'_>| cell.text().collect::<String>().trim().to_owned();
    page.select(&row).map(|row| row.select(&cell).map(text).collect()).collect()
}

fn log(app: &App, subject: &str) -> Vec<audit::Entry> {
    app.database().read(|conn| audit::by_subject(conn, subject)).unwrap()
}

on_both! {
    fn a_preview_tells_each_column_and_what_hangs_on_an_end(app) {
        let link = app.link("dat-dai", Stage::Result);
        app.answer(&link, &crate::support::id(), "5");
        let unit = app.unit("24781");
        let mut browser = app.browser("nhap", Role::Method, None);
        let today = crate::support::today();
        let file = format!(
            "code,name,level,parent_code,valid_from,valid_to\n24781,Phường Mới,xa,68,2025-07-01,{today}\n\
            99001,Xã Thử,xa,68,2025-07-01,\n"
        );

        let preview = browser.preview(PATH, &UNITS, &file);

        let rows = rows(&preview);
        assert_eq!(rows.len(), 2, "{preview}");
        let [changed, added] = [&rows[0].join("|"), &rows[1].join("|")];
        assert!(changed.contains("Tên đơn vị: Phường Xuân Hương - Đà Lạt → Phường Mới"), "{changed}");
        assert!(changed.contains("Hết hiệu lực từ ngày: – → "), "{changed}");
        let ends = format!("Kết thúc từ {}", today.format("%d/%m/%Y"));
        for told in [&*ends, "Quầy đang mở: 2", "Mã QR đang dùng: 2", "Phiếu từ ngày đã chọn trở đi: 1"] {
            assert!(changed.contains(told), "{told}: {changed}");
        }
        assert!(added.contains("Mã đơn vị cấp trên: 68") && !added.contains("Kết thúc"), "{added}");
        let history = log(app, &format!("unit:{unit}")).len();

        assert!(browser.carry_out(&preview).contains("thêm 1, sửa 1"));

        let log = log(app, &format!("unit:{unit}"));
        assert_eq!(log.len(), history + 1);
        let change = log.iter().find(|entry| entry.record.details["line"] == 2).unwrap();
        assert_eq!((&*change.record.action, &*change.record.actor), ("unit.change", "nhap"));
        assert_eq!(change.record.details["before"]["name"], "Phường Xuân Hương - Đà Lạt");
        assert_eq!(change.record.details["after"]["name"], "Phường Mới");
        assert!(browser.preview(PATH, &UNITS, &file).contains("Tệp này không có gì mới"));
        let page = browser.get(&format!("/console/catalogue/units/{unit}")).body;
        assert!(page.contains("Phường Mới"), "{page}");
    }
}

on_both! {
    fn a_preview_that_no_longer_holds_is_refused_with_what_differs_and_offered_again(app) {
        let mut browser = app.browser("nhap", Role::Method, None);
        let mut other = app.browser("khac", Role::Method, None);
        let file = |name: &str| format!("code,name,level,parent_code,valid_from\n24781,{name},xa,68,2025-07-01\n");
        let preview = browser.preview(PATH, &UNITS, &file("Phường Một"));
        let quicker = other.preview(PATH, &UNITS, &file("Phường Hai"));
        assert!(other.carry_out(&quicker).contains("sửa 1"));

        let reply = browser.confirm(&preview);
        let page = browser.ended(&reply.location);

        assert!(page.contains("Dữ liệu đã thay đổi từ lúc xem trước"), "{page}");
        for told in ["dòng 2: đã xem", "name: Phường Xuân Hương - Đà Lạt → Phường Một", "name: Phường Hai → Phường Một"] {
            assert!(page.contains(told), "{told}: {page}");
        }
        let again = browser.send(&reply.location, &format!("{}/preview", reply.location), &[]);
        let preview = browser.ended(&again.location);
        assert!(rows(&preview)[0].join("|").contains("Phường Hai → Phường Một"), "{preview}");
        assert!(browser.carry_out(&preview).contains("sửa 1"));
    }
}

on_both! {
    fn each_kind_of_file_has_a_template_that_can_be_read(app) {
        let browser = app.browser("nhap", Role::Method, None);
        let snapshot = app.snapshot();
        for kind in Kind::CATALOGUE.into_iter().chain(Kind::ENTRY) {
            let (page, address) = if Kind::ENTRY.contains(&kind) {
                let path = format!("/console/entry/import/{}", kind.key());
                (path.clone(), format!("{path}/template"))
            } else {
                (PATH.to_owned(), format!("{PATH}/template/{}", kind.key()))
            };
            let body = browser.get(&page).body;
            for format in ["csv", "xlsx"] {
                let file = format!("{address}.{format}");
                assert!(body.contains(&file), "{file}: {body}");
                let (_, bytes) = browser.bytes(&file);
                let read = Read::of(&snapshot, &Actor::Operator, kind, &bytes, &Progress::default());
                assert!(read.is_ok(), "{file}: {read:?}");
            }
        }
        let (kind, csv) = browser.bytes(&format!("{PATH}/template/units.csv"));
        let text = String::from_utf8(csv).unwrap();
        assert!(kind.starts_with("text/csv") && text.contains("Mã đơn vị,Tên đơn vị,Cấp"), "{text}");
        assert_eq!(browser.get(&format!("{PATH}/template/units.doc")).status, 404);
        assert_eq!(browser.get(&format!("{PATH}/template/gardens.csv")).status, 404);
    }
}
