//! Publishing: what everyone may see is found while others write, and becomes a link of the chain if it still holds.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, SubsecRound, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Public, changes, find, frozen_figures, moved, protected, subject};
use crate::app::catalogue::Snapshot;
use crate::db;
use crate::db::conn::{Conn, Database};
use crate::db::publications as stored;
use crate::domain::dataset::{Cut, Dataset, Issue};
use crate::domain::hex::hex;
use crate::domain::ids::PublicationId;
use crate::domain::person::Actor;
use crate::domain::publication::{Issued, Publication, Step};
use crate::error::{Error, Result};

/// How often the file is made anew because another publication came first. Each time somebody publishes.
const TRIES: usize = 5;

/// What a file rests on: the version that is published, as it was frozen, and all published before.
#[derive(Debug, PartialEq, Eq)]
struct Ground {
    frozen_at: NaiveDateTime,
    published: BTreeMap<i64, String>,
}

/// A version as everyone is to see it, on its ground.
struct Prepared {
    ground: Ground,
    public: Public,
    late: Option<u64>,
    complete: String,
    corrected: Option<Publication>,
}

/// Publishes an approved version.
///
/// What is hidden follows from all earlier publications, which takes seconds. It is found beforehand, so that
/// neither the citizens' answers nor other staff wait for it, and found again where the ground has changed.
///
/// # Errors
/// Not found; conflict where the version is not approved, or something stands in the way; those of the database.
pub(super) fn publish(
    database: &Database,
    snapshot: &Snapshot,
    actor: &Actor,
    id: PublicationId,
    remark: &str,
) -> Result<()> {
    for _ in 0..TRIES {
        let prepared = database.read_at_once(|conn| prepare(conn, snapshot, actor, id))?;
        if let Some(obstacle) = prepared.public.obstacles.first() {
            return Err(Error::Conflict(obstacle.message()));
        }
        if database.write_audited(|conn| issue(conn, actor, id, &prepared, remark))? {
            return Ok(());
        }
    }
    Err(Error::Unavailable { retry_after: 5 })
}

fn approved(conn: &mut Conn, actor: &Actor, id: PublicationId) -> Result<Publication> {
    let publication = find(conn, actor, id)?.publication;
    if publication.state.allows(Step::Publish) { Ok(publication) } else { Err(moved(conn, id)) }
}

fn ground(conn: &mut Conn, publication: &Publication) -> Result<(Ground, Vec<Publication>)> {
    let all = stored::list(conn)?;
    let chained = all.iter().filter_map(|one| one.issued.as_ref());
    let published = chained.map(|issued| (issued.number, issued.sha256.clone())).collect();
    Ok((Ground { frozen_at: publication.frozen_at, published }, all))
}

fn prepare(conn: &mut Conn, snapshot: &Snapshot, actor: &Actor, id: PublicationId) -> Result<Prepared> {
    let publication = approved(conn, actor, id)?;
    let (ground, all) = ground(conn, &publication)?;
    let bytes = stored::complete(conn, id)?;
    let complete = Dataset::read(&bytes).map_err(Error::internal)?;
    let public = protected(conn, snapshot, publication.period, &complete)?;
    let versions = all.into_iter().filter(|one| one.issued.is_some() && one.period == publication.period);
    let corrected = versions.max_by_key(|one| one.version);
    let late = late(conn, corrected.as_ref(), &complete)?;
    Ok(Prepared { ground, public, late, complete: hex(&Sha256::digest(&bytes)), corrected })
}

/// Adds the prepared file to the chain; whether its ground still holds.
fn issue(
    conn: &mut Conn,
    actor: &Actor,
    id: PublicationId,
    prepared: &Prepared,
    remark: &str,
) -> Result<bool> {
    let publication = approved(conn, actor, id)?;
    if ground(conn, &publication)?.0 != prepared.ground {
        return Ok(false);
    }
    let last = prepared.ground.published.last_key_value();
    let number = last.map_or(1, |(number, _)| number + 1);
    let now = Utc::now().trunc_subsecs(0);
    let corrected = prepared.corrected.as_ref().and_then(|one| one.issued.as_ref());
    let mut dataset = prepared.public.dataset.clone();
    dataset.issue = Some(Issue {
        number,
        at: now,
        previous: last.map(|(_, sha256)| sha256.clone()),
        corrects: corrected.map(|issued| issued.sha256.clone()),
        complete: prepared.complete.clone(),
        late: prepared.late,
    });
    let file = dataset.canonical()?;
    let sha256 = hex(&Sha256::digest(&file));
    let details = json!({ "number": number, "sha256": sha256, "remark": remark });
    let subject = subject(publication.period, publication.version);
    db::audit::insert(conn, actor, "publication.publication", &subject, &details)?;
    let issued = Issued { number, at: now.naive_utc(), sha256 };
    if !stored::publish(conn, id, &issued, &file)? {
        return Err(moved(conn, id));
    }
    stored::record(conn, id, actor.audit_name(), Step::Publish, remark)?;
    Ok(true)
}

/// How many answers came after the corrected version was frozen, if they are enough to speak of them.
fn late(conn: &mut Conn, corrected: Option<&Publication>, now: &Dataset) -> Result<Option<u64>> {
    let Some(corrected) = corrected else {
        return Ok(None);
    };
    let before = frozen_figures(conn, corrected.id)?;
    let totals = changes(&before, now).into_iter().filter(|change| change.by == Cut::Total);
    let late: u64 = totals.map(|change| change.now.saturating_sub(change.before)).sum();
    Ok((late == 0 || late >= crate::domain::suppress::SHOWN_TO_PUBLIC).then_some(late))
}
