//! Printed codes are read back the way phones meet them: small, tilted, blurred, scratched.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{NaiveDate, NaiveTime};
use hailong::app::catalogue::Snapshot;
use hailong::app::progress::Progress;
use hailong::domain::closure::Closure;
use hailong::domain::code::Code;
use hailong::domain::link::{Counter, Link, Stage};
use hailong::domain::questionnaire::Kind;
use hailong::domain::unit::{UnitLevel, UnitVersion, Units};
use hailong::locale::Lang;
use hailong::web::qr;
use hailong::web::sheet::{self, Format, Setting};
use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

const PUBLIC_URL: &str = "https://hailong.lamdong.gov.vn";
const WHITE: Luma<u8> = Luma([255]);
const BLACK: Luma<u8> = Luma([0]);

fn address(number: u32) -> String {
    qr::address(PUBLIC_URL, &Code::numbered(number))
}

fn picture(text: &str, size: u32) -> GrayImage {
    image::load_from_memory(&qr::png(text, size).unwrap()).unwrap().to_luma8()
}

/// All texts read from a picture, sorted.
fn decoded(picture: &GrayImage) -> Vec<String> {
    let (width, height) = picture.dimensions();
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
        picture.get_pixel(x as u32, y as u32).0[0]
    });
    let mut texts: Vec<String> =
        image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect();
    texts.sort();
    texts
}

/// The text that the reader of many phones makes out. Unlike `rqrr` it needs neither the timing lines nor
/// the alignment square whole, but reads one code of a picture only.
fn decoded_as_by_a_phone(picture: &GrayImage) -> Option<String> {
    let (width, height) = picture.dimensions();
    let kind = Some(rxing::BarcodeFormat::QR_CODE);
    let read = rxing::helpers::detect_in_luma(picture.as_raw().clone(), width, height, kind);
    read.ok().map(|code| code.getText().to_owned())
}

/// The picture turned about its centre on a larger white sheet.
fn rotated(picture: &GrayImage, degrees: f32) -> GrayImage {
    let side = picture.width() as f32;
    let full = (side * 1.45).ceil();
    let (sin, cos) = degrees.to_radians().sin_cos();
    GrayImage::from_fn(full as u32, full as u32, |x, y| {
        let (dx, dy) = (x as f32 - full / 2.0, y as f32 - full / 2.0);
        let (from_x, from_y) = (dx * cos + dy * sin + side / 2.0, dy * cos - dx * sin + side / 2.0);
        imageops::interpolate_bilinear(picture, from_x, from_y).unwrap_or(WHITE)
    })
}

/// Covers 8% of the code with a white or black patch anywhere but on the three corner patterns, without
/// which no reader finds a code.
///
/// One patch, as of a scratch or a sticker: level Q restores 26 of 100 code words, and the same
/// area in many small pieces would spoil more than those.
fn damaged(text: &str, seed: u64) -> GrayImage {
    let modules = qr::modules(text).unwrap();
    let scale = 10;
    let mut picture = picture(text, modules.full_width() as u32 * scale);
    let (full, corner, margin) = (modules.width() as u32 * scale, 7 * scale, 4 * scale);
    let tall = [0.5, 1.0, 2.0][(seed % 3) as usize];
    let side = |part: f64| (f64::from(full) * (0.08 * part).sqrt()).ceil() as u32;
    let (width, height) = (side(1.0 / tall), side(tall));
    let mut random = seed;
    let mut next = |below: u32| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as u32 % below
    };
    let is_on_corner = |x: u32, y: u32| {
        let (left, right) = (x < corner, x + width > full - corner);
        let (top, bottom) = (y < corner, y + height > full - corner);
        (top && (left || right)) || (bottom && left)
    };
    let (x, y) = std::iter::repeat_with(|| (next(full - width), next(full - height)))
        .find(|(x, y)| !is_on_corner(*x, *y))
        .unwrap();
    let colour = if seed.is_multiple_of(2) { WHITE } else { BLACK };
    for (dx, dy) in (0..width).flat_map(|dx| (0..height).map(move |dy| (dx, dy))) {
        picture.put_pixel(margin + x + dx, margin + y + dy, colour);
    }
    picture
}

#[test]
fn a_picture_of_any_size_has_exactly_that_size_and_is_read() {
    for size in [64, 65, 100, 256, 777, 1024, 4096] {
        let text = address(size);

        let picture = picture(&text, size);

        assert_eq!(picture.dimensions(), (size, size));
        // At one pixel a module the reader needs the picture enlarged, as a camera would.
        let readable = if size < 200 {
            imageops::resize(&picture, size * 4, size * 4, FilterType::Nearest)
        } else {
            picture
        };
        assert_eq!(decoded(&readable), [text], "{size} px");
    }
}

#[test]
fn a_picture_is_centred_with_at_least_four_light_modules_around() {
    for size in [64, 300, 1000] {
        let text = address(7);
        let modules = qr::modules(&text).unwrap();
        let scale = size / modules.full_width() as u32;

        let picture = picture(&text, size);

        let dark = || picture.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] == 0);
        let (left, top) = (dark().map(|(x, ..)| x).min().unwrap(), dark().map(|(_, y, _)| y).min().unwrap());
        let right = size - 1 - dark().map(|(x, ..)| x).max().unwrap();
        let bottom = size - 1 - dark().map(|(_, y, _)| y).max().unwrap();
        assert!(left >= 4 * scale && left == top, "{size} px: {left} {top}");
        assert!(right >= left && right - left <= 1 && right == bottom, "{size} px: {right} {bottom}");
    }
}

#[test]
fn a_code_is_read_scaled_down_turned_and_blurred() {
    for number in [1, 500_000, 28_000_000] {
        let text = address(number);
        let sharp = picture(&text, 820);

        let small = imageops::resize(&sharp, 150, 150, FilterType::Triangle);
        let blurred = imageops::blur(&sharp, 7.0);
        let all =
            imageops::blur(&rotated(&imageops::resize(&sharp, 310, 310, FilterType::Triangle), 7.0), 1.5);

        assert_eq!(decoded(&small), [text.as_str()], "scaled down");
        assert_eq!(decoded(&blurred), [text.as_str()], "blurred");
        assert_eq!(decoded(&all), [text.as_str()], "all at once");
        for degrees in [7.0, 45.0, 90.0, 180.0, 263.0] {
            assert_eq!(decoded(&rotated(&sharp, degrees)), [text.as_str()], "turned by {degrees}°");
        }
    }
}

#[test]
fn a_code_is_read_with_eight_percent_of_it_damaged() {
    for seed in 0..60 {
        let text = address(seed as u32 * 99_991);

        let damaged = damaged(&text, seed);

        assert_eq!(decoded_as_by_a_phone(&damaged).as_ref(), Some(&text), "seed {seed}");
        let tilted = imageops::blur(&rotated(&damaged, 7.0), 2.0);
        assert_eq!(decoded_as_by_a_phone(&tilted), Some(text), "seed {seed}, turned and blurred");
    }
}

const UNITS: [&str; 5] = [
    "Phường Xuân Hương - Đà Lạt",
    "Ban Quản lý các khu công nghiệp",
    "Xã Đạ Tẻh",
    "Trung tâm Phục vụ hành chính công và Xúc tiến đầu tư, thương mại, du lịch tỉnh Lâm Đồng",
    "Sở Nông nghiệp và Môi trường",
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn snapshot() -> Snapshot {
    let versions = UNITS.iter().zip(1i64..).map(|(name, id)| UnitVersion {
        unit: id.into(),
        code: id.to_string(),
        name: (*name).to_owned(),
        level: UnitLevel::Commune,
        parent: None,
        valid_from: day("2025-07-01"),
        valid_to: None,
    });
    let counters = (1i64..=5).map(|id| Counter {
        id: id.into(),
        unit: id.into(),
        name: format!("Quầy {id}"),
        opens: NaiveTime::MIN,
        closes: NaiveTime::MIN,
        closure: Closure::default(),
    });
    Snapshot {
        units: Units::new(versions.collect(), Vec::new()),
        counters: counters.map(|counter| (counter.id, counter)).collect(),
        ..Snapshot::default()
    }
}

fn links(count: i64) -> Vec<Link> {
    let link = |id: i64| Link {
        id: id.into(),
        code: Code::numbered(u32::try_from(id).unwrap() * 1_234_567),
        counter: ((id - 1) % 5 + 1).into(),
        kind: if id % 5 == 2 { Kind::AgencyService } else { Kind::Tthc },
        field: None,
        procedure: None,
        deciding: None,
        stage: (id % 5 != 2).then_some(if id % 2 == 0 { Stage::Supplement } else { Stage::Result }),
        valid_from: day("2026-01-01"),
        valid_to: None,
        revoked: false,
        replaces: None,
    };
    (1..=count).map(link).collect()
}

fn sheet(format: Format, links: &[Link]) -> String {
    let links: Vec<&Link> = links.iter().collect();
    let setting = Setting {
        format,
        public_url: PUBLIC_URL,
        lang: Lang::En,
        today: day("2026-11-23"),
        kept: "&unit=24781",
        is_file: false,
    };
    sheet::render(&snapshot(), &links, &setting, &Progress::default()).unwrap()
}

#[test]
fn a_sheet_states_unit_counter_address_code_and_date_in_every_format() {
    for format in Format::ALL {
        let links = links(1);
        let code = links[0].code.as_str();

        let page = sheet(format, &links);

        let spaced = format!("{} {}", &code[..3], &code[3..]);
        let spoken = format!(">hailong.lamdong.gov.vn/s/{code}<");
        for text in [
            UNITS[0],
            "Quầy 1",
            "Không cần đăng nhập · 30 giây",
            "No sign-in",
            "23/11/2026",
            &spaced,
            &spoken,
        ] {
            assert!(page.contains(text), "{format:?} lacks {text}");
        }
        assert!(
            page.contains("?format=stickers&amp;unit=24781")
                || page.contains("?format=stickers&#38;unit=24781")
        );
        assert!(!page.replace("print.css", "").contains("print."), "a text is missing");
        assert!(!page.contains("<script"));
    }
}

#[test]
fn one_link_fills_a_page_and_many_share_pages() {
    let count = |format, links: &[Link]| sheet(format, links).matches("role=\"img\"").count();
    let papers = |format, links: &[Link]| sheet(format, links).matches("class=\"paper\"").count();

    assert_eq!(
        [Format::Poster, Format::Stand, Format::Stickers].map(|format| count(format, &links(1))),
        [1, 2, 24]
    );
    assert_eq!(papers(Format::Stickers, &links(1)), 1);
    assert_eq!((papers(Format::Poster, &links(5)), papers(Format::Stand, &links(5))), (5, 3));
    assert_eq!((count(Format::Stickers, &links(23)), papers(Format::Stickers, &links(23))), (23, 1));
    assert_eq!(papers(Format::Stickers, &links(23).into_iter().chain(links(2)).collect::<Vec<_>>()), 2);
}

/// Chromium, as named by the test run or found on the path.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("HAILONG_TEST_CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join("chromium")).find(|path| path.is_file())
}

/// The pages of a sheet as a printer would make them, at 150 dots an inch.
fn printed(chromium: &Path, html: &str, folder: &Path) -> Vec<GrayImage> {
    let link = html.find("<link rel=\"stylesheet\"").unwrap();
    let end = link + html[link..].find('>').unwrap() + 1;
    let css = include_str!("../../frontend/assets/css/print.css");
    std::fs::write(
        folder.join("sheet.html"),
        format!("{}<style>{css}</style>{}", &html[..link], &html[end..]),
    )
    .unwrap();
    let done = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--print-to-pdf={}", folder.join("sheet.pdf").display()))
        .arg(format!("file://{}", folder.join("sheet.html").display()))
        .output()
        .unwrap();
    assert!(folder.join("sheet.pdf").is_file(), "{}", String::from_utf8_lossy(&done.stderr));
    let status = Command::new("pdftoppm")
        .args(["-r", "150", "-png"])
        .args([folder.join("sheet.pdf"), folder.join("page")])
        .status()
        .unwrap();
    assert!(status.success());
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "png")).collect();
    pages.sort();
    pages.iter().map(|path| image::open(path).unwrap().to_luma8()).collect()
}

/// What a camera sees at once: the places of a page, cut apart.
fn places(page: &GrayImage, format: Format) -> Vec<GrayImage> {
    let (columns, rows) = match format {
        Format::Poster => (1, 1),
        Format::Stand => (2, 1),
        Format::Stickers => (3, 8),
    };
    let (width, height) = (page.width() / columns, page.height() / rows);
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (column * width, row * height)))
        .map(|(x, y)| imageops::crop_imm(page, x, y, width, height).to_image())
        .collect()
}

#[test]
fn every_code_of_a_printed_sheet_leads_to_its_address() {
    let chromium = chromium().expect("Chromium prints the sheet; `make test` installs it");
    for (format, count, pages, size) in [
        (Format::Poster, 2, 2, (1240, 1754)),
        (Format::Stand, 3, 2, (1754, 1240)),
        (Format::Stickers, 23, 1, (1240, 1754)),
        (Format::Stickers, 1, 1, (1240, 1754)),
    ] {
        let links = links(count);
        let folder = tempfile::tempdir().unwrap();

        let printed = printed(&chromium, &sheet(format, &links), folder.path());

        assert_eq!(printed.len(), pages, "{format:?}: nothing may run over onto another page");
        for page in &printed {
            let (width, height) = page.dimensions();
            assert!(
                width.abs_diff(size.0) <= 2 && height.abs_diff(size.1) <= 2,
                "{format:?}: {width} × {height}"
            );
        }
        let mut expected: Vec<String> =
            links.iter().map(|link| qr::address(PUBLIC_URL, &link.code)).collect();
        if format == Format::Stickers && count == 1 {
            expected = vec![expected[0].clone(); 24];
        }
        expected.sort();
        let mut found: Vec<String> =
            printed.iter().flat_map(|page| places(page, format)).flat_map(|place| decoded(&place)).collect();
        found.sort();
        assert_eq!(found, expected, "{format:?}");
        if let Some(folder) = std::env::var_os("HAILONG_TEST_KEEP") {
            for (page, number) in printed.iter().zip(1..) {
                page.save(Path::new(&folder).join(format!("{}-{count}-{number}.png", format.key()))).unwrap();
            }
        }
    }
}
