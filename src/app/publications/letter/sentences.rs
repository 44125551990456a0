//! The sentences that state a figure. Each names what it is about, the figure with its certainty, and the verdict.

use super::words::{VI, decimal, goal, percent, range};
use crate::domain::dataset::Mark;
use crate::domain::dataset::Row;
use crate::domain::index::Order;
use crate::domain::target::Verdict;

/// A figure with what it rests on: `91,05% (khoảng tin cậy 95%: 90,78–91,32; n = 42.933)`; none where it is
/// hidden or has no answers.
pub fn figure(row: &Row) -> Option<String> {
    let (figures, n) = (row.figures?, row.n()?);
    let interval = range(figures.low?, figures.high?);
    let places = [("index", percent(figures.index?)), ("interval", interval), ("n", VI.count(n))];
    Some(VI.with("letter.say.figure", &places.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

/// What a row says of its subject, judged where it has a target.
pub fn judged(subject: &str, row: &Row, enough: u64) -> String {
    let Some(levels) = row.levels else {
        return VI.with("letter.say.hidden", &[("subject", subject)]);
    };
    let (Some(figure), Some(figures)) = (figure(row), row.figures) else {
        let key = if levels.na > 0 { "letter.say.not-applicable" } else { "letter.say.none" };
        return VI.with(key, &[("subject", subject)]);
    };
    let (Some(verdict), Some(target)) = (figures.verdict, row.target) else {
        return VI.with("letter.say.plain", &[("subject", subject), ("figure", &figure)]);
    };
    let rounds_to_it = !verdict.is_met() && figures.index.is_some_and(|index| index >= target.into());
    let key = match verdict {
        Verdict::MissedSurely | Verdict::MissedUnsurely if rounds_to_it => "letter.say.missed-by-rounding",
        Verdict::TooFew => "letter.say.too-few",
        Verdict::MissedSurely => "letter.say.missed-surely",
        Verdict::MissedUnsurely => "letter.say.missed-unsurely",
        Verdict::MetUnsurely => "letter.say.met-unsurely",
        Verdict::MetSurely => "letter.say.met-surely",
    };
    let (target, enough) = (goal(target), VI.count(enough));
    VI.with(key, &[("subject", subject), ("figure", &figure), ("target", &target), ("enough", &enough)])
}

/// Whether two rows may be compared: the same method and the same questions, and both have figures.
pub fn comparable(now: &Row, before: &Row) -> bool {
    [now, before].iter().all(|row| row.is_comparable() && row.n().is_some_and(|n| n > 0))
}

/// How a row stands to that of the period before, named `earlier`.
pub fn compared(now: &Row, before: Option<&Row>, earlier: &str) -> String {
    let say = |key| VI.with(key, &[("earlier", earlier)]);
    let Some(before) = before.filter(|row| row.n() != Some(0)) else {
        return say("letter.compare.none");
    };
    if !now.is_comparable() || !before.is_comparable() {
        let changed = [now, before].iter().any(|row| row.marks.contains(&Mark::Changed));
        return say(if changed { "letter.compare.changed" } else { "letter.compare.method" });
    }
    let shares = now.share().zip(before.share());
    let indexes = now.figures.and_then(|one| one.index).zip(before.figures.and_then(|one| one.index));
    let (Some((share, share_before)), Some((index, index_before))) = (shares, indexes) else {
        let is_hidden = now.levels.is_none() || before.levels.is_none();
        return say(if is_hidden { "letter.compare.hidden" } else { "letter.compare.no-answers" });
    };
    let difference = index - index_before;
    let key = match share.order(share_before) {
        Order::Above => "letter.compare.above",
        Order::Below => "letter.compare.below",
        Order::Alike if difference > 0 => "letter.compare.alike-more",
        Order::Alike if difference < 0 => "letter.compare.alike-less",
        Order::Alike => "letter.compare.alike",
    };
    let (points, index) = (decimal(difference.abs()), percent(index_before));
    VI.with(key, &[("earlier", earlier), ("index", &index), ("points", &points)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dataset::Figures;
    use crate::domain::tally::Levels;

    fn row(levels: [u64; 5], target: Option<i32>) -> Row {
        let [n5, n4, n3, n2, n1] = levels;
        let levels = Levels::of(n5, n4, n3, n2, n1);
        Row {
            key: Vec::new(),
            marks: Vec::new(),
            target,
            settled: None,
            levels: Some(levels),
            figures: Some(Figures::of(&levels, target)),
            unflagged: None,
        }
    }

    fn hidden() -> Row {
        let mut row = row([4, 0, 0, 0, 0], Some(9_000));
        row.hide();
        row
    }

    #[test]
    fn each_verdict_has_its_sentence() {
        let cases = [
            (
                row([18_020, 21_070, 2_103, 1_152, 588], Some(9_000)),
                "Chỉ số đạt 91,05% (khoảng tin cậy 95%: 90,78–91,32; n = 42.933), đạt chỉ tiêu 90%, chắc chắn.",
            ),
            (
                row([40, 50, 7, 2, 1], Some(9_000)),
                "Chỉ số đạt 90,00% (khoảng tin cậy 95%: 82,56–94,48; n = 100), đạt chỉ tiêu 90%, nhưng chưa chắc chắn.",
            ),
            (
                row([25, 20, 6, 0, 0], Some(9_000)),
                "Chỉ số là 88,24% (khoảng tin cậy 95%: 76,62–94,49; n = 51), chưa đạt chỉ tiêu 90%, nhưng chưa chắc chắn.",
            ),
            (
                row([100, 70, 20, 5, 5], Some(9_000)),
                "Chỉ số là 85,00% (khoảng tin cậy 95%: 79,39–89,29; n = 200), không đạt chỉ tiêu 90%, chắc chắn.",
            ),
            (
                row([6, 6, 1, 0, 0], Some(8_750)),
                "Chỉ số là 92,31% (khoảng tin cậy 95%: 66,69–98,63; n = 13); chưa đủ 30 phiếu nên chưa kết luận so với chỉ tiêu 87,5%.",
            ),
            (
                row([89_999, 0, 10_001, 0, 0], Some(9_000)),
                "Chỉ số là 90,00% (khoảng tin cậy 95%: 89,81–90,18; n = 100.000); tính trên số chưa làm tròn thì chưa đạt chỉ tiêu 90%, nhưng chưa chắc chắn.",
            ),
            (row([10, 0, 0, 0, 0], None), "Chỉ số là 100,00% (khoảng tin cậy 95%: 72,25–100,00; n = 10)."),
            (row([0; 5], Some(9_000)), "Chỉ số: không có phiếu đánh giá trong kỳ."),
            (
                hidden(),
                "Chỉ số: không công bố vì số phiếu quá ít hoặc để không suy ra được nhóm có ít phiếu.",
            ),
        ];
        for (row, expected) in cases {
            assert_eq!(judged("Chỉ số", &row, 30), expected);
        }
    }

    #[test]
    fn a_change_is_called_certain_only_where_it_is() {
        let marked = |mark: Mark, row: Row| Row { marks: vec![mark], ..row };
        let (high, low) = (row([900, 0, 100, 0, 0], None), row([800, 0, 200, 0, 0], None));
        let near = row([895, 0, 105, 0, 0], None);
        let cases = [
            (
                &high,
                Some(&low),
                "So với quý II/2026 (80,00%), chỉ số tăng 10,00 điểm phần trăm; mức tăng này là chắc chắn vì hai khoảng tin cậy 95% không chồng lên nhau.",
            ),
            (
                &low,
                Some(&high),
                "So với quý II/2026 (90,00%), chỉ số giảm 10,00 điểm phần trăm; mức giảm này là chắc chắn vì hai khoảng tin cậy 95% không chồng lên nhau.",
            ),
            (
                &high,
                Some(&near),
                "So với quý II/2026 (89,50%), chỉ số cao hơn 0,50 điểm phần trăm nhưng hai khoảng tin cậy 95% chồng lên nhau, nên chưa thể kết luận là tăng.",
            ),
            (
                &near,
                Some(&high),
                "So với quý II/2026 (90,00%), chỉ số thấp hơn 0,50 điểm phần trăm nhưng hai khoảng tin cậy 95% chồng lên nhau, nên chưa thể kết luận là giảm.",
            ),
            (&high, Some(&high), "So với quý II/2026 (90,00%), chỉ số không thay đổi."),
            (&high, None, "Không so sánh với quý II/2026 vì kỳ đó không có phiếu."),
            (&high, Some(&row([0; 5], None)), "Không so sánh với quý II/2026 vì kỳ đó không có phiếu."),
            (&row([0; 5], None), Some(&high), "Không so sánh với quý II/2026 vì kỳ này không có phiếu."),
            (
                &high,
                Some(&hidden()),
                "Không so sánh với quý II/2026 vì số liệu của một trong hai kỳ không được công bố.",
            ),
            (
                &high,
                Some(&marked(Mark::Changed, low.clone())),
                "Không so sánh với quý II/2026 vì bộ câu hỏi đã thay đổi nên hai số liệu không cùng cơ sở.",
            ),
            (
                &high,
                Some(&marked(Mark::Method, low.clone())),
                "Không so sánh với quý II/2026 vì hai số liệu được tính theo hai phiên bản phương pháp khác nhau.",
            ),
        ];
        for (now, before, expected) in cases {
            assert_eq!(compared(now, before, "quý II/2026"), expected);
        }
    }
}
