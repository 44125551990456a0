//! The program itself, as an operator starts it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::{App, Store};

/// Runs a command of the program on the database of a service.
pub fn hailong(app: &App, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hailong"))
        .args(arguments)
        .args(["--database-url", &app.store.url])
        .current_dir(app.store.folder.path())
        .output()
        .unwrap()
}

/// A running program, killed with the test.
pub struct Program {
    pub child: Child,
    /// Address of the survey that it offers to try.
    pub survey: String,
    output: PathBuf,
}

impl Program {
    pub fn start(store: &Store) -> Self {
        Self::start_in(store.folder.path(), store)
    }

    /// Starts it where it keeps its secret.
    pub fn start_in(folder: &Path, store: &Store) -> Self {
        // A file takes all that is printed, whether or not somebody reads on.
        let output = folder.join(format!("output-{}", super::id()));
        let child = Command::new(env!("CARGO_BIN_EXE_hailong"))
            .args(["serve", "--bind", "127.0.0.1:0", "--database-url", &store.url])
            .current_dir(folder)
            .stdout(File::create(&output).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut program = Self { child, survey: String::new(), output };
        let start = Instant::now();
        while program.survey.is_empty() {
            assert!(start.elapsed() < Duration::from_secs(60), "no address of the sample survey");
            assert_eq!(program.child.try_wait().unwrap(), None, "it ended at once");
            std::thread::sleep(Duration::from_millis(20));
            let printed = program.printed();
            let complete = printed.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            let line =
                complete.filter(|line| line.contains("/s/")).find_map(|line| line.split_whitespace().last());
            program.survey = line.unwrap_or_default().to_owned();
        }
        program
    }

    /// What it has printed until now.
    pub fn printed(&self) -> String {
        fs::read_to_string(&self.output).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A program that was killed already needs no second time.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
