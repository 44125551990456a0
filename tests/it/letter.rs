//! The official report: written, converted by LibreOffice, and read page by page.

use std::path::Path;
use std::process::Command;

use hailong::app::publications;
use hailong::app::publications::letter;
use hailong::domain::dataset::{Cut, Dataset, Issue, Mark};
use hailong::domain::period::Period;
use hailong::domain::questionnaire::Kind;

use crate::support::answers::{Answers, LAND, QUARTER, store};
use crate::support::{App, Backend};

/// A report as somebody reads it.
struct Paper {
    pages: Vec<String>,
    /// All its letters without spaces, which the extraction puts where a font stands in for another one.
    text: String,
    fonts: String,
    size: String,
}

impl Paper {
    /// Converts a DOCX file in its folder.
    fn of(file: &Path) -> Self {
        let folder = file.parent().unwrap();
        let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
        let output = folder.to_str().unwrap();
        run(
            "soffice",
            &["--headless", &profile, "--convert-to", "pdf", "--outdir", output, file.to_str().unwrap()],
        );
        let pdf = file.with_extension("pdf");
        let pdf = pdf.to_str().unwrap();
        let layout = run("pdftotext", &["-layout", pdf, "-"]);
        let flow = run("pdftotext", &[pdf, "-"]);
        Self {
            pages: layout.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect(),
            text: squeezed(&flow),
            fonts: run("pdffonts", &[pdf]),
            size: run("pdfinfo", &[pdf]),
        }
    }

    fn written(dataset: &Dataset, sha256: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.docx");
        std::fs::write(&file, letter(dataset, sha256).unwrap()).unwrap();
        Self::of(&file)
    }

    /// The first line of a page that is not empty.
    fn first_line(&self, page: usize) -> &str {
        self.pages[page - 1].lines().map(str::trim).find(|line| !line.is_empty()).unwrap()
    }

    fn says(&self, sentence: &str) {
        assert!(self.text.contains(&squeezed(sentence)), "{sentence} is not in: {}", self.text);
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect(program);
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn dataset(app: &App) -> Dataset {
    publications::live(&app.database(), &app.snapshot(), Period::parse(QUARTER).unwrap(), 1).unwrap()
}

fn hide_all(dataset: &mut Dataset) {
    let tables = dataset.surveys.iter_mut().flat_map(|survey| &mut survey.tables);
    tables.flat_map(|table| &mut table.rows).for_each(hailong::domain::dataset::Row::hide);
    dataset.floor = 10;
}

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const EARLIER: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

#[test]
fn a_draft_is_laid_out_by_the_decree_and_states_its_figures() {
    let app = App::start(Backend::Sqlite);
    store(
        &app,
        &[
            Answers { levels: [400, 500, 70, 20, 10], ..LAND },
            Answers { field: "xay-dung", levels: [45, 45, 5, 3, 2], ..LAND },
            Answers { unit: "22972", field: "ho-tich", levels: [6, 6, 1, 0, 0], ..LAND },
            Answers { day: "2026-05-04", levels: [60, 30, 5, 3, 2], ..LAND },
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.docx");
    let output = Command::new(env!("CARGO_BIN_EXE_hailong"))
        .args(["report", "--database-url", &app.store.url, "--period", QUARTER, "-o"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let paper = Paper::of(&file);

    assert!((7..=20).contains(&paper.pages.len()), "{} pages", paper.pages.len());
    assert!(paper.size.contains("(A4)"), "{}", paper.size);
    let times = ["LiberationSerif", "Tinos", "TimesNewRoman"];
    assert!(times.iter().any(|font| paper.fonts.contains(font)), "{}", paper.fonts);
    for part in [
        "UBND TỈNH LÂM ĐỒNG",
        "SỞ NỘI VỤ",
        "Số: …/BC-SNV",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Lâm Đồng, ngày … tháng … năm …",
        "BÁO CÁO",
        "DỰ THẢO",
    ] {
        assert!(paper.pages[0].contains(part), "{part}: {}", paper.pages[0]);
    }
    assert!(paper.first_line(1).contains("CỘNG HÒA"), "no number on the first page");
    assert_eq!((paper.first_line(2), paper.first_line(3)), ("2", "3"));
    assert!(!paper.text.contains(&squeezed("SỐ LIỆU MÔ PHỎNG")));
    paper.says("Nơi nhận:");
    paper.says("GIÁM ĐỐC");
    paper.says("quý III/2026./.");
    paper.says("Sự phục vụ của cơ quan hành chính: không có phiếu đánh giá trong kỳ.");
    paper.says("chưa có số liệu của ngành cho kỳ này");
    paper.says("Chưa có số liệu hồ sơ đã giải quyết trong kỳ");
}

#[test]
fn every_figure_of_the_targets_is_in_the_report_and_the_same_dataset_gives_the_same_bytes() {
    let app = App::start(Backend::Sqlite);
    store(
        &app,
        &[
            Answers { levels: [400, 500, 70, 20, 10], ..LAND },
            Answers { day: "2026-05-04", levels: [60, 10, 25, 3, 2], ..LAND },
        ],
    );
    let mut dataset = dataset(&app);
    let hostile = "=1+1 \"Xã\" <b> & 'Y'\n\u{1}rất dài";
    dataset.units.iter_mut().for_each(|unit| unit.name = format!("{hostile} {}", "tên dài ".repeat(12)));
    dataset.surveys[0].tables[0].rows[0].marks = vec![Mark::Retargeted];
    let paper = Paper::written(&dataset, None);
    for row in dataset.rows(Kind::Tthc, Cut::Target).iter().filter(|row| row.n() != Some(0)) {
        let (figures, levels) = (row.figures.unwrap(), row.levels.unwrap());
        let written = |value: i64| format!("{},{:02}", value / 100, value % 100);
        for value in [figures.index, figures.low, figures.high] {
            paper.says(&written(value.unwrap()));
        }
        for count in levels.descending() {
            paper.says(&count.to_string());
        }
    }
    paper.says(
        "Mức độ hài lòng về giải quyết thủ tục hành chính lĩnh vực đất đai đạt 90,00% \
         (khoảng tin cậy 95%: 87,98–91,71; n = 1.000), đạt chỉ tiêu 85%, chắc chắn.",
    );
    paper.says(
        "Đất đai: so với quý II/2026 (70,00%), chỉ số tăng 20,00 điểm phần trăm; mức tăng này là chắc chắn",
    );
    paper.says("=1+1 \"Xã\" <b> & 'Y'");
    assert_eq!(letter(&dataset, None).unwrap(), letter(&dataset, None).unwrap());
}

#[test]
fn a_correction_with_everything_hidden_says_what_it_corrects_and_shows_no_figure() {
    let app = App::start(Backend::Sqlite);
    store(&app, &[Answers { levels: [3, 1, 0, 0, 0], ..LAND }]);
    let mut dataset = dataset(&app);
    hide_all(&mut dataset);
    dataset.simulated = true;
    dataset.version = 2;
    dataset.issue = Some(Issue {
        number: 3,
        at: dataset.frozen_at,
        previous: Some(EARLIER.to_owned()),
        corrects: Some(EARLIER.to_owned()),
        complete: HASH.to_owned(),
        late: Some(1_234),
    });
    let paper = Paper::written(&dataset, Some(HASH));
    paper.says("SỐ LIỆU MÔ PHỎNG");
    paper.says("bản đính chính (phiên bản 2), thay thế phiên bản 1. So với phiên bản trước, có 1.234 phiếu");
    paper.says(HASH);
    paper.says(EARLIER);
    paper.says("Giải quyết thủ tục hành chính: số phiếu không công bố");
    paper.says("không công bố vì nhóm có dưới 10 phiếu");
    assert!(!paper.text.contains(&squeezed("DỰ THẢO")) && !paper.text.contains("100,00%"), "{}", paper.text);
}
