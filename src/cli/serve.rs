//! `hailong serve`

use super::{Failure, Outcome, say};
use crate::app::first_start::{self, LOGIN, Prepared};
use crate::config::{Config, DatabaseArgs};
use crate::db::conn::Database;
use crate::web::qr;
use crate::web::server::Service;

/// Serves citizens and staff
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    config: Config,
}

impl Serve {
    /// Opens or makes the database, says where everything is, and serves until a signal.
    pub fn run(self, args: &DatabaseArgs) -> Outcome {
        let location = args.location().map_err(Failure::Usage)?;
        let database = Database::open(location, true).map_err(Failure::Failed)?;
        let prepared = first_start::prepare(&database)?;
        serve(database, self.config, &prepared)
    }
}

/// Serves a database that is prepared.
pub fn serve(database: Database, config: Config, prepared: &Prepared) -> Outcome {
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database, config)?;
        announce(&service.state().config.public_url(), prepared)?;
        service.run().await?;
        Ok(())
    })
}

fn announce(public_url: &str, prepared: &Prepared) -> Outcome {
    say!("Bảng điều khiển / console:  {public_url}/console");
    if let Some(password) = &prepared.password {
        say!("  đăng nhập / sign in as:   {LOGIN}");
        say!("  mật khẩu một lần / one-time password, shown once:  {}", password.as_str());
    }
    if let Some(code) = &prepared.sample {
        let address = qr::address(public_url, code);
        say!("Phiếu mẫu / sample survey:  {address}");
        if prepared.password.is_some() {
            say!("{}", qr::terminal(&address)?);
        }
    }
    Ok(())
}
