//! Forms that were rendered before, for as long as the catalogue stays as it is.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};

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
struct Held {
    // The address of a snapshot is not used again while a weak pointer to it lives, so that no page
    // of another revision can be taken for this one.
    snapshot: Weak<Snapshot>,
    pages: HashMap<Key, Arc<Page>>,
}

/// The forms that a service has rendered.
#[derive(Default)]
pub struct Cache(RwLock<Held>);

impl Cache {
    /// The page of a key, rendered if it is not there yet.
    ///
    /// # Errors
    /// Those of `render`.
    pub fn page(
        &self,
        snapshot: &Arc<Snapshot>,
        key: Key,
        render: impl FnOnce() -> Result<Page>,
    ) -> Result<Arc<Page>> {
        {
            let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(page) = held.pages.get(&key).filter(|_| is_of(&held, snapshot)) {
                return Ok(Arc::clone(page));
            }
        }
        let page = Arc::new(render()?);
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !is_of(&held, snapshot) || held.pages.len() >= CAPACITY {
            *held = Held { snapshot: Arc::downgrade(snapshot), pages: HashMap::new() };
        }
        held.pages.insert(key, Arc::clone(&page));
        Ok(page)
    }
}

fn is_of(held: &Held, snapshot: &Arc<Snapshot>) -> bool {
    std::ptr::eq(held.snapshot.as_ptr(), Arc::as_ptr(snapshot))
}
