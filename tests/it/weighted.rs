//! F5: the index weighted by dossiers, on pages and in exports.

use hailong::app::scores::Dimension;
use hailong::domain::person::Role;
use hailong::domain::unit::UnitView;

use crate::support::answers::{Answers, LAND, QUARTER, query, run, settle, store};
use crate::support::on_both;
use crate::support::table;

on_both! {
    fn units_count_as_much_as_they_settle(app) {
        store(app, &[
            Answers { levels: [90, 0, 0, 0, 10], ..LAND },
            Answers { unit: "22972", levels: [60, 0, 0, 0, 40], ..LAND },
            // No dossiers are known here, so that F5 leaves the answers out and F1 does not.
            Answers { unit: "22972", field: "ho-tich", levels: [50, 0, 0, 0, 0], ..LAND },
        ]);
        settle(app, "24781", "dat-dai", 202_608, 100);
        settle(app, "22972", "dat-dai", 202_608, 200);
        settle(app, "22972", "dat-dai", 202_609, 100);
        settle(app, "24781", "xay-dung", 202_607, 100);
        for view in [UnitView::Now, UnitView::Then] {
            let table = run(app, &hailong::app::scores::Query { view, ..query(QUARTER) });
            let weighted = table.total.weighted.unwrap();
            assert!((weighted.percent - 67.5).abs() < 1e-9, "(100·90% + 300·60%) / 400, not {}", weighted.percent);
            assert!((weighted.coverage - 80.0).abs() < 1e-9 && !weighted.capped);
            assert!((weighted.effective - 160.0).abs() < 1e-9);
        }
        let fields = run(app, &query(QUARTER).by(&[Dimension::Field]));
        let shown: Vec<_> = fields.rows.iter().map(|row| row.weighted.map(|one| one.percent.round())).collect();
        assert_eq!(shown, [Some(68.0), None], "no dossiers of the second field are known");
        let months = run(app, &query(QUARTER).by(&[Dimension::Month]));
        let august = months.rows.first().unwrap().weighted.unwrap();
        assert!((august.percent - 70.0).abs() < 1e-9, "(100·90% + 200·60%) / 300");
        let channels = run(app, &query(QUARTER).by(&[Dimension::Channel]));
        assert_eq!(channels.total.weighted, None, "dossiers are not known by channel");
    }
}

on_both! {
    fn f5_stands_beside_f1_on_the_overview_and_in_its_exports(app) {
        store(app, &[
            Answers { levels: [90, 0, 0, 0, 10], ..LAND },
            Answers { unit: "22972", levels: [60, 0, 0, 0, 40], ..LAND },
        ]);
        settle(app, "24781", "dat-dai", 202_608, 100);
        settle(app, "22972", "dat-dai", 202_608, 300);
        let staff = app.browser("an", Role::Method, None);
        let page = staff.get("/console?period=2026-Q3");
        assert!(page.body.contains("67,50% (95%: 59,91–74,27) · đại diện 100,00% hồ sơ · n hiệu dụng 160"), "{}", page.body);
        let (_, rows) = table::rows(&staff.bytes("/console/scores.csv?period=2026-Q3&by=field").1);
        let total = rows.last().unwrap();
        let shown = ["index", "f5", "f5_coverage", "f5_effective_n", "f5_capped"].map(|key| total[key].as_str());
        assert_eq!(shown, ["75.00", "67.50", "100.00", "160.00", ""]);
    }
}
