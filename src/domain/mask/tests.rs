use proptest::prelude::*;

use super::run::{date_or_time, runs};
use super::*;

/// Whether a text is masked with the mark of a kind, and nothing is left of how the datum ends.
fn assert_masked(cases: &[(&str, Kind, &str)]) {
    for (text, kind, datum) in cases {
        let masked = mask(text);
        assert!(masked.contains(kind.mark()), "{text}: {masked}");
        let last = datum.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect::<String>();
        assert!(text.contains(datum) && !masked.contains(&last), "{text}: {masked}");
    }
}

#[test]
fn personal_data_are_masked() {
    assert_masked(&[
        ("Gọi cho tôi số 0912345678 nhé", Kind::Phone, "0912345678"),
        ("Liên hệ 0912.345.678.", Kind::Phone, "0912.345.678"),
        ("SĐT: 0912 345 678", Kind::Phone, "0912 345 678"),
        ("đt 09 12 34 56 78 gặp anh Nam", Kind::Phone, "09 12 34 56 78"),
        ("zalo 0912 - 345 - 678", Kind::Phone, "345 - 678"),
        ("zalo 0912-345-678", Kind::Phone, "0912-345-678"),
        ("máy bàn (0263) 3822345 không ai nghe", Kind::Phone, "0263) 3822345"),
        ("0263.3822.345 gọi mãi", Kind::Phone, "0263.3822.345"),
        ("số +84 912 345 678", Kind::Phone, "+84 912 345 678"),
        ("số +84912345678", Kind::Phone, "+84912345678"),
        ("84912345678 là số của tôi", Kind::Phone, "84912345678"),
        ("số cũ 01672345678", Kind::Phone, "01672345678"),
        ("sđt 912.345.678", Kind::Phone, "912.345.678"),
        ("hồ sơ 10 0912345678", Kind::Phone, "0912345678"),
        ("CCCD 068090001234", Kind::Document, "068090001234"),
        ("căn cước số 068 090 001 234", Kind::Document, "068 090 001 234"),
        ("CMND 250123456 cấp ngày 15/9/2010", Kind::Document, "250123456"),
        ("CMND: 250.123.456", Kind::Document, "250.123.456"),
        ("số của mẹ tôi là 250 123 456", Kind::Document, "250 123 456"),
        ("gửi về nguyen.van_an+1@gmail.com.", Kind::Email, "nguyen.van_an+1@gmail.com"),
        ("mail lan@lamdong.gov.vn, cảm ơn", Kind::Email, "lan@lamdong.gov.vn"),
        ("xe 49A-123.45 đậu chắn lối", Kind::Plate, "49A-123.45"),
        ("xe 49-B1 123.45", Kind::Plate, "49-B1 123.45"),
        ("xe máy 49b1-12345", Kind::Plate, "49b1-12345"),
        ("biển 49MĐ1-123.45", Kind::Plate, "49MĐ1-123.45"),
        ("ô tô 51F 1234 của cán bộ", Kind::Plate, "51F 1234"),
        ("xe 49H-123.45", Kind::Plate, "49H-123.45"),
        ("đã chuyển vào tài khoản 1234567", Kind::Number, "1234567"),
        ("STK 0071000123456 Vietcombank", Kind::Number, "0071000123456"),
        ("thẻ 9704 3612 3456 7890", Kind::Number, "9704 3612 3456 7890"),
        ("mã số thuế 5800123456", Kind::Number, "5800123456"),
        ("mã hồ sơ H36.21-260915-0012 trễ hẹn", Kind::Number, "21-260915-0012"),
    ]);
}

#[test]
fn personal_data_are_masked_however_they_are_written() {
    assert_masked(&[
        ("số 0 9 1 2 3 4 5 6 7 8 nhé", Kind::Phone, "3 4 5 6 7 8"),
        ("gọi 0912/345/678", Kind::Phone, "0912/345/678"),
        ("gọi 0912. 345. 678", Kind::Phone, "345. 678"),
        ("gọi 0912*345*678", Kind::Phone, "345*678"),
        ("gọi ０９１２３４５６７８", Kind::Phone, "５６７８"),
        ("gọi 0912\n345\r\n678 gặp Nam", Kind::Phone, "678"),
        ("gọi 09\u{200b}12\u{ad}345\u{2060}678", Kind::Phone, "678"),
        ("gọi 0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", Kind::Phone, "7️⃣8️⃣"),
        ("máy bàn (0263) 3822 345", Kind::Phone, "3822 345"),
        ("số (+84) 912 345 678", Kind::Phone, "345 678"),
        ("068 099 001 234", Kind::Document, "001 234"),
        ("CCCD: 068.099.001.234", Kind::Document, ".001.234"),
        ("CCCD 0680990012 34", Kind::Document, "012 34"),
        ("CCCD 068 099 001 234 điện thoại 0912345678", Kind::Document, "001 234"),
        ("hộ chiếu C1234567", Kind::Document, "1234567"),
        ("Passport no. b 123 4567", Kind::Document, "4567"),
        ("mất C12345678 ở quầy", Kind::Document, "C12345"),
        ("gửi a.b＠gmail.com", Kind::Email, "gmail.com"),
        ("gửi le.van(at)gmail.com nhé", Kind::Email, "gmail.com"),
        ("gửi levan [at] gmail [dot] com", Kind::Email, "gmail"),
        ("gửi levan @ gmail . com", Kind::Email, "gmail"),
        ("gửi levan a còng gmail chấm com", Kind::Email, "gmail"),
        ("gửi le . van @ gmail. com", Kind::Email, "gmail"),
        ("gửi nguyễnan@gmail", Kind::Email, "nguyễn"),
        ("tài khoản 12 34 56 78 90 12", Kind::Number, "34 56"),
        ("số 0912 345-678", Kind::Number, "345-678"),
    ]);
}

#[test]
fn the_mark_stands_for_just_the_datum() {
    assert_eq!(
        mask("Anh Nam 0912.345.678, xe 49A-123.45, hẹn 15/9/2026 mà nộp 1.500.000 đồng."),
        "Anh Nam [số điện thoại], xe [biển số xe], hẹn 15/9/2026 mà nộp 1.500.000 đồng."
    );
    assert_eq!(mask("+84912345678"), "[số điện thoại]");
    assert_eq!(parts("gọi 0912345678, a@b.vn nhé"), ["gọi ", ", ", " nhé"]);
    assert_eq!(mask("gọi (0263) 3822 345!"), "gọi [số điện thoại]!");
    assert_eq!(mask("gọi (+84) 912.345.678"), "gọi [số điện thoại]");
    assert_eq!(mask("068 099 001 234, mất rồi"), "[số giấy tờ], mất rồi");
    assert_eq!(mask("ＳĐＴ：０９１２３４５６７８。"), "ＳĐＴ：[số điện thoại]。");
    assert_eq!(mask("gọi 0912345678 12 lần"), "gọi [số điện thoại] 12 lần");
    assert_eq!(mask("levan @ gmail . com. Cảm ơn"), "[thư điện tử]. Cảm ơn");
    assert_eq!(mask("ở 5 0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣."), "ở 5 [số điện thoại].");
    assert_eq!(mask("a@b.vn và c@d.vn"), "[thư điện tử] và [thư điện tử]");
}

#[test]
fn money_dates_years_times_and_counts_stay() {
    for text in [
        "Phải nộp 1.500.000 đồng lệ phí",
        "hết 912.345.678 đồng",
        "thu 1500000đ không có biên lai",
        "mất 150000000 đồng tiền đất",
        "đền bù 1 250 000 000 đồng",
        "khoảng 25000000",
        "phạt 12.500.000đ rồi 3.000.000đ",
        "giá 1,500,000 VND",
        "từ 15.000 - 20.000 đồng",
        "nộp ngày 15/9/2026, hẹn 30/9/2026",
        "nộp 15.09.2026 hẹn 03.10.2026 14 giờ",
        "ngày 03-09-2025 15 giờ",
        "ngày 2026-09-15",
        "ngày 15092026",
        "giai đoạn 2021-2025 và 2026-2030",
        "các năm 2023 2024 2025",
        "lúc 7h30-11h30, 13h30 - 17h00",
        "10h 2024",
        "chờ từ 8 giờ 15 đến 10 giờ 45",
        "quầy 3, ghế 12, tầng 2",
        "có 12.345 hồ sơ, 200 người chờ",
        "Quyết định 2260/QĐ-UBND ngày 08/9/2021",
        "Nghị định 118/2025/NĐ-CP và 61/2018/NĐ-CP",
        "thửa đất số 125, tờ bản đồ 34, diện tích 1.250,5 m2",
        "tổng đài 1900 1234 không ai nghe",
        "quốc lộ 20, km 112+500",
        "đạt 95,5% mà chờ 45 ngày",
        "mẫu 01-ĐK, điều 12 khoản 3",
        "đi lại 2-3 lần, mỗi lần 30-40 km",
        "cán bộ @ quầy",
        "",
    ] {
        assert_eq!(mask(text), text);
    }
}

#[test]
fn what_looks_like_a_number_of_somebody_and_is_none_stays() {
    for text in [
        "cán bộ @ quầy 3. Tốt",
        "gặp anh Nam @ phòng 2.5",
        "chờ 3 4 lần",
        "ngày 20/11/2026",
        "nộp 150.000 đồng",
        "Thông tư 01/2018/TT-VPCP",
        "làm việc từ 8h00 đến 17h00",
        "số 123/QĐ-UBND",
        "làm việc 8:00 - 11:30, 13:30-17:00",
        "hẹn 08:30 20/11/2026 nhưng 09:45 21/11/2026 mới gọi",
        "từ 09/5 - 15/5/2026 không ai tiếp",
        "gọi điện từ 09/5 - 15/5/2026",
        "hẹn 15/9/2026-30/9/2026",
        "tháng 9/2026 và 12/2026",
        "tháng 9/2026 12/2026",
        "hẹn 05/9 06/9 07/9 đều không có",
        "các quầy 1 2 3 4 5 6 7 8 9 10 đều đóng",
        "thửa 125, 126, 127, 128",
        "gọi 113, 114, 115",
        "năm 2025 150 hồ sơ, năm 2026 200 hồ sơ",
        "quầy 3\nngày 20/11/2026\n8 giờ 30",
        "đền bù 250 000 000 đồng",
        "bán được 1 250 000 000 đ",
        "lương 12.500.000 - 15.000.000",
        "đi 2 - 3 lần, mỗi lần 45 - 60 phút",
        "điểm 4.5/5, 9.5/10",
        "từ 01/7/2025 đến 30/6/2026",
        "QL20, ĐT725, TL 721",
        "Luật Đất đai 31/2024/QH15, Nghị định 101/2024/NĐ-CP, 102/2024/NĐ-CP",
        "mẫu số 05/ĐK, Phụ lục II, 3 bản, khổ A4",
        "phòng A1, tầng 12, số 4 Trần Hưng Đạo",
        "căn cước làm mất 1500000 đồng",
        "",
    ] {
        assert_eq!(mask(text), text);
    }
}

fn group(digits: &str, shape: usize, joint: &str) -> String {
    let sizes: &[usize] = match shape {
        0 => &[10],
        1 => &[4, 3, 3],
        2 => &[3, 3, 4],
        3 => &[2, 2, 2, 2, 2],
        _ => &[4, 2, 2, 2],
    };
    let mut rest = digits;
    let mut parts = Vec::new();
    for size in sizes {
        let (part, tail) = rest.split_at(*size);
        parts.push(part);
        rest = tail;
    }
    parts.join(joint)
}

proptest! {
    #[test]
    fn no_mobile_number_is_left_in_any_grouping(
        digits in "0[35789][0-9]{8}", shape in 0usize..5, joint in "[ .-]",
        before in "[a-zàáđêô ,]{0,20}", after in "[a-zàáđêô,]{0,20}",
    ) {
        let written = group(&digits, shape, &joint);
        let masked = mask(&format!("{before} {written} {after}"));
        prop_assert!(masked.contains(Kind::Phone.mark()), "{}", masked);
        prop_assert!(!masked.chars().any(|letter| letter.is_ascii_digit()), "{}", masked);
    }

    #[test]
    fn no_citizen_card_is_left(digits in "0[0-9]{11}", before in "[a-zđ ,]{0,20}") {
        let masked = mask(&format!("{before} {digits}."));
        prop_assert!(!masked.chars().any(|letter| letter.is_ascii_digit()), "{}", masked);
    }

    #[test]
    fn no_run_of_nine_digits_is_left_whatever_parts_them(
        digits in "0[0-9]{8,14}", sizes in proptest::collection::vec(1usize..6, 1..15),
        sign in "[ ./,:*|~+'_–—-]|  | - | / |\\. |\r?\n|\u{200b}|\u{ad}| \u{2060}|\\) |／|．|・",
        wide in proptest::bool::ANY,
    ) {
        let mut written = String::new();
        let mut sizes = sizes.into_iter().cycle();
        let mut left = sizes.next().unwrap();
        for digit in digits.chars() {
            if left == 0 {
                written.push_str(&sign);
                left = sizes.next().unwrap();
            }
            written.push(if wide { char::from_u32(u32::from(digit) - 48 + 0xff10).unwrap() } else { digit });
            left -= 1;
        }
        let masked = mask(&format!("tôi ghi {written} ở phiếu"));
        let rest = Plain::of(&masked).text().chars().filter(char::is_ascii_digit).count();
        prop_assert!(rest < 9, "{} of {}", masked, written);
        prop_assert_eq!(mask(&masked), masked);
    }

    #[test]
    fn what_is_parted_by_many_signs_leaves_no_run_of_nine_digits(
        digits in "0[0-9]{8,14}", signs in proptest::collection::vec("[ ./*|~+'_–—-]?", 15),
    ) {
        let written: String = digits.chars().zip(&signs).map(|(digit, sign)| format!("{digit}{sign}")).collect();
        prop_assume!(date_or_time(&runs(Plain::of(&written).text())[0]).is_none());
        let masked = mask(&format!("tôi ghi {written} ở phiếu"));
        let rest = masked.chars().filter(char::is_ascii_digit).count();
        prop_assert!(rest < 9, "{} of {}", masked, written);
    }

    #[test]
    fn no_number_is_left_in_which_something_unseen_stands(
        digits in "[1-9][0-9]{7,14}[1-9]", unseen in "[\u{200b}\u{200d}\u{ad}\u{2060}\u{feff}\u{fe0f}]{1,2}", at in 1usize..8,
    ) {
        let (one, two) = digits.split_at(at);
        let masked = mask(&format!("tôi ghi {one}{unseen}{two} ở phiếu"));
        prop_assert!(!masked.chars().any(|letter| letter.is_ascii_digit()), "{}", masked);
    }

    #[test]
    fn money_stays_whatever_its_size(thousands in 1u64..9_999_999) {
        let amount = crate::locale::Lang::Vi.count(thousands * 1000);
        for text in [format!("nộp {amount} đồng"), format!("nộp {}000 đồng", thousands), format!("hết {amount}.")] {
            prop_assert_eq!(mask(&text), text);
        }
    }

    #[test]
    fn dates_stay(day in 1u32..=31, month in 1u32..=12, year in 1950u32..2040, joint in "[./-]") {
        for text in [
            format!("ngày {day}{joint}{month}{joint}{year} tôi nộp"),
            format!("ngày {day:02}{joint}{month:02}{joint}{year} tôi nộp"),
        ] {
            prop_assert_eq!(mask(&text), text);
        }
    }

    #[test]
    fn any_text_at_all_is_masked_once_and_keeps_its_words(text in "\\PC{0,80}") {
        let masked = mask(&text);
        prop_assert_eq!(mask(&masked), masked.clone());
        let plain = Plain::of(&text).text().to_lowercase();
        let has_at = ["@", "at", "a cong", "a còng"].iter().any(|sign| plain.contains(sign));
        if !has_at && !plain.chars().any(|letter| letter.is_ascii_digit()) {
            prop_assert_eq!(masked, text);
        }
    }
}
