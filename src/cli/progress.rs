//! How far a command is, told on a terminal while it works.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use crate::app::progress::Progress;
use crate::domain::job::Stand;
use crate::locale::Lang;

/// How often the line is written anew.
const INTERVAL: Duration = Duration::from_millis(200);

/// Does some work and shows meanwhile how far it is, if somebody sits before it.
pub fn watch<T>(work: impl FnOnce(&Progress) -> T) -> T {
    let progress = &Progress::default();
    if !std::io::stderr().is_terminal() {
        return work(progress);
    }
    let (working, rest) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while rest.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                tell(&line(progress.stand()));
            }
            tell("");
        });
        let done = work(progress);
        drop(working);
        done
    })
}

fn line(stand: Stand) -> String {
    let step = Lang::En.text(&format!("jobs.step-{}", stand.step.key()));
    format!("{step}  {} / {}", Lang::En.count(stand.done), Lang::En.count(stand.total))
}

/// Writes over the line; a closed terminal is no reason to stop the work.
fn tell(text: &str) {
    drop(write!(std::io::stderr(), "\r{text}\x1b[K"));
}
