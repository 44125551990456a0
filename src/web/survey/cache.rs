//! Forms that were rendered before, for as long as the catalogue stays as it is.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock, Weak};

use chrono::NaiveDate;

use super::splice::Page;
use super::visit::Subject;
use crate::app::catalogue::Snapshot;
use crate::domain::ids::LinkId;
use crate::domain::questionnaire::tag::Tag;
use crate::error::Result;

/// Most pages kept, at about 25 kB each; beyond it the cache starts anew.
const CAPACITY: usize = 1024;

/// What a rendered form depends on besides the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Link.
    pub link: LinkId,
    /// Language.
    pub tag: Tag,
    /// Whether it stands on a tablet.
    pub kiosk: bool,
    /// Whether a procedure was offered and passed over; the language link then says so.
    pub passed: bool,
    /// What the answers are about.
    pub subject: Subject,
    /// Day: names of units and procedures have dates.
    pub day: NaiveDate,
}

#[derive(Default)]
struct Cache {
    // The address of a snapshot is not used again while a weak pointer to it lives, so that no page
    // of another revision, or of another database in the same process, can be taken for this one.
    snapshot: Weak<Snapshot>,
    pages: HashMap<Key, Arc<Page>>,
}

static CACHE: LazyLock<RwLock<Cache>> = LazyLock::new(RwLock::default);

/// The page of a key, rendered if it is not there yet.
///
/// # Errors
/// Those of `render`.
pub fn page(snapshot: &Arc<Snapshot>, key: Key, render: impl FnOnce() -> Result<Page>) -> Result<Arc<Page>> {
    {
        let cache = CACHE.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = cache.pages.get(&key).filter(|_| is_of(&cache, snapshot)) {
            return Ok(Arc::clone(page));
        }
    }
    let page = Arc::new(render()?);
    let mut cache = CACHE.write().unwrap_or_else(PoisonError::into_inner);
    if !is_of(&cache, snapshot) || cache.pages.len() >= CAPACITY {
        *cache = Cache { snapshot: Arc::downgrade(snapshot), pages: HashMap::new() };
    }
    cache.pages.insert(key, Arc::clone(&page));
    Ok(page)
}

fn is_of(cache: &Cache, snapshot: &Arc<Snapshot>) -> bool {
    std::ptr::eq(cache.snapshot.as_ptr(), Arc::as_ptr(snapshot))
}
