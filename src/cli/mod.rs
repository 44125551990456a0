//! The command line: one file a command.

mod answers;
mod check;
mod demo;
mod healthcheck;
mod import;
mod key;
mod link;
mod migrate;
mod person;
mod progress;
mod publish;
mod report;
mod scores;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::DatabaseArgs;
use crate::db::conn::Database;
use crate::error::Error;

/// Prints a line. Whoever closed the pipe has read enough, which is no reason to panic.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        drop(writeln!(std::io::stdout(), $($text)*));
    }};
}
pub(crate) use say;

/// Measures how satisfied citizens are at the one-stop counters of a province.
#[derive(Debug, Parser)]
#[command(name = "hailong", version, about)]
pub struct Cli {
    #[command(flatten)]
    database: DatabaseArgs,
    /// What is logged, such as info or hailong=debug
    #[arg(long, env = "HAILONG_LOG", default_value = "info", global = true, value_name = "FILTER")]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve citizens and staff; makes and fills an empty database
    Serve(serve::Serve),
    /// Serve a simulated year from a database of its own
    Demo(demo::Demo),
    /// Fill a database without answers with a simulated year
    Simulate(demo::SimulationArgs),
    /// Bring the tables up to date
    Migrate,
    /// Import units, procedures, figures, answers on paper and dossiers, all or nothing
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Make, list, draw and revoke links
    #[command(subcommand)]
    Link(link::LinkCommand),
    /// Add people who may sign in, list, lock and reset them
    #[command(subcommand)]
    Person(person::PersonCommand),
    /// Make, list and revoke keys with which other programs read figures
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Print or export the indexes of a period
    Scores(scores::Scores),
    /// Export the answers of a period, a row an answer
    Answers(answers::Answers),
    /// Close periods, submit, return, approve and publish their figures
    #[command(subcommand)]
    Publish(publish::PublishCommand),
    /// Write the report of a period
    Report(report::Report),
    /// Recount the tallies, follow the chains of the audit and the publications, or prove a published file
    Check(check::Check),
    /// Ask the running service whether it is ready
    Healthcheck(healthcheck::Healthcheck),
}

/// How a command ends when it does not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Wrong use: exit 2.
    Usage(String),
    /// It did not work: exit 1.
    Failed(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(_) => Self::Usage(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

type Outcome = Result<(), Failure>;

/// Reads the command line and runs the command. Wrong use exits with 2, failure with 1.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    start_log(&cli.log);
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(text)) => complain(&text, 2),
        Err(Failure::Failed(text)) => complain(&text, 1),
    }
}

#[expect(clippy::print_stderr, reason = "a command line speaks of its failures on stderr")]
fn complain(text: &str, code: u8) -> ExitCode {
    eprintln!("hailong: {text}");
    ExitCode::from(code)
}

fn start_log(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_default();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn dispatch(cli: Cli) -> Outcome {
    match cli.command {
        Command::Serve(serve) => serve.run(&cli.database),
        Command::Demo(demo) => demo.run(&cli.database),
        Command::Simulate(args) => demo::simulate(&open(&cli.database)?, &args),
        Command::Migrate => migrate::run(&cli.database),
        Command::Import(import) => import.run(&open(&cli.database)?),
        Command::Link(link) => link.run(&open(&cli.database)?),
        Command::Person(person) => person.run(&open(&cli.database)?),
        Command::Key(key) => key.run(&open(&cli.database)?),
        Command::Scores(scores) => scores.run(&open(&cli.database)?),
        Command::Answers(answers) => answers.run(&open(&cli.database)?),
        Command::Publish(publish) => publish.run(&open(&cli.database)?),
        Command::Report(report) => report.run(&open(&cli.database)?),
        Command::Check(check) => check.run(&open(&cli.database)?),
        Command::Healthcheck(check) => check.run(),
    }
}

/// Opens a database that is there and up to date.
fn open(args: &DatabaseArgs) -> Result<Database, Failure> {
    let location = args.location().map_err(Failure::Usage)?;
    let database = Database::open(location, false).map_err(Failure::Failed)?;
    crate::db::migrate::run(&database)?;
    Ok(database)
}
