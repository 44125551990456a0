//! Long work outside of requests: its progress, its end, and what others notice of it.

use std::time::Instant;

use hailong::domain::link::Stage;
use hailong::domain::person::Role;

use crate::support::{App, id, on_both, today};

const ANSWERS: &str = "/console/entry/import/answers";

/// A file of so many answers at one counter.
fn file(lines: usize) -> String {
    let mut file = "unit_code,counter,day,field,stage,overall,staff,comment\n".to_owned();
    for line in 0..lines {
        let (level, day) = (line % 5 + 1, today() - chrono::Days::new(u64::try_from(line % 60).unwrap()));
        let comment = if line % 20 == 0 { format!("Ý kiến {line}") } else { String::new() };
        file += &format!("24781,Quầy thử,{day},dat-dai,result,{level},5,{comment}\n");
    }
    file
}

on_both! {
    fn citizens_answer_while_a_long_import_runs(app) {
        let link = app.link("dat-dai", Stage::Result);
        let mut browser = app.browser("nhap", Role::Method, None);
        let start = Instant::now();
        let preview = browser.upload(ANSWERS, &[], &file(20_000));
        assert_eq!(preview.status, 200, "{}", preview.body);
        println!("preview {:?}", start.elapsed());
        let start = Instant::now();
        let job = browser.confirm(&preview.body).location;
        println!("confirm {:?}", start.elapsed());
        let mut worst = std::time::Duration::ZERO;
        let mut count = 0;
        while browser.get(&job).headers.contains_key("refresh") {
            let one = Instant::now();
            assert_eq!(app.answer(&link, &id(), "5").status, 303);
            worst = worst.max(one.elapsed());
            count += 1;
        }
        println!("job {:?} worst {worst:?} of {count}", start.elapsed());
        println!("{}", browser.get(&job).body);
    }
}
