//! The command line.

/// Runs the command that was given.
pub fn run() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
