//! What must hold for the whole tree, whatever is built on it.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::RunQueryDsl;
use diesel::dsl::sql;
use diesel::sql_types::Text;
use hailong::db::migrate;
use hailong::locale::Lang;
use serde_json::Value;

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

/// The columns of `src/db/schema.rs`, each as `table.column type`, with types as one database names them.
fn declared(backend: Backend) -> BTreeSet<String> {
    let schema = fs::read_to_string(root().join("src/db/schema.rs")).unwrap();
    let mut table = "";
    let mut columns = BTreeSet::new();
    for line in schema.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name;
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let (postgres, sqlite) = match inner.unwrap_or(kind) {
                "BigInt" => ("bigint", "integer"),
                "Integer" => ("integer", "integer"),
                "SmallInt" => ("smallint", "integer"),
                "Text" => ("text", "text"),
                "Date" => ("date", "text"),
                "Time" => ("time without time zone", "text"),
                "Timestamp" => ("timestamp without time zone", "text"),
                "Binary" => ("bytea", "blob"),
                "Id" => ("uuid", "blob"),
                "Document" => ("jsonb", "text"),
                other => panic!("{table}.{column}: say here what {other} is in both databases"),
            };
            let kind = if backend == Backend::Sqlite { sqlite } else { postgres };
            let absent = if inner.is_some() { " or null" } else { "" };
            columns.insert(format!("{table}.{column} {kind}{absent}"));
        }
    }
    columns
}

/// The columns that a database has, written in the same way.
fn found(backend: Backend) -> BTreeSet<String> {
    let query = match backend {
        // A key says nothing of NULL, though a strict table lets none in.
        Backend::Sqlite => {
            "SELECT tables.name || '.' || columns.name || ' ' || lower(columns.type)
                || iif(columns.\"notnull\" OR columns.pk, '', ' or null')
             FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite%' AND tables.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        Backend::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || data_type
                || CASE is_nullable WHEN 'YES' THEN ' or null' ELSE '' END
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    let store = Store::create(backend);
    let columns = store.open().read(|conn| Ok(sql::<Text>(query).load::<String>(conn).unwrap()));
    columns.unwrap().into_iter().collect()
}

#[test]
fn the_schema_names_each_column_of_both_databases_and_no_other() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let (declared, found) = (declared(backend), found(backend));
        assert!(declared.len() > 100, "the schema could not be read");
        let only_declared: Vec<_> = declared.difference(&found).collect();
        let only_found: Vec<_> = found.difference(&declared).collect();
        assert!(
            only_declared.is_empty() && only_found.is_empty(),
            "{backend:?}: only the schema has {only_declared:?}, only the database has {only_found:?}"
        );
    }
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

/// Whether a network such as `10.0.0.0/8` holds an address.
fn holds(network: &Value, address: Ipv4Addr) -> bool {
    let (first, length) = network.as_str().unwrap().split_once('/').unwrap();
    let first: Ipv4Addr = first.parse().unwrap();
    (first.to_bits() ^ address.to_bits()).leading_zeros() >= length.parse().unwrap()
}

#[test]
fn compose_sets_what_the_program_knows_and_lets_it_believe_caddy_alone() {
    let compose = fs::read_to_string(root().join("docker-compose.yml")).unwrap();
    let compose: Value = serde_saphyr::from_str(&compose).unwrap();
    let (services, front) = (&compose["services"], &compose["networks"]["front"]["ipam"]["config"][0]);
    let settings = services["hailong"]["environment"].as_object().unwrap();

    let caddy = &services["caddy"]["networks"]["front"]["ipv4_address"];
    assert_eq!(caddy, &settings["HAILONG_TRUSTED_PROXY"]);
    let caddy = caddy.as_str().unwrap().parse().unwrap();
    assert!(holds(&front["subnet"], caddy));
    assert!(!holds(&front["ip_range"], caddy), "another container could be given Caddy's address");
    assert!(services["hailong"]["networks"].as_array().unwrap().contains(&"front".into()));
    let help = String::from_utf8(hailong(&["serve", "--help"], &root()).stdout).unwrap();
    let known: Vec<&str> = help.split(['[', ']', '=', ' ', '\n']).collect();
    for name in settings.keys() {
        assert!(known.contains(&name.as_str()), "{name}");
    }
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

/// The commands that a text names between backticks or on lines of their own.
fn named_commands(text: &str) -> Vec<&str> {
    let spans = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let found = spans.chain(text.lines()).filter_map(|code| code.strip_prefix("hailong "));
    found.collect()
}

#[test]
fn every_command_and_flag_that_the_documents_name_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut checked = 0;
    for file in files(&root().join("docs"), ".md").into_iter().chain([root().join("README.md")]) {
        let text = fs::read_to_string(&file).unwrap();
        for command in named_commands(&text) {
            let words = words(command);
            let is_name = |word: &&String| word.starts_with(|letter: char| letter.is_ascii_lowercase());
            let name: Vec<&str> = words.iter().take(2).take_while(is_name).map(String::as_str).collect();
            // Of one word of several the text says so: units|procedures|….
            let last = name.last().map_or(vec![""], |last| last.split('|').collect());
            for last in last {
                let path =
                    name.iter().rev().skip(1).rev().copied().chain([last]).filter(|word| !word.is_empty());
                let path: Vec<&str> = path.collect();
                let help = [&path[..], &["--help"]].concat();
                let mut output = hailong(&help, folder.path());
                if !output.status.success() {
                    // The second word was no command but what the first one is about.
                    output = hailong(&[path[0], "--help"], folder.path());
                }
                let help = String::from_utf8(output.stdout).unwrap();
                assert!(output.status.success(), "{}: hailong {command}", file.display());
                for flag in words.iter().filter(|word| word.starts_with('-')) {
                    assert!(
                        help.contains(flag.as_str()),
                        "{}: hailong {command} has no {flag}",
                        file.display()
                    );
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked} commands are too few");
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
