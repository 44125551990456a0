//! What must hold for the whole tree, whatever is built on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hailong::db::migrate;
use hailong::locale::Lang;

use crate::support::{Backend, Store};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

#[test]
fn each_layer_looks_down_alone() {
    let forbidden = [
        (
            "domain",
            &["crate::db", "crate::app", "crate::web", "crate::cli", "diesel", "actix_web", "askama"][..],
        ),
        ("db", &["crate::web", "crate::cli", "actix_web", "askama"]),
        ("app", &["crate::web", "crate::cli", "diesel::", "actix_web", "askama"]),
        ("web", &["crate::cli", "diesel::"]),
        ("cli", &["diesel::"]),
    ];
    for (layer, words) in forbidden {
        for file in files(&root().join("src").join(layer), ".rs") {
            let text = fs::read_to_string(&file).unwrap();
            for word in words {
                assert!(!text.contains(word), "{} names {word}", file.display());
            }
        }
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let versions = |database: &str| -> BTreeSet<String> {
        fs::read_dir(root().join("migrations").join(database))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(versions("sqlite"), versions("postgres"));
}

fn migrations_run_up_down_and_up(backend: Backend) {
    let store = Store::empty(backend);
    let database = store.open();
    let steps = migrate::run(&database).unwrap();
    assert!(steps > 0);
    assert_eq!(migrate::run(&database).unwrap(), 0);
    assert_eq!(migrate::revert_all(&database).unwrap(), steps);
    assert_eq!(migrate::run(&database).unwrap(), steps);
}

#[test]
fn migrations_run_up_down_and_up_on_sqlite() {
    migrations_run_up_down_and_up(Backend::Sqlite);
}

#[test]
fn migrations_run_up_down_and_up_on_postgres() {
    migrations_run_up_down_and_up(Backend::Postgres);
}

/// Keys of a locale file: its lines by indentation.
fn keys(path: &Path) -> BTreeSet<String> {
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut found = BTreeSet::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let trimmed = line.trim_start();
        let Some((key, value)) = trimmed.split_once(':').filter(|_| !trimmed.starts_with('#')) else {
            continue;
        };
        let depth = line.len() - trimmed.len();
        open.retain(|(other, _)| *other < depth);
        open.push((depth, key.trim_matches('"').to_owned()));
        if !value.trim().is_empty() {
            found.insert(open.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join("."));
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_texts() {
    let vietnamese = files(&root().join("frontend/locales"), ".vi.yml");
    assert!(!vietnamese.is_empty());
    for file in vietnamese {
        let english = PathBuf::from(file.to_str().unwrap().replace(".vi.yml", ".en.yml"));
        assert_eq!(keys(&file), keys(&english), "{}", file.display());
    }
}

#[test]
fn every_key_that_the_code_names_has_a_text() {
    let known: BTreeSet<String> =
        files(&root().join("frontend/locales"), ".vi.yml").iter().flat_map(|file| keys(file)).collect();
    let areas: BTreeSet<&str> = known.iter().filter_map(|key| key.split('.').next()).collect();
    let sources = files(&root().join("src"), ".rs")
        .into_iter()
        .chain(files(&root().join("frontend/templates"), ".html"));
    for file in sources {
        let text = fs::read_to_string(&file).unwrap();
        for opening in ["Message::new(\"", ".text(\"", ".with(\""] {
            for rest in text.split(opening).skip(1) {
                let key = rest.split('"').next().unwrap();
                let is_key = key.split_once('.').is_some_and(|(area, _)| areas.contains(area));
                assert!(!is_key || known.contains(key), "{} names {key}", file.display());
            }
        }
    }
    assert_eq!(Lang::En.text("verdict.met-surely"), "Met, surely");
}

fn hailong(arguments: &[&str], folder: &Path) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_hailong")).args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn the_command_line_is_valid_and_every_command_has_help() {
    let folder = tempfile::tempdir().unwrap();
    let help = String::from_utf8(hailong(&["--help"], folder.path()).stdout).unwrap();
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names: Vec<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("    "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for name in ["serve", "demo", "migrate", "import", "link", "person", "key", "scores", "check", "simulate"]
    {
        assert!(names.contains(&name), "{name}");
    }
    for name in names.into_iter().filter(|name| *name != "help") {
        assert!(hailong(&[name, "--help"], folder.path()).status.success(), "{name}");
    }
}

#[test]
fn wrong_use_exits_with_two_and_failure_with_one_each_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = hailong(&["check", "--database-url", "mysql://x"], folder.path());
    let missing = hailong(&["check", "--database-url", "sqlite://nowhere.db"], folder.path());
    assert_eq!((wrong.status.code(), missing.status.code()), (Some(2), Some(1)));
    for output in [wrong, missing] {
        assert_eq!(String::from_utf8(output.stderr).unwrap().trim().lines().count(), 1);
    }
    assert!(!folder.path().join("nowhere.db").exists(), "a mistyped address must not make a database");
}

#[test]
fn readme_names_the_two_commands_and_makefile_has_every_target_it_names() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    for command in ["make run", "make test"] {
        assert!(readme.contains(command), "{command}");
    }
    for rest in readme.split("`make ").skip(1) {
        let target = rest.split(['`', ' ']).next().unwrap();
        assert!(makefile.contains(&format!("\n{target}:")), "make {target}");
    }
}

#[test]
fn the_operators_commands_of_readme_work_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("hailong "))
        .filter(|line| !line.starts_with("serve"))
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        let arguments: Vec<String> = words(command);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = hailong(&arguments, folder.path());
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "hailong {command}: {complaint}");
    }
}

/// Splits a line as a shell does, double quotes alone.
fn words(line: &str) -> Vec<String> {
    line.split('"')
        .enumerate()
        .flat_map(|(place, part)| {
            if place % 2 == 1 {
                vec![part.to_owned()]
            } else {
                part.split_whitespace().map(str::to_owned).collect()
            }
        })
        .collect()
}
