//! The `hailong` program: it reads the command line and hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    hailong::cli::run()
}
